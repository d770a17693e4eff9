"""`python -m oicp_conformance` is the command `oicp-conformance`."""

import sys

from oicp_conformance.cli import main

if __name__ == "__main__":
    sys.exit(main())
