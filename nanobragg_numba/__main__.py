"""`python -m nanobragg_numba` is the command."""

import sys

from nanobragg_numba.programs.nanobragg.cli import main

if __name__ == "__main__":
    sys.exit(main())
