"""The work array of the row engine: one flat array of float64, a slot of BLOCK numbers for each quantity.

Slots lie at constant distances in one array, which lets the compiler see that they do not overlap; that is a
condition of vectorizing a loop. A loop over a block runs over `chunks * LANES` numbers, a multiple of every
vector length, so that no scalar remainder is left; what lies beyond the last pixel of a row is computed and dropped.
"""

LANES = 32
BLOCK = 256

# one number a pixel, m, sr or as named in the specification of the pixel loop
FAST = 0 * BLOCK  # fast index
D1 = 1 * BLOCK  # unit vector to the pixel
D2 = 2 * BLOCK
D3 = 3 * BLOCK
AIRPATH = 4 * BLOCK
OMEGA = 5 * BLOCK
OMEGA_SUM = 6 * BLOCK
CAPTURE = 7 * BLOCK
POLAR = 8 * BLOCK
POLAR_ERROR = 41 * BLOCK  # absolute bound of it; 0 where it is exact
LIVE = 9 * BLOCK  # 0 where -dmin skips the source, else 1
Q1 = 10 * BLOCK  # scattering vector, 1/m
Q2 = 11 * BLOCK
Q3 = 12 * BLOCK
H = 13 * BLOCK
K = 14 * BLOCK
L = 15 * BLOCK
F_LATT = 16 * BLOCK
F_LATT_ERROR = 17 * BLOCK  # absolute part of its bound
INDEX = 18 * BLOCK  # of a structure factor in the flat grid, -1 outside
F_CELL = 19 * BLOCK
INTENSITY = 20 * BLOCK  # the running sum I; NaN hands the pixel to the loop kernel
INTENSITY_ERROR = 21 * BLOCK  # absolute part of its bound
VALUE = 22 * BLOCK  # photons, a float32; NaN where the loop kernel must decide
# interpolation: products of differences along each axis, four slots each, in the order of the grid points
WEIGHT_H = 23 * BLOCK
WEIGHT_K = 27 * BLOCK
WEIGHT_L = 31 * BLOCK
WEIGHT = 35 * BLOCK  # the one at hand
CORNER = 36 * BLOCK  # four grid values in a row
ALONG_K = 40 * BLOCK  # interpolated along l and k
AXIS = 42 * BLOCK  # four numbers: polarization axis as a pixel of the row finds it, and the fast index of that pixel
SLOTS = 43
