"""Every command-line option of nonBragg, one row each.

Only the standard library is imported, because the manual page is built from this file before the package is installed.
"""

import math

from nanobragg_numba.engine.names import DEFAULT, LOOP, ROW
from nanobragg_numba.options.rows import (
    DETECTOR,
    INPUT,
    OUTPUT,
    OUTPUT_SETTING,
    RUN,
    Has,
    Is,
    OptionTable,
    Row,
    flag,
    has,
    value,
)
from nanobragg_numba.programs.nonbragg.defects import TABLE as DEFECTS
from nanobragg_numba.programs.shared import option_rows as shared

_TABLE, _SAMPLE, _GEOMETRY, _DETECTOR = "Table of structure factors", "Sample", "Detector geometry", "Detector"
_BEAM, _SAMPLING, _FILES, _OUTPUT = "Beam", "Rotation and mosaicity", "Input files", "Output"
_OURS = "Not in the C program"
SECTIONS = (_TABLE, _SAMPLE, _FILES, _BEAM, _SAMPLING, _GEOMETRY, _DETECTOR, _OUTPUT, _OURS)
"""In the order in which the help lists them."""

_BY_NAME = (
    "a file or, where there is no such file, water, oil, kapton, ice, air, nitrogen, oxygen, helium or argon; nb-stol "
    "says which -density and -MW belong to it"
)


def _direction(match: str, field: str, help: str) -> Row:
    reads = tuple((f"{field}_{axis}", "number") for axis in "xyz")
    return Row(_GEOMETRY, has(match), help, reads=reads, args=3, metavar="X Y Z", role=DETECTOR)


def _table(option: str, factor: float, help: str) -> Row:
    """An option that names a table of structure factors.

    Parameters
    ----------
    option : str
    factor : float
        What makes sin(theta)/lambda in 1/m of its first column.
    help : str
    """
    return value(_TABLE, (Has(option, length=len(option)),), "stol_file", "text", "FILE", help,
                 sets=(("stol_factor", factor),), role=INPUT)  # fmt: skip


