"""Rows that the option tables of the simulations share, by group, in the order in which they are tried.

Only the standard library is imported, because the manual pages are built from the tables before the package is
installed.
"""

from nanobragg_numba.engine.names import DEFAULT, LOOP, ROW
from nanobragg_numba.options.rows import (
    DETECTOR,
    HEADER,
    INPUT,
    OUTPUT,
    OUTPUT_SETTING,
    RUN,
    SINGLE_RUN,
    Has,
    Is,
    Row,
    flag,
    has,
    value,
)

_GEOMETRY, _DETECTOR = "Detector geometry", "Detector"
_BEAM, _SAMPLING, _FILES, _OUTPUT = "Beam", "Rotation and mosaicity", "Input files", "Output"
_OURS = "Not in the C program"

_BY_BEAM, _BY_SAMPLE = (("pivot", "beam"),), (("pivot", "sample"),)

CENTRE: tuple[Row, ...] = (
    value(_GEOMETRY, has("-Xbeam"), "Xbeam", "mm", "MM", "direct beam X in the convention's own frame, mm",
          "centre", sets=_BY_BEAM, role=DETECTOR),
    value(_GEOMETRY, has("-Ybeam"), "Ybeam", "mm", "MM", "direct beam Y, mm", "centre", sets=_BY_BEAM, role=DETECTOR),
    value(_GEOMETRY, has("-Xclose"), "Xclose", "mm", "MM", "X of the point nearest to the sample, mm",
          "centre", sets=_BY_SAMPLE, role=DETECTOR),
    value(_GEOMETRY, has("-Yclose"), "Yclose", "mm", "MM", "Y of the nearest point, mm", "centre",
          sets=_BY_SAMPLE, role=DETECTOR),
    value(_GEOMETRY, has("-ORGX"), "ORGX", "number", "PIXEL", "X of the nearest point, pixels (XDS)",
          sets=_BY_SAMPLE, role=DETECTOR),
    value(_GEOMETRY, has("-ORGY"), "ORGY", "number", "PIXEL", "Y of the nearest point, pixels (XDS)",
          sets=_BY_SAMPLE, role=DETECTOR),
    Row(_GEOMETRY, has("-pivot"), "what the detector turns about: sample or beam", args=1, special="pivot",
        metavar="WHAT", default="beam; -xds and -dials: sample", role=DETECTOR),
)  # fmt: skip
"""Beam centre and nearest point, which also choose the pivot."""

DISTANCE: tuple[Row, ...] = (
    value(_GEOMETRY, has("-distance"), "distance", "mm", "MM", "sample to direct beam spot, mm", "100",
          sets=_BY_BEAM, role=DETECTOR),
    value(_GEOMETRY, has("-close_distance"), "close_distance", "mm", "MM", "sample to nearest point, mm",
          sets=_BY_SAMPLE, role=DETECTOR),
)  # fmt: skip
"""Distances, which also choose the pivot."""

ROTATION: tuple[Row, ...] = (
    value(_GEOMETRY, has("-twotheta"), "twotheta", "degrees", "DEG", "turn the detector arm, degrees", "0",
          sets=_BY_SAMPLE, defect=("twotheta-axis", "-twotheta_axis"), role=DETECTOR),
    value(_GEOMETRY, has("-detector_rotx"), "rotx", "degrees", "DEG", "turn the detector about x", "0", role=DETECTOR),
    value(_GEOMETRY, has("-detector_roty"), "roty", "degrees", "DEG", "turn the detector about y", "0", role=DETECTOR),
    value(_GEOMETRY, has("-detector_rotz"), "rotz", "degrees", "DEG", "turn the detector about z", "0", role=DETECTOR),
)  # fmt: skip
"""Turns of the detector."""

PIXELS: tuple[Row, ...] = (
    value(_DETECTOR, (Has("-detpixels", length=10),), "fpixels spixels", "integer", "N",
          "pixels along each axis; wins over -detsize", "1024", role=DETECTOR),
    value(_DETECTOR, has("-detpixels_f", "-detpixels_x"), "fpixels", "integer", "N", "along the fast axis",
          "1024", role=DETECTOR),
    value(_DETECTOR, has("-detpixels_s", "-detpixels_y"), "spixels", "integer", "N", "along the slow axis",
          "1024", role=DETECTOR),
    Row(_DETECTOR, has("-curved_det"), "all pixels at the same distance; needs some argument after it",
        sets=(("curved", True),), args=1, role=DETECTOR),
    value(_DETECTOR, has("-pixel"), "pixel", "mm", "MM", "pixel size, mm", "0.1", role=DETECTOR),
    flag(_DETECTOR, has("-point_pixel"), "point_pixel", True, "no obliquity and no pixel area", role=DETECTOR),
)  # fmt: skip
"""How many pixels, how large."""

