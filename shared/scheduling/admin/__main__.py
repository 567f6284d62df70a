"""`python -m scheduling.admin`."""

import sys

from scheduling.admin.program import main

if __name__ == "__main__":
    sys.exit(main())
