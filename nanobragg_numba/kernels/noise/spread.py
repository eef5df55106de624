"""Point spread: every pixel's photons laid over its neighbours, with the roundings of the C program.

Each addition is rounded to float32, so what an output pixel holds depends on the order of its additions: sources as
they come in the file, and of each source that reaches a pixel of the first column both ways the direct part before the
one that was put beyond the right edge. Output rows are independent of each other. Of a source a row of the output takes
a row of the kernel, which is contiguous.

Two ways lead to the same sums. `gather_rows` goes through the offsets of a small kernel and takes all pixels of a row
at once; `scatter_rows` goes through the sources of each row. The first column is summed by `first_column`.
"""

import math

import numpy as np

from nanobragg_numba.kernels.decorators import entry_kernel, inlined_kernel, inner_kernel
from nanobragg_numba.kernels.noise.point_spread import fiber_value
from nanobragg_numba.kernels.vector_math import wide_vectors

_BLOCK = 1024
LANES = 4
"""Parts that vector instructions take at once."""
SMALL = 64
"""Radii below it have kernels of their own."""
MARGIN = SMALL + LANES
"""Pixels to each side of a row that these may write to."""


@inner_kernel
def _add_offset(photons, radii, threshold, part, row):
    wide_vectors()
    for x in range(row.size):
        value = photons[x]  # read in any case, or there would be no vector instructions
        value = value if radii[x] >= threshold else np.float32(0.0)
        row[x] = np.float32(np.float64(row[x]) + np.float64(value) * part)


@entry_kernel("float32[2]", "int16[2]", "float64[2]", "int", "int", "int", "int16[2]", "float32[2]", group="noisify")
def gather_rows(photons, radii, kernel, R, start, stop, thresholds, out):
    """Rows of the spread image, offset by offset; for finite photons.

    Parameters
    ----------
    photons : (ypixels, xpixels) float32
    radii : (ypixels, xpixels) int
    kernel : (2R+1, 2R+1) float64
    start, stop : int
        Rows.
    thresholds : (2R+1, 2R+1) int
        Smallest radius that reaches an offset.
    out : (ypixels, xpixels) float32
    """
    ypixels, xpixels = photons.shape
    for y in range(start, stop):
        for block in range(0, xpixels, _BLOCK):
            end = min(block + _BLOCK, xpixels)
            row = out[y]
            for x in range(block, end):
                row[x] = 0.0
            for source in range(max(y - R, 0), min(y + R + 1, ypixels)):
                for offset in range(-R, R + 1):
                    part = kernel[y - source + R, R - offset]
                    threshold = thresholds[y - source + R, R - offset]
                    x0, x1 = max(block, -offset), min(end, xpixels - offset)
                    if part != 0.0 and threshold <= R and x1 > x0:
                        a, b = x0 + offset, x1 + offset
                        _add_offset(photons[source, a:b], radii[source, a:b], threshold, part, row[x0:x1])


@inner_kernel
def _add_row(value, parts, row):
    wide_vectors()
    for x in range(row.size):
        row[x] = np.float32(np.float64(row[x]) + value * parts[x])


@inner_kernel
def _add_undefined(value, parts, row):
    """As `_add_row`, for what is not finite: a part of 0 is no part."""
    for x in range(row.size):
        if parts[x] != 0.0:
            row[x] = np.float32(np.float64(row[x]) + value * parts[x])


@inner_kernel
def _add_from_corners(value, corners, dy, dx0, dx1, row, x):
    """As `_add_row`, with the kernel taken from the integrals."""
    for dx in range(dx0, dx1):
        part = fiber_value(corners, dx, dy)
        if part != 0.0:
            row[x + dx] = np.float32(np.float64(row[x + dx]) + value * part)


@inlined_kernel
def _half_width(r, dy):
    """Pixels to each side that a circle has at a height; exact, because the numbers are far below 2^53."""
    return np.int64(math.sqrt(np.float64(r * r - dy * dy)))


@inner_kernel
def _scatter_source(value, x, r, dy, kernel, corners, row):
    xpixels = row.size
    half = _half_width(r, dy)
    x0, x1 = max(x - half, 0), min(x + half + 1, xpixels)
    R = kernel.shape[0] // 2
    if r > R:
        _add_from_corners(value, corners, dy, x0 - x, x1 - x, row, x)
    elif abs(value) < math.inf:
        _add_row(value, kernel[dy + R, x0 - x + R : x1 - x + R], row[x0:x1])
    else:
        _add_undefined(value, kernel[dy + R, x0 - x + R : x1 - x + R], row[x0:x1])


@inlined_kernel
def _add_small(value, parts, line):
    """As `_add_row`, for rows of so many parts as vector instructions take at once; those beyond the circle are 0."""
    for k in range(parts.size):
        line[k] = np.float32(np.float64(line[k]) + value * parts[k])


