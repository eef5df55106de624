"""By how much the row engine may differ from the C library's arithmetic; derived in docs/row_engine.md."""

U = 2.0**-53

TERM_BOUND = 160.0 * U
"""Relative difference between a term of ours and of C's, square or Gaussian spots."""

STEP_BOUND = 8.0 * U
"""What each further term adds: roundings of one addition and three products, in both sums."""

SINC3_ERROR = 96.0 * U
"""Absolute difference between ours and C's 3 (sin x / x - cos x)."""

SUM_FLOOR = 1e-250
"""Absolute part of every bound: what products that underflow can lose."""

SMALLEST_SAFE = 1e-200
"""Where the running sum is multiplied at every step it must stay above this, or the loop kernel decides."""

LARGEST_SAFE = 1e300
"""A sum above it may have overflowed in one engine and not in the other."""

POLAR_ANGLE = 16.0 * U
"""Absolute difference between our cos(2 psi)/2 and C's, to be multiplied by the Kahn factor and sin^2(2 theta)."""

POLAR_ROUNDING = 16.0 * U
"""Absolute difference between the polarization factors that further roundings make."""
