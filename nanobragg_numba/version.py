"""The version, in one place."""

__version__ = "0.1.0"

VERSION_LINE = f"nanobragg_numba {__version__}"
"""What `--version` prints, whichever command it is."""
