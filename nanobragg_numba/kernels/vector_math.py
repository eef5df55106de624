"""Sine, cosine and exponential in a form that a compiler can turn into vector instructions.

They are accurate, but not the C library's: their last bit may differ, and `guard` answers for that. All are
free of branches and calls. The error of each over its argument range is derived in docs/row_engine.md.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import Instruction, inner_kernel


@Instruction
def wide_vectors():
    """Ask for 512-bit vectors in the function that calls this, and that it stays a function of its own.

    LLVM prefers 256 bits on many processors that have 512. The preference is an attribute of one function,
    so nothing else in the process is compiled differently.
    """


@Instruction
def has_fma():
    """Whether the processor that is compiled for is known to have a fused multiply-add instruction."""
    return False


@Instruction
def fused_multiply_add(a, b, c):
    """Compute a*b + c, rounded once, whatever the processor; never called where nothing is compiled.

    Parameters
    ----------
    a, b, c : float
    """
    return a * b + c


@Instruction
def multiply_add(a, b, c):
    """Compute a*b + c, rounded once where the processor has the instruction, else twice.

    Parameters
    ----------
    a, b, c : float
    """
    return a * b + c


ROUNDER = 6755399441055744.0
"""1.5 * 2^52: added and taken away again it rounds to the nearest integer."""

INVERSE_PI = 0.3183098861837907

# pi in three doubles, for products that are rounded once.
PI_HI = math.pi
PI_LO = 1.2246467991473532e-16
PI_LOWEST = -2.9947698097183397e-33

# pi in four doubles, of 27 bits each but the last: the products of the first three with integers below 2^26 are exact.
PI_1 = float.fromhex("0x1.921fb54p+1")
PI_2 = float.fromhex("0x1.10b4610p-29")
PI_3 = float.fromhex("0x1.a626330p-57")
PI_4 = float.fromhex("0x1.45c06e0e68948p-85")

LARGEST_ARGUMENT = 2.0**26
"""Up to which |x| sine and cosine keep their bounds; the row engine hands larger ones to the loop kernel."""

# sin r = r + r^3 S(r^2), minimax in the relative error on |r| <= pi/2 + 2^-10, 1.84e-16 with these doubles.
SINE = (
    -0.16666666666666183,
    0.008333333333285177,
    -0.0001984126982495369,
    2.7557316587321948e-06,
    -2.5051879414306535e-08,
    1.6048068031821633e-10,
    -7.373004785432818e-13,
)

# cos r = 1 + r^2 C(r^2), minimax in the absolute error on the same interval, 4.4e-17.
COSINE = (
    -0.49999999999999983,
    0.04166666666666435,
    -0.0013888888888784884,
    2.4801587279009896e-05,
    -2.755731651186526e-07,
    2.087656703991629e-09,
    -1.146302040291714e-11,
    4.6100872815983503e-14,
)

INVERSE_LN2 = 1.4426950408889634
# ln 2 in three doubles, of 32 bits each but the last.
LN2_1 = float.fromhex("0x1.62e42feep-1")
LN2_2 = float.fromhex("0x1.a39ef356p-33")
LN2_3 = float.fromhex("0x1.93c7673007e5fp-65")

# exp r = 1 + r + r^2 E(r), minimax in the relative error on |r| <= ln(2)/2 + 2^-10, 7.2e-18.
EXPONENTIAL = (
    0.5000000000000011,
    0.16666666666666405,
    0.04166666666652721,
    0.008333333333497998,
    0.0013888888944517295,
    0.0001984126950106788,
    2.4801492081299965e-05,
    2.755758931557817e-06,
    2.7630642003164986e-07,
    2.4999767531965342e-08,
)

_LN2 = math.log(2.0)
_ROOT_HALF = 0x3FE6A09E667F3BCD
"""Bits of the square root of 1/2, a double."""


@inner_kernel
def nearest_multiple_of_pi(x):
    """Integer n, as a float, for which x - n pi is within pi/2 and a little."""
    return multiply_add(x, INVERSE_PI, ROUNDER) - ROUNDER


@inner_kernel
def remove_multiples_of_pi(x, n):
    """Compute x - n pi with a relative error of a few units of 2^-53, near zero too."""
    if has_fma():
        r = fused_multiply_add(-n, PI_HI, x)
        r = fused_multiply_add(-n, PI_LO, r)
        return fused_multiply_add(-n, PI_LOWEST, r)
    r = multiply_add(-n, PI_1, x)
    r = multiply_add(-n, PI_2, r)
    r = multiply_add(-n, PI_3, r)
    return multiply_add(-n, PI_4, r)


@inner_kernel
def sine_polynomial(r):
    """Sine of |r| <= pi/2 + 2^-10."""
    z = r * r
    p = multiply_add(z, SINE[6], SINE[5])
    p = multiply_add(z, p, SINE[4])
    p = multiply_add(z, p, SINE[3])
    p = multiply_add(z, p, SINE[2])
    p = multiply_add(z, p, SINE[1])
    p = multiply_add(z, p, SINE[0])
    return multiply_add(r * z, p, r)


@inner_kernel
def cosine_polynomial(r):
    """Cosine of |r| <= pi/2 + 2^-10, with a bounded absolute error."""
    z = r * r
    p = multiply_add(z, COSINE[7], COSINE[6])
    p = multiply_add(z, p, COSINE[5])
    p = multiply_add(z, p, COSINE[4])
    p = multiply_add(z, p, COSINE[3])
    p = multiply_add(z, p, COSINE[2])
    p = multiply_add(z, p, COSINE[1])
    p = multiply_add(z, p, COSINE[0])
    return multiply_add(z, p, 1.0)


@inner_kernel
def unsigned_sine(x):
    """Sine of x up to its sign, for |x| <= LARGEST_ARGUMENT."""
    return sine_polynomial(remove_multiples_of_pi(x, nearest_multiple_of_pi(x)))


@inner_kernel
def unsigned_sincg(h, N):
    """Compute sin(N x) / sin(x) up to its sign, x = pi h rounded as `lattice.sincg` finds it."""
    x = math.pi * h
    quotient = unsigned_sine(x * N) / unsigned_sine(x)
    return N if x == 0.0 else quotient


@inner_kernel
def unsigned_sinc3(x):
    """Transform of a sphere up to its sign, see `lattice.sinc3`."""
    r = remove_multiples_of_pi(x, nearest_multiple_of_pi(x))
    value = 3.0 * (sine_polynomial(r) / x - cosine_polynomial(r)) / (x * x)
    return 1.0 if x == 0.0 else value


@inner_kernel
def exponential(x):
    """Compute exp(x) for -708 <= x <= 708."""
    shifted = multiply_add(x, INVERSE_LN2, ROUNDER)
    n = shifted - ROUNDER
    r = multiply_add(-n, LN2_1, x)
    r = multiply_add(-n, LN2_2, r)
    r = multiply_add(-n, LN2_3, r)
    p = multiply_add(r, EXPONENTIAL[9], EXPONENTIAL[8])
    p = multiply_add(r, p, EXPONENTIAL[7])
    p = multiply_add(r, p, EXPONENTIAL[6])
    p = multiply_add(r, p, EXPONENTIAL[5])
    p = multiply_add(r, p, EXPONENTIAL[4])
    p = multiply_add(r, p, EXPONENTIAL[3])
    p = multiply_add(r, p, EXPONENTIAL[2])
    p = multiply_add(r, p, EXPONENTIAL[1])
    p = multiply_add(r, p, EXPONENTIAL[0])
    # the low bits of `shifted` are n; moved up they are the exponent of 2^n
    bits = (np.float64(shifted).view(np.int64) + 1023) << 52
    power = np.int64(bits).view(np.float64)
    return multiply_add(r * r, p, r + 1.0) * power


@inner_kernel
def logarithm(x):
    """Compute log(x) of a positive normal double: x = 2^k m, and log m = 2 atanh((m - 1)/(m + 1)), to 1.2e-14."""
    bits = np.float64(x).view(np.int64)
    k = (bits - _ROOT_HALF) >> 52
    m = np.int64(bits - (k << 52)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = multiply_add(z, 1.0 / 15.0, 1.0 / 13.0)
    p = multiply_add(z, p, 1.0 / 11.0)
    p = multiply_add(z, p, 1.0 / 9.0)
    p = multiply_add(z, p, 1.0 / 7.0)
    p = multiply_add(z, p, 1.0 / 5.0)
    p = multiply_add(z, p, 1.0 / 3.0)
    return multiply_add(np.float64(k), _LN2, 2.0 * multiply_add(s * z, p, s))
