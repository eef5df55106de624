"""By how much the row engine may differ from the C library's arithmetic; derived in docs/row_engine.md."""

U = 2.0**-53

SINE_BOUND = 9.0 * U
"""Relative error of `vector_math.unsigned_sine`."""

COSINE_BOUND = 11.0 * U
"""Absolute error of `vector_math.cosine_polynomial` after the reduction."""

EXPONENTIAL_BOUND = 4.0 * U
"""Relative error of `vector_math.exponential`."""

TERM_BOUND = 164.0 * U
"""Relative difference between a term of ours and of C's, of any shape."""

STEP_BOUND = 2.0 * U
"""What a rounding of the running sum adds to the difference, once in our sum and once in C's."""

SINC3_ERROR = 96.0 * U
"""Absolute difference between ours and C's 3 (sin x / x - cos x)."""

SUM_FLOOR = 1e-250
"""Absolute part of every bound: what products that underflow can lose."""

SMALLEST_FACTOR = 1e-60
"""A structure factor below it, but not zero, may make a term that underflows."""

SMALLEST_SAFE = 1e-200
"""Where the running sum is multiplied at every step it must stay above this, or the loop kernel decides."""

LARGEST_SAFE = 1e300
"""A sum above it may have overflowed in one engine and not in the other."""

POLAR_ANGLE = 16.0 * U
"""Absolute difference between our cos(2 psi)/2 and C's, to be multiplied by the Kahn factor and sin^2(2 theta)."""

POLAR_ROUNDING = 16.0 * U
"""Absolute difference between the polarization factors that further roundings make."""

AXIS_TURN = 4.0
"""What a polarization axis that is off by 1 in a component makes of the factor, times |K|/sin of beam and axis."""

AXIS_ROUNDING = 32.0 * U
"""What further roundings make where the axis is another one, times |K|/sin of beam and axis."""

AXIS_FLOOR = 64.0 * U
"""The same, times |K|."""
