"""Options that are said by the environment instead of the command line."""

import os
import re

from nanobragg_numba.errors import OptionError

EDGE_PIXEL = "NB_TRACE_EDGE_PIXEL"
"""Environment variable that adds a pixel to trace: `SLOW,FAST`."""


def edge_pixels() -> list[tuple[int, int]]:
    """Return the pixel that the environment adds to those of -trace_pixel, if it does.

    Returns
    -------
    list of (int, int)
        Slow and fast index; empty where the variable is unset or empty.

    Raises
    ------
    OptionError
        A value that is no two whole numbers with a comma between them.
    """
    text = os.environ.get(EDGE_PIXEL, "").strip()
    if not text:
        return []
    pixel = re.fullmatch(r"(\d{1,9})\s*,\s*(\d{1,9})", text, re.ASCII)
    if not pixel:
        raise OptionError(f'{EDGE_PIXEL} is "{text}"; write it SLOW,FAST, as in 0,4095')
    return [(int(pixel[1]), int(pixel[2]))]
