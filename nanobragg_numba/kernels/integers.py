"""From floating-point numbers to integers, beyond the range of the integer too."""

from nanobragg_numba.kernels.decorators import kernel


@kernel
def to_int(value):
    """Truncate to the 32 bits of a C int.

    C leaves open what becomes of a number that no int can hold. The processors of the x86-64 family make the lowest
    int of it, of a NaN too, and what is narrower than an int is the low end of that.
    """
    if not (value > -2147483649.0 and value < 2147483648.0):
        return -2147483648
    return int(value)
