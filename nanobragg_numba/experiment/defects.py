"""Which defects of the C program are not reproduced."""

from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class Defects:
    """Defects by the names of -fix.

    Attributes
    ----------
    fixed : tuple of str
        In the order of the table of defects. Fixes of the set-up (cell, pix0, ...) have done their work when an
        experiment is made; the others take effect when it is rendered or written.
    """

    fixed: tuple[str, ...] = ()
