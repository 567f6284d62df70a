"""`python -m scheduling.admin`."""

import sys

from scheduling.admin.program import main
from scheduling.wiring import operations

if __name__ == "__main__":
    operations.silence_logs()
    sys.exit(main())
