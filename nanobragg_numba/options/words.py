"""Arguments as callers from Python give them."""

from collections.abc import Sequence


def words_of(args: str | Sequence[str]) -> list[str]:
    """The words of a command line, without the program's name.

    Parameters
    ----------
    args : str or sequence of str
        A string is split as a shell does; quotes hold words together.
    """
    if not isinstance(args, str):
        return list(args)
    import shlex

    return shlex.split(args)
