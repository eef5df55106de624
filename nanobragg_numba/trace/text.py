"""Numbers, vectors and matrices as the lines of a trace have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nanobragg_numba.io.numbers import c_format

_INT_MIN = -2147483648


def number(conversion: str, value: float) -> str:
    """Write one number as C's printf does, not-a-number and impossible integers included.

    Parameters
    ----------
    conversion : str
        `%.15g`, `%g` or `%d`.
    value : float

    Returns
    -------
    str
    """
    if conversion == "%d":
        return str(int(value)) if abs(value) < -_INT_MIN else str(_INT_MIN)
    return c_format(conversion, float(value))


Matrix = Sequence[Sequence[float]]


def product(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [[r[0] * c[0] + r[1] * c[1] + r[2] * c[2] for c in columns] for r in left]


def one(value: float) -> str:
    return number("%.15g", value)


def vector(values: Iterable[float]) -> str:
    return " ".join(one(value) for value in values)


def scaled(factor: float, values: Iterable[float]) -> str:
    return vector(factor * value for value in values)


def matrix(rows: Matrix) -> str:
    return f"[{'; '.join(vector(row) for row in rows)}]"
