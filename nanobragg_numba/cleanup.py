"""What must not be left behind, however a process ends.

A signal may arrive at any moment, also in the middle of an import, so that the code that answers it can import
nothing and look into no other module. Whoever makes something temporary says here, as it is loaded, how to get rid of
it.
"""

from collections.abc import Callable

_chores: list[Callable[[], object]] = []


def before_the_end(chore: Callable[[], object]) -> None:
    """Have a function called once before the process ends.

    Parameters
    ----------
    chore : callable
        Without arguments. It may run in a signal handler: it imports nothing, and waits for no one.
    """
    _chores.append(chore)


def clean_up() -> None:
    """Do all of it; one chore that fails does not keep the others from being done."""
    while _chores:
        try:
            _chores.pop()()
        except Exception:
            continue