@inlined_kernel
def _scatter_one(value, x, r, dy, kernel, corners, small, halves, line):
    if r < small.shape[0]:
        half = halves[r, abs(dy)]
        count = (2 * half + LANES) // LANES * LANES
        place = MARGIN + x - half
        _add_small(value, small[r, dy + r, :count], line[place : place + count])
    else:
        _scatter_source(value, x, r, dy, kernel, corners, line[MARGIN : line.size - MARGIN])


@entry_kernel(
    "float32[2]", "int16[2]", "int64[1]", "int64[1]", "int64[2]", "int32[1]", "float64[2]", "float64[2]",
    "float64[3]", "int64[2]", "int", "int", "float32[1]", "float32[2]", group="noisify",
)  # fmt: skip
def scatter_rows(
    photons, radii, row_radii, levels, starts, places, kernel, corners, small, halves, start, stop, line, out
):
    """Rows of the spread image, source by source.

    Parameters
    ----------
    photons : (ypixels, xpixels) float32
    radii : (ypixels, xpixels) int
    row_radii : (ypixels,) int64
        Largest radius of each row.
    levels : (n,) int64
        Distances from which on the list of that level is gone through instead of the whole row, ascending.
    starts : (n, ypixels + 1) int64
        Where the list of each row begins in `places`.
    places : (m,) int32
        x of the sources whose radius is at least that of the level.
    kernel : (2R+1, 2R+1) float64
    corners : (k, k) float64
        Integrals, for radii above R.
    small : (r, 2r-1, n) float64
        Of each radius below r the kernel's rows from the edge of the circle on, see `engine.spread`; for finite
        photons, else r is 0.
    halves : (r, r) int64
        Of each radius and height the pixels to each side that the circle has.
    start, stop : int
        Rows.
    line : (xpixels + 2 MARGIN,) float32
        Room for a row.
    out : (ypixels, xpixels) float32
    """
    ypixels, xpixels = photons.shape
    reach = np.int64(0)
    for y in range(ypixels):
        reach = max(reach, row_radii[y])
    for y in range(start, stop):
        for x in range(line.size):
            line[x] = 0.0
        for source in range(max(y - reach, 0), min(y + reach + 1, ypixels)):
            dy = y - source
            distance = max(abs(dy), 1)
            if row_radii[source] < distance:
                continue
            level = -1
            while level + 1 < levels.size and levels[level + 1] <= distance:
                level += 1
            first, last = (0, xpixels) if level < 0 else (starts[level, source], starts[level, source + 1])
            for k in range(first, last):
                x = k if level < 0 else np.int64(places[k])
                r = np.int64(radii[source, x])
                if r >= distance:
                    _scatter_one(
                        np.float64(photons[source, x]), x, r, dy, kernel, corners, small, halves, line
                    )
        for x in range(xpixels):
            out[y, x] = line[MARGIN + x]


@inlined_kernel
def _add_one(total, value, r, dx, dy, kernel, corners):
    if dx * dx + dy * dy > r * r:
        return total
    R = kernel.shape[0] // 2
    part = kernel[dy + R, dx + R] if r <= R else fiber_value(corners, dx, dy)
    return np.float32(np.float64(total) + value * part) if part != 0.0 else total


@entry_kernel(
    "float32[2]", "int16[2]", "int64[1]", "int32[1]", "int64[1]", "float64[2]", "float64[2]", "int", "int",
    "float32[2]", group="noisify",
)  # fmt: skip
def first_column(photons, radii, starts, places, reach, kernel, corners, start, stop, out):
    """The first column of the spread image, where the part of the row above lands that is beyond the right edge.

    Parameters
    ----------
    photons, radii, kernel, corners, start, stop, out
        As for `scatter_rows`.
    starts : (ypixels + 1,) int64
    places : (m,) int32
        x of the sources of each row that reach the first pixel of a row, or the one beyond its end.
    reach : (ypixels,) int64
        Largest radius of these.
    """
    ypixels, xpixels = photons.shape
    largest = np.int64(0)
    for y in range(ypixels):
        largest = max(largest, reach[y])
    for y in range(start, stop):
        total = np.float32(0.0)
        for source in range(max(y - 1 - largest, 0), min(y + largest + 1, ypixels)):
            dy = y - source
            if reach[source] < min(abs(dy), abs(dy - 1)):
                continue
            for k in range(starts[source], starts[source + 1]):
                x = np.int64(places[k])
                r = np.int64(radii[source, x])
                value = np.float64(photons[source, x])
                total = _add_one(total, value, r, -x, dy, kernel, corners)
                if y > 0:
                    total = _add_one(total, value, r, xpixels - x, dy - 1, kernel, corners)
        out[y, 0] = total


@entry_kernel("float32[1]", "int", "int", "float", group="noisify")
def add_share(image, start, stop, share):
    """Give back to each pixel, (n,) float32, its share of the lost photons.

    Parameters
    ----------
    image : (n,) float32
        Photons, changed in place.
    start, stop : int
        Range of pixels.
    share : float
        Photons for each pixel.
    """
    for i in range(start, stop):
        image[i] = np.float32(share) if share != share else np.float32(np.float64(image[i]) + share)
