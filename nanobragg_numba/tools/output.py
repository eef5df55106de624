"""How the tools print: whatever the locale, and however early the reader leaves."""

import os
import sys
from io import TextIOWrapper


def show(text: str) -> None:
    """Print on standard output, at once.

    A letter that the encoding of the terminal lacks is written as an escape. A reader that has
    seen enough (`| head`) is no error: the verdict of a tool is its exit code.

    Parameters
    ----------
    text : str
        Without its last newline.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Or the interpreter would fail once more as it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
