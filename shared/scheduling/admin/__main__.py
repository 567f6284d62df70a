"""`python -m scheduling.admin`."""

import sys

from scheduling.admin.program import main
from scheduling.wiring import operating

if __name__ == "__main__":
    operating.silence_logs()
    sys.exit(main())
