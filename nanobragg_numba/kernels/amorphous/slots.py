"""The work array of the row engine of amorphous matter; see `kernels.row.slots`."""

from nanobragg_numba.kernels.row.slots import BLOCK

FAST = 0 * BLOCK  # fast index
D1 = 1 * BLOCK  # unit vector to the pixel
D2 = 2 * BLOCK
D3 = 3 * BLOCK
OMEGA = 4 * BLOCK  # solid angle, sr
OMEGA_SUM = 5 * BLOCK
X = 6 * BLOCK  # sin(theta)/lambda in units of cells
F = 7 * BLOCK  # electrons
F_ERROR = 8 * BLOCK
SUM = 9 * BLOCK  # over the sources of one subpixel, without the solid angle
SUM_ERROR = 10 * BLOCK
INTENSITY = 11 * BLOCK  # the running sum I
INTENSITY_ERROR = 12 * BLOCK
VALUE = 13 * BLOCK  # photons, a float32; NaN where the loop kernel must decide
OMEGA_TOTAL = 14 * BLOCK  # solid angles of the blocks of a row
AMORPHOUS_SLOTS = 15