ROWS: tuple[Row, ...] = (
    value(_SAMPLE, has("-samplesize", "-sample_size"), "sample_x sample_y sample_z", "mm", "MM", "size, mm", "0.1"),
    value(_SAMPLE, has("-thick", "-sample_thick", "-sample_x"), "sample_x", "mm", "MM", "thickness along the beam, mm",
          "0.1", defect=("option-match", "-thicksteps")),
    value(_SAMPLE, has("-sample_width", "-sample_y", "-width"), "sample_y", "mm", "MM", "size across the beam, mm",
          "0.1"),
    value(_SAMPLE, has("-sample_heigh", "-sample_z", "-heigh"), "sample_z", "mm", "MM", "the same, the other way",
          "0.1"),
    value(_SAMPLE, has("-density", "-sample_den"), "density", "g_per_cm3", "G/CM3", "density, g/cm^3", "1"),
    value(_SAMPLE, has("-molecules", "-sample_molecules"), "molecules", "number", "N",
          "molecules in the beam; wins over -density"),
    Row(_SAMPLE, (Is("-MW"), Has("-molecular")), "molecular weight, g/mol", reads=(("weight", "number"),), args=1,
        metavar="DALTON", default="18"),
    *shared.CENTRE,
    _direction("-fdet_vector", "fdet", "direction of the fast axis"),
    _direction("-sdet_vector", "sdet", "direction of the slow axis"),
    _direction("-odet_vector", "odet", "direction of the detector normal; used with -fix odet only"),
    _direction("-beam_vector", "beam", "direction of the incident beam"),
    _direction("-polar_vector", "polar_axis", "direction of the polarization"),
    _direction("-spindle_axis", "spindle", "accepted, without effect"),
    _direction("-twotheta_axis", "twotheta_axis", "axis of the twotheta rotation; its X is also read as -twotheta "
               "(see -fix)"),
    _direction("-pix0_vector", "pix0", "corner of the first pixel, m; used with -fix pix0 only"),
    *shared.DISTANCE,
    value(_BEAM, has("-source_distance"), "source_distance", "mm", "MM", "sample to source, mm", "10000"),
    *shared.ROTATION,
    value(_DETECTOR, (Has("-detsize", length=8),), "detsize_f detsize_s", "mm", "MM", "detector size, mm",
          "102.4", role=DETECTOR),
    value(_DETECTOR, has("-detsize_x"), "detsize_f", "mm", "MM", "size along the fast axis, mm", "102.4",
          role=DETECTOR),
    value(_DETECTOR, has("-detsize_y"), "detsize_s", "mm", "MM", "size along the slow axis, mm", "102.4",
          role=DETECTOR),
    *shared.PIXELS,
    flag(_OUTPUT, has("-Fmap"), "Fmap", True, "the image is the structure factor itself"),
    *shared.POLARIZATION,
    Row(_SAMPLING, has("-oversample"), "subpixels along each axis of a pixel", special="oversample", args=1,
        metavar="N", default="1", defect=("option-match", "-oversample_")),
    *shared.PHOTONS,
    *shared.SOURCES,
    *shared.ADC,
    value(_FILES, has("-gain"), "gain", "number", "COUNTS", "counts per photon in the -img image", "1"),
    *shared.ROTATION_STEPS,
    *shared.HEADER_IMAGE,
    Row(_FILES, has("-ignore"), "value of pixels in the -img image that count for nothing; may be given several times",
        args=1, special="ignore", metavar="VALUE"),
    value(_FILES, (Has("-stolout", longer=7),), "stolout_file", "text", "FILE",
          "table of the structure factors found in the -img image", "output.stol", role=OUTPUT,
          file_name="output.stol"),
    _table("-stol", 1e10, f"sin(theta)/lambda in 1/Angstrom and F in electrons, a point a line: {_BY_NAME}"),
    _table("-4stol", 1e10 / 4, "the same, of 4 sin(theta)/lambda"),
    _table("-Q", 1e10 / math.pi / 4, "the same, of 4 pi sin(theta)/lambda"),
    *shared.IMAGES,
    value(_OUTPUT, has("-pgmfile", "-pgmimage"), "pgm_file", "text", "FILE", "8-bit PGM picture", "image.pgm",
          role=OUTPUT, file_name="image.pgm"),
    *shared.NOISE_FILE,
    *shared.NO_NOISE,
    flag(_OUTPUT, has("-nopgm"), "pgm", False, "no PGM picture; with -fix nopgm only", role=OUTPUT_SETTING),
    Row(_OUTPUT, has("-noreject"), "accepted, without effect"),
    value(_OUTPUT, has("-scale"), "scale", "number", "FACTOR", "scale of the integer image",
          "the largest pixel becomes 55000", role=OUTPUT_SETTING),
    value(_OUTPUT, has("-pgmscale"), "pgm_scale", "number", "FACTOR", "scale of the PGM picture",
          "five standard deviations become 250", role=OUTPUT_SETTING),
    *shared.PRINTING,
    *shared.PRINTOUT_PIXEL,
    *shared.SEED,
    *shared.THREADS,
    Row(_OURS, (Is("-engine"),), f"{ROW}, vectors of pixels with a guard, or {LOOP}, pixel by pixel: the same bytes",
        reads=(("engine", "engine"),), args=1, metavar="NAME", default=DEFAULT, extension=True, role=RUN),
    Row(_OURS, (Is("-compton"),), "add Compton scattering to a table that goes by its name: incoherent scattering "
        "functions of free atoms, without recoil", sets=(("compton", True),), extension=True),
    *shared.RUNNING,
    *shared.TRACING,
    Row(_OURS, (Is("-fix"),), "compute what was meant where the C program has a defect: names with commas between "
        f"them, or all; list prints them all and what each does ({', '.join(DEFECTS.names)})", args=1, special="fix",
        metavar="NAME[,NAME...]", extension=True, role=RUN),
    *shared.ABOUT,
)  # fmt: skip

TABLE = OptionTable(ROWS, SECTIONS)
