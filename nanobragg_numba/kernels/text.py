"""Numbers out of text: lists of reflections, read as fast as they come from the disk."""

from nanobragg_numba.kernels.decorators import entry_kernel, inner_kernel

_TAB, _NEWLINE, _SPACE, _PLUS, _MINUS, _POINT, _ZERO, _NINE = 9, 10, 32, 43, 45, 46, 48, 57
_UPPER_E, _LOWER_E, _TILDE = 69, 101, 126
_MOST_DIGITS = 18
"""So many decimal digits fit 64 bits."""

_LARGEST_EXACT = 1 << 53
"""Whole numbers up to this one are doubles without rounding."""

_MOST_TENS = 22
"""10^22 is the largest power of ten that is a double without rounding."""

FAULT = -1


@inner_kernel
def _skip_blanks(text, at):
    while at < text.size and (text[at] == _SPACE or text[at] == _TAB):
        at += 1
    return at


@inner_kernel
def _is_digit(text, at):
    return at < text.size and _ZERO <= text[at] <= _NINE


@inner_kernel
def _index(text, at):
    """A whole number of at most nine digits; returns it and the place behind it, or FAULT."""
    sign = 1
    if at < text.size and (text[at] == _MINUS or text[at] == _PLUS):
        sign = -1 if text[at] == _MINUS else 1
        at += 1
    start = at
    value = 0
    while _is_digit(text, at):
        value = value * 10 + (int(text[at]) - _ZERO)
        at += 1
        if at - start > 9:
            return 0, FAULT
    return sign * value, at if at > start else FAULT


@inner_kernel
def _split(x):
    """The upper and lower half of a double's digits (Dekker 1971)."""
    shifted = x * 134217729.0  # 2^27 + 1
    upper = shifted - (shifted - x)
    return upper, x - upper


@inner_kernel
def _quotient(digits, power):
    """Whole number below 2^63 over a power of ten, and whether that is rounded as it must be.

    The quotient is found as a sum of two doubles, of which the second is off by less than 2^-45 of itself: where both
    ends of that interval lead to the same double, that is the one.
    """
    first = float(digits)
    rest = float(digits - int(first))
    q = first / power
    q1, q2 = _split(q)
    p1, p2 = _split(power)
    product = q * power
    lost = ((q1 * p1 - product) + q1 * p2 + q2 * p1) + q2 * p2
    correction = ((first - product) - lost + rest) / power
    low, high = q + correction * (1.0 - 2.0**-45), q + correction * (1.0 + 2.0**-45)
    return low, low == high


@inner_kernel
def _scaled(digits, exponent):
    """Decimal digits times a power of ten, rounded once, and whether that is so."""
    power = 1.0
    for _ in range(min(abs(exponent), _MOST_TENS)):
        power *= 10.0
    if abs(exponent) > _MOST_TENS:
        return 0.0, False
    if digits <= _LARGEST_EXACT:
        return float(digits) * power if exponent >= 0 else float(digits) / power, True
    if exponent < 0:
        return _quotient(digits, power)
    return 0.0, False


@inner_kernel
def _number(text, at):
    """A decimal number; returns it, whether it is exact, and the place behind it, or FAULT.

    Where its digits and its power of ten are doubles without rounding, one operation gives it (W. D. Clinger, How to
    read floating point numbers accurately, 1990). For more digits see `_quotient`. All others are not exact.
    """
    negative = at < text.size and text[at] == _MINUS
    if negative or (at < text.size and text[at] == _PLUS):
        at += 1
    digits = significant = decimals = seen = 0
    point = False
    while at < text.size:
        character = text[at]
        if character == _POINT and not point:
            point = True
        elif _ZERO <= character <= _NINE:
            seen += 1
            significant += 1 if significant > 0 or character != _ZERO else 0
            if significant <= _MOST_DIGITS:
                digits = digits * 10 + (int(character) - _ZERO)
            decimals += 1 if point else 0
        else:
            break
        at += 1
    if seen == 0:
        return 0.0, False, FAULT
    exponent = 0
    if at < text.size and (text[at] == _LOWER_E or text[at] == _UPPER_E):
        exponent, at = _index(text, at + 1)
        if at == FAULT:
            return 0.0, False, FAULT
    exponent -= decimals
    value, exact = _scaled(digits, exponent)
    exact = exact and significant <= _MOST_DIGITS
    return -value if negative else value, exact, at


@inner_kernel
def _rest_of_line(text, at):
    """The end of a line, and whether there is more than blanks before it; FAULT for what is no plain text."""
    more = 0
    while at < text.size and text[at] != _NEWLINE:
        if text[at] == _SPACE or text[at] == _TAB:
            at += 1
            continue
        if text[at] < _SPACE or text[at] > _TILDE:
            return FAULT, 0
        more = 1
        at += 1
    return at, more


@inner_kernel
def _ends_a_word(text, at):
    return at >= text.size or text[at] == _SPACE or text[at] == _TAB or text[at] == _NEWLINE


@entry_kernel("uint8[1]", "float64[2]", "int64[2]", results=("int", "int", "bool"))
def read_reflections(text, rows, inexact):
    """Read lines of three whole numbers, a decimal number, and what else there may be.

    Parameters
    ----------
    text : (n,) uint8
    rows : (n_lines, 4) float64
        Receives a row for each line that is not blank.
    inexact : (n_lines, 3) int64
        Receives row, first and last place plus one of each decimal number that has to be read by other means.

    Returns
    -------
    n_rows : int
        FAULT if there is anything else in the text.
    n_inexact : int
    more : bool
        Whether there are further columns.
    """
    n_rows = n_inexact = at = 0
    more = False
    while at < text.size:
        at = _skip_blanks(text, at)
        if at >= text.size or text[at] == _NEWLINE:
            at += 1
            continue
        for column in range(3):
            index, at = _index(text, at)
            if at == FAULT or at >= text.size or not (text[at] == _SPACE or text[at] == _TAB):
                return FAULT, 0, False
            rows[n_rows, column] = index
            at = _skip_blanks(text, at)
        start = at
        value, exact, at = _number(text, at)
        if at == FAULT or not _ends_a_word(text, at):
            return FAULT, 0, False
        rows[n_rows, 3] = value
        if not exact:
            inexact[n_inexact, 0], inexact[n_inexact, 1], inexact[n_inexact, 2] = n_rows, start, at
            n_inexact += 1
        at, here = _rest_of_line(text, at)
        if at == FAULT:
            return FAULT, 0, False
        more = more or here != 0
        n_rows += 1
        at += 1
    return n_rows, n_inexact, more
