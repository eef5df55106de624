"""What the kernels of amorphous matter need to know of an experiment: plain numbers and arrays."""

from typing import Any, NamedTuple

from nanobragg_numba.native.calls import declare_arrays

Array = Any
"""An array, for whom Numba has a type of its own."""


class AmorphousScene(NamedTuple):
    """An experiment laid out for the kernels: SI units, flags 0 or 1. A Window's fields stand first."""

    fpixels: int
    spixels: int
    roi_xmin: int  # bounds included, clipped to the image
    roi_xmax: int
    roi_ymin: int
    roi_ymax: int
    mask: Array  # (0, 0) uint16: there is none
    pixel_size: float
    subpixel_size: float
    oversample: int
    fdet: Array  # (3,) unit vector along the fast axis
    sdet: Array  # (3,) along the slow axis
    odet: Array  # (3,) the normal
    pix0: Array  # (3,) corner of the first pixel
    beam: Array  # (3,) unit vector along the incident beam
    distance: float
    close_distance: float
    curved: int
    Fbeam: float  # beam centre along the fast and slow axis, from the corner of the first pixel
    Sbeam: float
    point_pixel: int
    # beam
    incident: Array  # (n_sources, 3) unit incident directions
    incident_again: Array  # (n_sources, 3) the same, normalized once more
    wavelengths: Array  # (n_sources,)
    weights: Array  # (n_sources,)
    nopolar: int
    kahn: float
    axes: Array  # (n, 3) polarization vector of the first calls of the run; see `axis_of_call`
    axes_repeat: int  # so many of the last ones are repeated for ever
    fluence: float  # photons/m^2
    r_e_sqr: float  # m^2
    # sample
    molecules: float
    steps: float  # sources * oversample^2
    # table
    stol: Array  # (count + PADDING,) 1/m; NaN beyond the points
    F: Array  # (count + PADDING,) electrons per molecule
    points: int
    increasing: int  # no two abscissae are equal or fall
    end_values: int  # beyond the table F is its end value
    # what is rendered
    Fmap: int  # the image is F itself
    means: int  # what stands for a pixel is the mean over what was sampled, not the last of it


declare_arrays(
    AmorphousScene, mask="uint16[2]", incident="float64[2]", incident_again="float64[2]", axes="float64[2]"
)  # fmt: skip


class AmorphousRows(NamedTuple):
    """What the row engine needs beside the scene: the table in cells, and its bounds; see docs/row_engine.md.

    Cells have one width, a power of two; x is sin(theta)/lambda divided by it. In a cell there is at most one
    abscissa of the table, the knot, and on each side of it F is a cubic of x minus the cell's number.
    """

    suits: int  # whether the row engine may do the scene
    per_scattering: Array  # (n_sources,) x divided by the difference of two unit vectors
    knots: Array  # (n_cells,) in units of cells; infinite where there is none
    cubics: Array  # (8*n_cells,) coefficients from the constant one on, below and then above the knot of each cell
    F_error: Array  # (2*n_cells,) by how much F may differ from C's on each side; infinite where cells are crowded
    first_knot: float  # of the table, in cells
    last_knot: float
    planes: Array  # (n_sources, 6) unit vectors along the magnetic and the electric field
    F_part: float  # weight of the error of F^2 in that of the sum
    I_part: Array  # (n_sources,) weight of F^2 itself in it


declare_arrays(AmorphousRows, planes="float64[2]")
