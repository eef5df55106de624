"""Every command-line option of nanoBragg, one row each.

Only the standard library is imported, because the manual page is built from this file before the package is installed.
"""


from nanobragg_numba.options.rows import (
    DETECTOR,
    HEADER,
    INPUT,
    OUTPUT,
    OUTPUT_SETTING,
    Has,
    Is,
    OptionTable,
    Row,
    flag,
    has,
    value,
)
from nanobragg_numba.programs.nanobragg.defects.table import NAMES
from nanobragg_numba.programs.shared import option_rows as shared


def _vector(match: str, field: str, help: str) -> Row:
    reads = tuple((f"{field}_{axis}", "number") for axis in "xyz")
    return Row(
        "Detector geometry", has(match), help, reads=reads, sets=(("convention", "custom"),), args=3,
        metavar="X Y Z", role=DETECTOR,
    )  # fmt: skip


def _convention(name: str, pivot: str, help: str) -> Row:
    return Row("Detector geometry", has("-" + name), help, sets=(("convention", name), ("pivot", pivot)), role=DETECTOR)


_CRYSTAL, _SIZE, _GEOMETRY, _DETECTOR = "Crystal", "Crystal size", "Detector geometry", "Detector"
_BEAM, _SAMPLING, _FILES, _OUTPUT = "Beam", "Rotation and mosaicity", "Input files", "Output"
_OURS = "Not in the C program"
SECTIONS = (_CRYSTAL, _SIZE, _FILES, _BEAM, _SAMPLING, _GEOMETRY, _DETECTOR, _OUTPUT, _OURS)
"""In the order in which the help lists them."""

_MISSET_SEED = ("misset-seed", "-misset_seed")

