"""Every command-line option of noisify, one row each; only the standard library is imported."""

from nanobragg_numba.options.rows import (
    DETECTOR,
    INPUT,
    OUTPUT,
    OUTPUT_SETTING,
    RUN,
    SINGLE_RUN,
    Has,
    Is,
    OptionTable,
    Row,
    flag,
    has,
    value,
)
from nanobragg_numba.programs.noisify.defects import NAMES

_INPUT, _PHOTONS, _NOISE, _COUNTS = "Input", "Photons", "Noise", "Counts"
_SPREAD, _GEOMETRY, _OUTPUT, _OURS = "Point spread", "Geometry", "Output", "Not in the C program"
SECTIONS = (_INPUT, _PHOTONS, _NOISE, _COUNTS, _SPREAD, _GEOMETRY, _OUTPUT, _OURS)
"""In the order in which the help lists them."""

_SIZE_GIVEN = (("detsize_given", True),)

ROWS: tuple[Row, ...] = (
    value(_GEOMETRY, has("-lambda"), "wavelength", "number", "ANGSTROM", "wavelength, for the headers", "1"),
    value(_GEOMETRY, has("-Xbeam"), "Xbeam", "mm", "MM", "beam centre, mm", "centre", role=DETECTOR),
    value(_GEOMETRY, has("-Ybeam"), "Ybeam", "mm", "MM", "beam centre, mm", "centre", role=DETECTOR),
    value(_GEOMETRY, has("-distance"), "distance", "mm", "MM", "distance, mm", "100", role=DETECTOR),
    value(_GEOMETRY, (Has("-detsize", length=8),), "detsize_x detsize_y", "mm", "MM",
          "size of the detector, mm; see -fix", "102.4", sets=_SIZE_GIVEN, role=DETECTOR),
    value(_GEOMETRY, has("-detsize_x"), "detsize_x", "mm", "MM", "size along the fast axis", sets=_SIZE_GIVEN,
          role=DETECTOR),
    value(_GEOMETRY, has("-detsize_y"), "detsize_y", "mm", "MM", "size along the slow axis", sets=_SIZE_GIVEN,
          role=DETECTOR),
    value(_INPUT, (Has("-detpixels", length=10),), "xpixels ypixels", "integer", "N", "pixels along both axes",
          "as near to a square as the file allows, the shorter side fast", role=DETECTOR),
    value(_INPUT, has("-detpixels_x"), "xpixels", "integer", "N", "pixels along the fast axis", role=DETECTOR),
    value(_INPUT, has("-detpixels_y"), "ypixels", "integer", "N", "pixels along the slow axis", role=DETECTOR),
    value(_GEOMETRY, has("-pixel"), "pixel", "mm", "MM", "size of a pixel, mm", "0.1", role=DETECTOR),
    Row(_SPREAD, (Has("-psf", length=4),), "shape of the point spread: gauss, or fiber for a fiber optic taper",
        special="psf", metavar="SHAPE"),
    value(_SPREAD, has("-psf_rad"), "psf_radius", "radius", "PIXELS", "radius up to which photons are spread",
          "automatic"),
    value(_SPREAD, has("-psf_fwhm", "-psf_fw", "-psf_si", "-psf_wi"), "psf_fwhm", "width", "UM",
          "full width at half maximum, micrometres", "46"),
    value(_PHOTONS, has("-fluence"), "fluence", "number", "PER_M2", "photons/m^2 that make photons of intensities",
          "as nanoBragg's"),
    value(_INPUT, has("-floatfile", "-floatimage", "-bin"), "float_file", "text", "FILE",
          "the float image, or NeXus or CBF file; any argument that contains floatimage.bin names one", role=INPUT),
    value(_INPUT, has("-header"), "header_file", "text", "FILE",
          "SMV file whose header says the geometry, and is that of the output", role=INPUT),
    value(_OUTPUT, has("-pgmfile", "-pgmimage"), "pgm_file", "text", "FILE", "PGM picture of the noiseless image",
          "image.pgm", role=OUTPUT, file_name="image.pgm"),
    value(_OUTPUT, has("-intfile", "-intimage"), "int_file", "text", "FILE", "noiseless image, SMV",
          "intimage.img", role=OUTPUT, file_name="intimage.img"),
    value(_COUNTS, has("-bits"), "bits", "integer", "N", "16 or 32 bits for each pixel", "16", role=OUTPUT_SETTING),
    value(_OUTPUT, has("-noisefile", "-noiseimage"), "noise_file", "text", "FILE", "image with noise, SMV",
          "noiseimage.img", role=OUTPUT, file_name="noiseimage.img"),
    flag(_OUTPUT, has("-nonoise"), "noise", False, "no image with noise; a point spread is applied to the noiseless "
         "image", role=OUTPUT_SETTING),
    flag(_OUTPUT, has("-nopgm"), "pgm", False, "no PGM picture", role=OUTPUT_SETTING),
    value(_NOISE, has("-readout_noise", "-readout", "-readnoi"), "readout", "number", "ADU",
          "read-out noise, standard deviation", "0"),
    value(_NOISE, has("-flicker_noise", "-flicker"), "flicker", "number", "FRACTION",
          "flicker of the beam, drawn for each pixel", "0"),
    value(_NOISE, has("-calibration"), "calibration", "number", "FRACTION", "calibration error of the pixels", "0.03"),
    value(_PHOTONS, has("-scale"), "scale", "number", "FACTOR", "factor of all photons", "1"),
    value(_NOISE, has("-seed"), "seed", "seed", "N", "seed of all noise but calibration errors", "from the clock"),
    value(_NOISE, has("-calib_seed"), "calib_seed", "seed", "N", "seed of the calibration errors; see -fix",
          "-123456789"),
    value(_NOISE, has("-badpix_seed", "-hotpix_seed"), "", "", "N", "accepted, without effect"),
    value(_COUNTS, has("-adc"), "adc", "number", "OFFSET", "offset of every pixel, ADU", "40"),
    value(_COUNTS, has("-gain"), "gain", "number", "FACTOR", "ADU per photon", "1"),
    value(_GEOMETRY, has("-phi"), "phi", "number", "DEG", "spindle at the start, for the headers", "0",
          defect=("phi-steps", "-phistep")),
    value(_GEOMETRY, has("-osc"), "osc", "number", "DEG", "oscillation range, for the headers", "1"),
    # What the C program does not have: matched exactly, so that no row above is disturbed.
    flag(_OUTPUT, (Is("-noprogress"),), "progress", False, "no progress bar on a terminal", extension=True, role=RUN),
    flag(_OUTPUT, (Is("-progress"),), "progress", True, "progress bar on a terminal (default)", extension=True,
         role=RUN),
    value(_OURS, (Is("-threads"),), "threads", "integer", "N", "threads to compute with", "all cores", extension=True,
          role=SINGLE_RUN),
    flag(_OURS, (Is("-verbose"),), "verbose", True, "say on standard error where the time went", extension=True,
         role=RUN),
    flag(_OURS, (Is("-strict"),), "strict", True, "an argument that is not understood is an error", extension=True,
         role=RUN),
    value(_OURS, (Is("-pngfile"),), "png_file", "text", "FILE", "write a PNG picture that shows the spots",
          extension=True, role=OUTPUT, file_name="preview.png"),
    value(_OURS, (Is("-nexusfile"),), "nexus_file", "text", "FILE", "write the image with noise, or with -nonoise the "
          "noiseless one, as a NeXus file (NXmx)", extension=True, role=OUTPUT, file_name="image.nxs"),
    value(_OURS, (Is("-cbffile"),), "cbf_file", "text", "FILE", "the same as a CBF image, PILATUS style",
          extension=True, role=OUTPUT, file_name="image.cbf"),
    Row(_OURS, (Is("-fix"),), "compute what was meant where the C program has a defect: names with commas between "
        f"them, or all; list prints them all and what each does ({', '.join(NAMES)})", args=1, special="fix",
        metavar="NAME[,NAME...]", extension=True),
    flag(_OURS, (Is("-h"), Is("--help"), Is("-help")), "help", True, "print this help", extension=True,
         role=SINGLE_RUN),
    flag(_OURS, (Is("--version"), Is("-version")), "version", True, "print the version", extension=True,
         role=SINGLE_RUN),
)  # fmt: skip

TABLE = OptionTable(ROWS, SECTIONS)
