"""Numbers read and printed as the C library reads and prints them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

_SPACE = r"[ \t\n\v\f\r]*"
_FLOAT = re.compile(
    _SPACE
    + r"""(?P<sign>[+-]?)(?:
        (?P<hex>0[xX](?:[0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)(?:[pP][+-]?[0-9]+)?)
      | (?P<decimal>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<inf>[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)
      | (?P<nan>[nN][aA][nN](?:\([0-9A-Za-z_]*\))?)
    )""",
    re.VERBOSE,
)
_INTEGER = re.compile(_SPACE + r"(?P<sign>[+-]?)0*(?P<digits>[0-9]*)")
_CONVERSION = re.compile(r"%(?:%|[-+ #0]*[0-9]*(?:\.[0-9]*)?[hlLqjzt]*[A-Za-z])")

_LONG_MAX = 2**63 - 1


def leading_float(text: str) -> tuple[float, str] | None:
    """Read the longest numeric prefix as strtod does.

    Parameters
    ----------
    text : str
        White space, then a sign, then a decimal or hexadecimal number, `inf`, `infinity` or
        `nan`, then anything.

    Returns
    -------
    (value, rest) or None
        The value, infinite where it overflows, and the text after it; None where there is no
        numeric prefix (atof gives 0 there).
    """
    match = _FLOAT.match(text)
    if match is None:
        return None
    if match["hex"]:
        value = _hexadecimal(match["hex"])
    elif match["decimal"]:
        value = float(match["decimal"])
    else:
        value = math.inf if match["inf"] else math.nan
    if match["sign"] == "-":
        value = -value
    return value, text[match.end() :]


def _hexadecimal(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return math.inf


def whole_float(text: str) -> float | None:
    """The finite or infinite number that all of `text` is, or None."""
    found = leading_float(text)
    return found[0] if found is not None and not found[1] else None


def leading_long(text: str) -> tuple[int, str] | None:
    """Read the longest decimal integer prefix as strtol does, kept inside 64 bits.

    Returns
    -------
    (value, rest) or None
        None where there is no digit.
    """
    match = _INTEGER.match(text)
    # Both the zeros that are skipped and the digits may be the whole number.
    if match is None or not text[: match.end()].endswith(tuple("0123456789")):
        return None
    digits = match["digits"] or "0"
    # Longer runs cannot fit, and Python refuses to convert very long ones.
    magnitude = int(digits) if len(digits) < 20 else _LONG_MAX + 1
    value = -magnitude if match["sign"] == "-" else magnitude
    return max(-_LONG_MAX - 1, min(_LONG_MAX, value)), text[match.end() :]


def leading_int(text: str) -> tuple[int, str] | None:
    """Read the longest decimal integer prefix as atoi does: strtol, of which 32 bits are kept.

    A caller that wants to refuse a number that does not fit compares with `leading_long`.

    Returns
    -------
    (value, rest) or None
        None where there is no digit (atoi gives 0 there).
    """
    found = leading_long(text)
    if found is None:
        return None
    return (found[0] + 2**31) % 2**32 - 2**31, found[1]


def c_format(template: str, *values: float | str) -> str:
    """Format as printf does.

    Python's % operator agrees digit for digit with glibc for finite numbers; it differs for a NaN
    whose sign bit is set, which C prints as `-nan`, and for the `0` flag of anything not finite.

    Parameters
    ----------
    template : str
        printf conversions without `*`.
    values : float, int or str
        One for each conversion.
    """
    if all(not isinstance(value, float) or math.isfinite(value) for value in values):
        return template % values
    remaining = iter(values)
    return _CONVERSION.sub(lambda match: _format_one(match[0], remaining), template)


def _format_one(conversion: str, remaining: Iterator[float | str]) -> str:
    if conversion == "%%":
        return "%"
    value = next(remaining)
    if not isinstance(value, float) or math.isfinite(value):
        return conversion % value
    flags = re.match(r"%[-+ #0]*", conversion)
    assert flags is not None
    conversion = flags[0].replace("0", "") + conversion[flags.end() :]
    if not math.isnan(value) or math.copysign(1.0, value) > 0.0:
        return conversion % value
    # An infinity carries its sign through the operator, a NaN does not.
    return (conversion % -math.inf).replace("inf", "nan").replace("INF", "NAN")
