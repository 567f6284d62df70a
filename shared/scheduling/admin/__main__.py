"""`python -m scheduling.admin`."""

import os
import sys

from scheduling.admin.program import main

if __name__ == "__main__":
    # What functions log is for machines; a command's output is for the person who gave it.
    os.environ["POWERTOOLS_LOG_LEVEL"] = "ERROR"
    sys.exit(main())