POLARIZATION: tuple[Row, ...] = (
    value(_BEAM, (Has("-polar", length=6),), "kahn", "number", "K", "Kahn polarization factor, -1 to 1", "0",
          sets=(("nopolar", False),)),
    flag(_BEAM, has("-nopolar"), "nopolar", True, "no polarization correction"),
)  # fmt: skip
"""Polarization of the beam."""

PHOTONS: tuple[Row, ...] = (
    Row(_DETECTOR, has("-roi"), "render only these pixels, bounds included",
        reads=(("roi_xmin", "integer"), ("roi_xmax", "integer"), ("roi_ymin", "integer"),
               ("roi_ymax", "integer")), args=4, metavar="XMIN XMAX YMIN YMAX", default="all", role=DETECTOR),
    value(_BEAM, has("-lambda", "-wave"), "wavelength", "angstrom_per_1e10", "ANGSTROM", "wavelength, Angstrom",
          "1"),
    value(_BEAM, has("-energy"), "wavelength", "electronvolts", "EV", "photon energy, eV"),
    value(_BEAM, has("-fluence"), "fluence", "number", "PHOTONS/M2", "incident photons per square metre",
          "1.25932e+29"),
    value(_BEAM, has("-flux"), "flux", "number", "PHOTONS/S", "incident photons per second; with -exposure and "
          "-beamsize it gives the fluence", "0"),
    value(_BEAM, has("-exposure"), "exposure", "number", "S", "exposure time, s", "1"),
    value(_BEAM, has("-beamsize"), "beamsize", "mm", "MM", "beam size, mm; a larger sample is clipped to it",
          "0.1"),
)  # fmt: skip
"""Which pixels are rendered; wavelength and number of the photons."""

SOURCES: tuple[Row, ...] = (
    value(_BEAM, has("-dispersion"), "dispersion", "percent", "PERCENT", "range of wavelengths, percent", "0"),
    value(_BEAM, has("-dispsteps"), "dispsteps", "integer", "N", "wavelengths in that range"),
    value(_BEAM, has("-divergence"), "hdivrange vdivrange", "milliradians", "MRAD",
          "range of beam directions, both ways, mrad", "0"),
    value(_BEAM, has("-hdivrange"), "hdivrange", "milliradians", "MRAD", "horizontal range, mrad", "0"),
    value(_BEAM, has("-vdivrange"), "vdivrange", "milliradians", "MRAD", "vertical range, mrad", "0"),
    value(_BEAM, (Has("-hdivstep", length=9),), "hdivstep", "milliradians", "MRAD", "horizontal step, mrad"),
    value(_BEAM, has("-hdivsteps"), "hdivsteps", "integer", "N", "horizontal directions"),
    value(_BEAM, (Has("-vdivstep", length=9),), "vdivstep", "milliradians", "MRAD", "vertical step, mrad"),
    value(_BEAM, has("-vdivsteps"), "vdivsteps", "integer", "N", "vertical directions"),
    value(_BEAM, has("-divsteps"), "hdivsteps vdivsteps", "integer", "N", "directions each way"),
    flag(_BEAM, has("-round_div"), "round_div", True, "cut the corners of the divergence grid (default)"),
    flag(_BEAM, has("-square_div"), "round_div", False, "keep the whole divergence grid"),
)  # fmt: skip
"""Dispersion and divergence."""

ROTATION_STEPS: tuple[Row, ...] = (
    value(_SAMPLING, (Has("-phi", length=4),), "phi0", "degrees", "DEG", "spindle at the start, degrees", "0"),
    value(_SAMPLING, has("-osc"), "osc", "degrees", "DEG", "oscillation range, degrees", "0"),
    value(_SAMPLING, (Has("-phistep", length=8),), "phistep", "degrees", "DEG", "phi step, degrees"),
    value(_SAMPLING, has("-phisteps"), "phisteps", "integer", "N", "phi steps"),
)  # fmt: skip
"""Rotation of the spindle."""

HEADER_IMAGE: tuple[Row, ...] = (
    value(_FILES, has("-img"), "img_file", "text", "FILE", "take the geometry from the header of this image",
          role=HEADER),
)  # fmt: skip
"""An image whose header is read first."""

