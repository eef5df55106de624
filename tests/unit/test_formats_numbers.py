"""Numbers against the C library itself, bit for bit."""

import ctypes
import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobragg_numba.io.numbers import c_format, leading_float, leading_int, leading_long, whole_float

LIBC = ctypes.CDLL(None)
LIBC.strtod.restype = ctypes.c_double
LIBC.strtod.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p)]
LIBC.strtol.restype = ctypes.c_long
LIBC.strtol.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int]
LIBC.atoi.restype = ctypes.c_int
LIBC.atoi.argtypes = [ctypes.c_char_p]


def bits(value):
    """The bytes of a double, NaNs of one sign alike."""
    if math.isnan(value):
        return "-nan" if math.copysign(1.0, value) < 0.0 else "nan"
    return struct.pack("d", value)


def strtod(text):
    buffer = ctypes.create_string_buffer(text.encode("latin-1"))
    start = ctypes.cast(buffer, ctypes.c_char_p)
    end = ctypes.c_char_p()
    value = LIBC.strtod(start, ctypes.byref(end))
    return value, (end.value or b"").decode("latin-1")


def strtol(text):
    buffer = ctypes.create_string_buffer(text.encode("latin-1"))
    end = ctypes.c_char_p()
    value = LIBC.strtol(ctypes.cast(buffer, ctypes.c_char_p), ctypes.byref(end), 10)
    return value, (end.value or b"").decode("latin-1")


def printf(template, value):
    buffer = ctypes.create_string_buffer(2000)
    LIBC.snprintf(buffer, 2000, template.encode(), ctypes.c_double(value))
    return buffer.value.decode()


number_like = st.text(alphabet="0123456789+-.eExXpPaAfF infINFtyYan()_\t#", max_size=24)
decimal_like = st.from_regex(
    r"\A[ \t\n]{0,2}[+-]?[0-9]{0,25}\.?[0-9]{0,25}([eE][+-]?[0-9]{0,4})?[a-z]{0,2}\Z"
)
hexadecimal_like = st.from_regex(r"\A[+-]?0x[0-9a-f]{0,20}\.?[0-9a-f]{0,20}(p[+-]?[0-9]{0,5})?\Z")


@settings(deadline=None, max_examples=400)
@given(number_like | decimal_like | hexadecimal_like)
def test_leading_float_is_strtod(text):
    value, rest = strtod(text)
    found = leading_float(text)
    if found is None:
        assert rest == text, "C found a number"
    else:
        assert (bits(found[0]), found[1]) == (bits(value), rest)


@pytest.mark.parametrize(
    "text",
    [
        *("1", "-1", "+1", ".5", "5.", ".", "-", "1e", "1e+", "1e5", "1E-400", "1e400", "-1e400"),
        *("0x", "0x.", "0x1p4", "0x.8", "0x1.8p1z", "0x1p99999", "0x1p", "0x1p-1075", "-0x.0"),
        *("inf", "-inf", "infinit", "INFINITY", "nan", "-nan", "nan(12)", "nan(", "i", "n", "-0"),
        *("1.5mm", "1,5", "1_000", "1e5e5", "--1", "+-1", "\u0661", "", " ", "\xa01", "\v\f1"),
        *("2.2250738585072011e-308", "0x1.fffffffffffff8p1023", "1" * 400, "0." + "0" * 400 + "1"),
    ],
)
def test_leading_float_by_hand(text):
    # Only ASCII digits and blanks count: what is written otherwise is no number.
    value, rest = strtod(text) if text.isascii() else (0.0, text)
    found = leading_float(text)
    assert (found is None) == (rest == text)
    if found is not None:
        assert (bits(found[0]), found[1]) == (bits(value), rest)


@settings(deadline=None, max_examples=300)
@given(st.from_regex(r"\A[ \t]{0,2}[+-]?[0-9]{0,24}[a-z.]{0,2}\Z") | number_like)
def test_leading_int_is_atoi(text):
    value, rest = strtol(text)
    found = leading_long(text)
    if found is None:
        assert rest == text, "C found a number"
        assert leading_int(text) is None
    else:
        assert found == (value, rest)
        assert leading_int(text) == (LIBC.atoi(text.encode("latin-1")), rest)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2147483648", -(2**31)),
        ("4294967297", 1),
        ("99999999999999999999", -1),
        ("-99999999999999999999", 0),
        ("0" * 5000 + "7", 7),
        ("9" * 5000, -1),
        ("12.9", 12),
        ("-0", 0),
        ("0x10", 0),
    ],
)
def test_leading_int_by_hand(text, value):
    assert leading_int(text)[0] == value == LIBC.atoi(text.encode())


def test_a_whole_number_has_nothing_after_it():
    assert whole_float("1e3") == 1000.0
    assert whole_float("1e3 ") is None
    assert whole_float("") is None


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from(
        ["%g", "%f", "%e", "%G", "%E", "%F", "%.0f", "%11.8f", "%.15g", "%.25g", "%-12g|", "%+g"]
        + ["%05g", "%08.3f", "%#g", "%-08f|", "%+012g", "% g", "% 9g", "a %g b%%"]
    ),
    st.floats() | st.sampled_from([-math.nan, math.nan, math.inf, -math.inf, -0.0, 5e-324]),
)
def test_c_format_is_printf(template, value):
    assert c_format(template, value) == printf(template, value)


def test_c_format_of_several_values():
    line = c_format("%d%% %s %g %5.1f %ld\n", 3, "of", -math.nan, 2.25, 7)
    assert line == "3% of -nan   2.2 7\n"
    assert c_format("100%% %g", 1.5) == "100% 1.5"
