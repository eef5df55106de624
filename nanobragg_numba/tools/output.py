"""How the tools print."""


def show(text: str) -> None:
    """Print on standard output, at once; what can go wrong with that is the guard's business.

    Parameters
    ----------
    text : str
        Without its last newline.
    """
    print(text, flush=True)