IMAGES: tuple[Row, ...] = (
    value(_FILES, has("-sourcefile"), "source_file", "text", "FILE",
          "sources, X Y Z weight wavelength a line, instead of -divergence and -dispersion", role=INPUT),
    value(_OUTPUT, has("-floatfile", "-floatimage"), "float_file", "text", "FILE", "float32 image",
          "floatimage.bin", role=OUTPUT, file_name="floatimage.bin"),
    value(_OUTPUT, has("-intfile", "-intimage"), "int_file", "text", "FILE", "scaled SMV image",
          "intimage.img", role=OUTPUT, file_name="intimage.img"),
)  # fmt: skip
"""Sources from a file; the float and the integer image."""

PRINTING: tuple[Row, ...] = (
    Row(_OUTPUT, has("-coherent"), "accepted, without effect"),
    flag(_OUTPUT, has("-printout"), "printout", True, "print the inner numbers of every rendered pixel", role=RUN),
    flag(_OUTPUT, has("-noprogress"), "progress", False, "no progress meter", role=RUN),
    flag(_OUTPUT, has("-progress"), "progress", True, "progress meter (default)", role=RUN),
)  # fmt: skip
"""What is printed on the way."""

ADC: tuple[Row, ...] = (
    value(_OUTPUT, has("-adc"), "adc", "number", "OFFSET", "offset added to integer and noise pixels", "40",
          role=OUTPUT_SETTING, sets=(("adc_asked", True),)),
)  # fmt: skip
"""Offset of the integer images."""

NOISE_FILE: tuple[Row, ...] = (
    value(_OUTPUT, has("-noisefile", "-noiseimage"), "noise_file", "text", "FILE",
          "SMV image with counting noise", "noiseimage.img", sets=(("noise", True),),
          role=OUTPUT, file_name="noiseimage.img"),
)  # fmt: skip
"""The noise image."""

NO_NOISE: tuple[Row, ...] = (
    flag(_OUTPUT, has("-nonoise"), "noise", False, "no noise image", role=OUTPUT_SETTING),
)  # fmt: skip
"""No noise image."""

PRINTOUT_PIXEL: tuple[Row, ...] = (
    Row(_OUTPUT, has("-printout_pixel"), "print the inner numbers of this pixel only",
        reads=(("printout_fpixel", "integer"), ("printout_spixel", "integer")), args=2, metavar="FAST SLOW", role=RUN),
)  # fmt: skip
"""One pixel to be printed."""

SEED: tuple[Row, ...] = (
    value(_OUTPUT, has("-seed"), "noise_seed", "seed", "N", "random seed of the noise", "from the clock"),
)  # fmt: skip
"""Random seed."""

THREADS: tuple[Row, ...] = (
    Row(_OURS, (Is("-threads"),), "threads to compute with", reads=(("threads", "integer"),), args=1,
        metavar="N", default="all cores", extension=True, role=SINGLE_RUN),
)  # fmt: skip
"""How many threads a run has."""

ENGINE: tuple[Row, ...] = (
    Row(_OURS, (Is("-engine"),), f"{ROW}: vectorized and guarded; {LOOP}: the loops one by one; the same bytes",
        reads=(("engine", "engine"),), args=1, metavar="NAME", default=DEFAULT, extension=True, role=RUN),
)  # fmt: skip
"""Which engine, for programs that have several."""

RUNNING: tuple[Row, ...] = (
    Row(_OURS, (Is("-verbose"),), "say on standard error where the time went", sets=(("verbose", True),),
        extension=True, role=RUN),
    Row(_OURS, (Is("-strict"),), "an argument that is not understood is an error", sets=(("strict", True),),
        extension=True, role=RUN),
)  # fmt: skip
"""How a run goes."""

TRACING: tuple[Row, ...] = (
    Row(_OURS, (Is("-trace_pixel"),), "trace the inner numbers of this pixel; may be given several times",
        args=2, special="trace_pixel", metavar="SLOW FAST", extension=True, role=SINGLE_RUN),
    Row(_OURS, (Is("-trace_prefix"),), "what trace lines begin with", reads=(("trace_prefix", "word"),), args=1,
        metavar="NAME", default="TRACE_PY", extension=True, role=RUN),
)  # fmt: skip
"""Pixels to be traced."""

ABOUT: tuple[Row, ...] = (
    Row(_OURS, (Is("-h"), Is("--help"), Is("-help")), "print this help", sets=(("help", True),), extension=True,
        role=SINGLE_RUN),
    Row(_OURS, (Is("--version"), Is("-version")), "print the version", sets=(("version", True),), extension=True,
        role=SINGLE_RUN),
)  # fmt: skip
"""What the program says of itself."""