ROWS: tuple[Row, ...] = (
    value(_SIZE, has("-Na"), "Na", "integer", "N", "unit cells along a", "1", stop=True),
    value(_SIZE, has("-Nb"), "Nb", "integer", "N", "unit cells along b", "1", stop=True),
    value(_SIZE, has("-Nc"), "Nc", "integer", "N", "unit cells along c", "1", stop=True),
    value(_SIZE, (Is("-N"),), "Na Nb Nc", "integer", "N", "unit cells along a, b and c", "1", stop=True),
    Row(_CRYSTAL, has("-cell"), "unit cell edges in Angstrom and angles in degrees; later ones may be left out",
        args=1, special="cell", metavar="A B C ALPHA BETA GAMMA"),
    Row(_CRYSTAL, has("-misset"), "turn the crystal about x, y, z by degrees; or the word random: a random "
        "orientation, from -misset_seed", args=1, special="misset_random", stop=True, metavar="X Y Z",
        defect=_MISSET_SEED),
    Row(_CRYSTAL, has("-misset"), "turn the crystal about x, y, z by degrees",
        reads=(("misset_x", "degrees"), ("misset_y", "degrees"), ("misset_z", "degrees")),
        sets=(("misset", "explicit"),), args=3, metavar="X Y Z", defect=_MISSET_SEED),
    value(_SIZE, has("-samplesize", "-sample_size"), "sample_x sample_y sample_z", "mm", "MM",
          "crystal size in mm, from which the unit cells follow"),
    value(_SIZE, has("-sample_thick", "-sample_x"), "sample_x", "mm", "MM", "crystal size along a, mm"),
    value(_SIZE, has("-sample_width", "-sample_y", "-width"), "sample_y", "mm", "MM", "along b, mm"),
    value(_SIZE, has("-sample_heigh", "-sample_z", "-heigh"), "sample_z", "mm", "MM", "along c, mm"),
    value(_SIZE, has("-xtalsize", "-xtal_size"), "sample_x sample_y sample_z", "mm", "MM", "as -samplesize"),
    value(_SIZE, has("-xtal_thick", "-xtal_x"), "sample_x", "mm", "MM", "as -sample_x"),
    value(_SIZE, has("-xtal_width", "-xtal_y", "-width"), "sample_y", "mm", "MM", "as -sample_y"),
    value(_SIZE, has("-xtal_heigh", "-xtal_z", "-heigh"), "sample_z", "mm", "MM", "as -sample_z"),
    value(_SIZE, has("-density", "-sample_den"), "", "", "G/CM3", "accepted, without effect"),
    Row(_SIZE, (Is("-MW"), Has("-molec")), "accepted, without effect", args=1, metavar="DALTON"),
    *shared.CENTRE,
    _convention("mosflm", "beam", "MOSFLM's beam centre and axes (default)"),
    _convention("xds", "sample", "XDS's"),
    _convention("adxv", "beam", "ADXV's"),
    _convention("denzo", "beam", "DENZO's"),
    _convention("dials", "beam", "DIALS's"),
    _vector("-fdet_vector", "fdet", "direction of the fast axis; this and the next ones select custom axes"),
    _vector("-sdet_vector", "sdet", "direction of the slow axis"),
    _vector("-odet_vector", "odet", "direction of the detector normal"),
    _vector("-beam_vector", "beam", "direction of the incident beam"),
    _vector("-polar_vector", "polar_axis", "direction of the polarization"),
    _vector("-spindle_axis", "spindle", "axis of the phi rotation"),
    _vector("-twotheta_axis", "twotheta_axis", "axis of the twotheta rotation; its X is also read as -twotheta "
            "(see -fix)"),
    Row(_GEOMETRY, has("-pix0_vector", "-pix0_vector_mm"), "corner of the first pixel, m, or mm after the second "
        "name; used with -fix pix0 only, and selects custom axes in any case", sets=(("convention", "custom"),),
        args=3, special="pix0", metavar="X Y Z", role=DETECTOR),
    *shared.DISTANCE,
    Row(_DETECTOR, has("-detector_abs"), "attenuation depth of the sensor, micrometres, or inf: no absorption",
        args=1, special="attenuation", metavar="UM", default="none", role=DETECTOR),
    value(_DETECTOR, (Has("-detector_thick", length=15),), "thickness", "micrometres", "UM",
          "thickness of the sensor, micrometres", "0", role=DETECTOR),
    value(_DETECTOR, has("-detector_thicksteps"), "thicksteps", "integer", "N", "layers of the sensor", role=DETECTOR),
    value(_DETECTOR, has("-thicksteps"), "thicksteps", "integer", "N", "layers of the sensor", role=DETECTOR),
    *shared.ROTATION,
    value(_DETECTOR, (Has("-detsize", length=8),), "detsize_f detsize_s", "mm", "MM", "detector size, mm",
          "102.4", role=DETECTOR),
    value(_DETECTOR, has("-detsize_f"), "detsize_f", "mm", "MM", "size along the fast axis, mm", "102.4",
          role=DETECTOR),
    value(_DETECTOR, has("-detsize_s"), "detsize_s", "mm", "MM", "size along the slow axis, mm", "102.4",
          role=DETECTOR),
    *shared.PIXELS,
    *shared.POLARIZATION,
    flag(_SAMPLING, has("-oversample_thick"), "oversample_thick", True,
          "capture fraction of every subpixel and layer", stop=True),
    flag(_SAMPLING, has("-oversample_polar"), "oversample_polar", True, "polarization of every subpixel",
          stop=True),
    flag(_SAMPLING, has("-oversample_omega"), "oversample_omega", True, "solid angle of every subpixel",
          stop=True),
    value(_SAMPLING, has("-oversample"), "oversample", "integer", "N", "subpixels along each axis of a pixel",
          "as many as the crystal size asks for"),
    *shared.PHOTONS,
    value(_SAMPLING, (Has("-mosaic", length=7), Has("-mosaici"), Has("-mosaic_spr")), "mosaic_spread", "degrees",
          "DEG", "mosaic spread, degrees", "0"),
    value(_SAMPLING, has("-mosaic_dom"), "mosaic_domains", "integer", "N", "mosaic domains",
          "1, or 10 with a spread"),
    *shared.SOURCES,
    *shared.ADC,
    *shared.ROTATION_STEPS,
    value(_SAMPLING, has("-dmin"), "dmin", "angstrom_times_1e10", "ANGSTROM",
          "leave out what lies beyond this resolution, Angstrom", "0: nothing"),
    value(_FILES, has("-mat"), "matrix_file", "text", "FILE", "orientation matrix, MOSFLM style", role=INPUT),
    value(_FILES, has("-hkl"), "hkl_file", "text", "FILE", "structure factors, h k l F a line, P1, electrons; "
          "or coordinates or reflection data, see -sf_dmin", role=INPUT),
    value(_CRYSTAL, has("-default_F"), "default_F", "number", "F",
          "structure factor of every reflection that is not listed, electrons", "0"),
    value(_FILES, has("-dump"), "dump_file", "text", "FILE",
          "binary structure factors: written after -hkl, read without it", "Fdump.bin", role=INPUT),
    *shared.HEADER_IMAGE,
    value(_FILES, has("-mask"), "mask_file", "text", "FILE",
          "image whose zero pixels are not rendered; its header counts as -img's does", role=HEADER),
    value(_FILES, (Has("-stolout", longer=7),), "", "", "FILE", "accepted, without effect"),
    value(_FILES, (Has("-stol", length=5),), "stol_file", "text", "FILE", "background table, checked, not used",
          role=INPUT),
    value(_FILES, (Has("-4stol", length=6),), "stol_file", "text", "FILE", "as -stol", role=INPUT),
    value(_FILES, (Has("-Q", length=2),), "stol_file", "text", "FILE", "as -stol", role=INPUT),
    *shared.IMAGES,
    value(_OUTPUT, has("-pgmfile", "-pgmimage"), "pgm_file", "text", "FILE", "8-bit PGM picture", "image.pgm",
          sets=(("pgm", True),), role=OUTPUT, file_name="image.pgm"),
    *shared.NOISE_FILE,
    *shared.NO_NOISE,
    flag(_OUTPUT, has("-nopgm"), "pgm", False, "no PGM picture", role=OUTPUT_SETTING),
    value(_OUTPUT, has("-scale"), "scale", "number", "FACTOR", "scale of the integer image",
          "the largest pixel becomes 55000", role=OUTPUT_SETTING),
    value(_OUTPUT, has("-pgmscale"), "pgm_scale", "number", "FACTOR", "scale of the PGM picture",
          "five standard deviations become 250", sets=(("pgm", True),), role=OUTPUT_SETTING),
    *shared.PRINTING,
    flag(_CRYSTAL, has("-interpolate"), "interpolate", True,
          "interpolate structure factors between the reflections (default for 1 or 2 unit cells)"),
    flag(_CRYSTAL, has("-nointerpolate"), "interpolate", False, "take that of the nearest reflection"),
    flag(_SIZE, has("-round_xtal"), "shape", "round", "ellipsoidal crystal"),
    flag(_SIZE, has("-square_xtal"), "shape", "square", "parallelepiped crystal (default)"),
    flag(_SIZE, has("-gauss_xtal"), "shape", "gauss", "Gaussian spots"),
    flag(_SIZE, has("-binary_spots", "-tophat_spots"), "shape", "tophat", "spots with a sharp edge"),
    value(_SIZE, has("-fudge"), "fudge", "number", "FACTOR", "spot size of round, Gaussian and tophat spots",
          "1"),
    *shared.PRINTOUT_PIXEL,
    *shared.SEED,
    value(_SAMPLING, has("-mosaic_seed"), "mosaic_seed", "seed", "N", "random seed of the mosaic domains",
          "12345678"),
    value(_CRYSTAL, has("-misset_seed"), "misset_seed", "seed", "N",
          "random seed of -misset random; the C program reads the number as -misset, too (see -fix)",
          "from the clock"),
    value(_BEAM, has("-water"), "water_size", "micrometres_per_1e6", "UM",
          "size of a water droplet whose scattering is added, micrometres", "0"),
    # What the C program does not have: matched exactly, so that no row above is disturbed.
    *shared.THREADS,
    *shared.ENGINE,
    *shared.RUNNING,
    Row(_OURS, (Is("-pngfile"),), "write a PNG picture that shows the spots", reads=(("png_file", "text"),),
        args=1, metavar="FILE", extension=True, role=OUTPUT, file_name="preview.png"),
    Row(_OURS, (Is("-sf_dmin"),), "resolution of the reflections where -hkl names coordinates (.pdb, .cif) or data "
        "(.mtz, .cif), Angstrom", reads=(("sf_dmin", "number"),), args=1, metavar="ANGSTROM", default="all of the data",
        extension=True),
    Row(_OURS, (Is("-nexusfile"),), "write a NeXus file (NXmx): photons, mask, geometry as transformations",
        reads=(("nexus_file", "text"),), args=1, metavar="FILE", extension=True, role=OUTPUT, file_name="image.nxs"),
    Row(_OURS, (Is("-frames"),), "split -osc into so many frames of the NeXus file; the other files stay those of the "
        "whole run", reads=(("frames", "integer"),), args=1, metavar="N", default="1", extension=True, role=OUTPUT),
    Row(_OURS, (Is("-framenoise"),), "frames of the NeXus file hold counts with photon-counting noise: frame K, from "
        "0, that of -seed N+K, without an offset unless -adc asks for one", sets=(("frame_noise", True),),
        extension=True, role=OUTPUT_SETTING),
    Row(_OURS, (Is("-framesonly"),), "write the NeXus file and no image of the whole run: each frame is rendered once, "
        "and nothing twice", sets=(("frames_only", True),), extension=True, role=OUTPUT_SETTING),
    Row(_OURS, (Is("-compression"),), "of the NeXus file: gzip, which every program reads, bitshuffle or none",
        reads=(("compression", "text"),), args=1, metavar="KIND", default="gzip", extension=True,
        role=OUTPUT_SETTING),
    Row(_OURS, (Is("-cbffile"),), "write a CBF image, PILATUS style: the counts of the noise image, with -nonoise "
        "those of the scaled image, without their offset unless -adc asks for one", reads=(("cbf_file", "text"),),
        args=1, metavar="FILE", extension=True, role=OUTPUT, file_name="image.cbf"),
    Row(_OURS, (Is("-exptfile"),), "write a DIALS experiment list", reads=(("expt_file", "text"),), args=1,
        metavar="FILE", extension=True, role=OUTPUT, file_name="image.expt"),
    Row(_OURS, (Is("-ponifile"),), "write the geometry for pyFAI", reads=(("poni_file", "text"),), args=1,
        metavar="FILE", extension=True, role=OUTPUT, file_name="image.poni"),
    *shared.TRACING,
    Row(_OURS, (Is("-fix"),), "compute what was meant where the C program has a defect: names with commas between "
        f"them, or all; list prints them all and what each does ({', '.join(NAMES)})", args=1, special="fix",
        metavar="NAME[,NAME...]", extension=True),
    *shared.ABOUT,)  # fmt: skip

TABLE = OptionTable(ROWS, SECTIONS)
