"""`python -m nanobragg_numba` is the command."""

import sys

from nanobragg_numba.cli import main

if __name__ == "__main__":
    sys.exit(main())
