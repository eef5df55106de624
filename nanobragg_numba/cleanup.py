"""What must not be left behind, however a process ends.

A signal may arrive at any moment, also in the middle of an import, so that the code that answers it can import
nothing and look into no other module. Whoever makes something temporary says here, as it is loaded, how to get rid of
it.
"""

from collections.abc import Callable

_callbacks: list[Callable[[], object]] = []


def run_at_exit(callback: Callable[[], object]) -> None:
    """Have a function called once before the process ends.

    Parameters
    ----------
    callback : callable
        Without arguments. It may run in a signal handler: it imports nothing, and waits for no one.
    """
    _callbacks.append(callback)


def clean_up() -> None:
    """Call them all; one callback that fails does not keep the others from being called."""
    while _callbacks:
        try:
            _callbacks.pop()()
        except Exception:
            continue
