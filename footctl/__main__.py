"""`python -m footctl`: the command line without the console script."""

import sys

from footctl.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
