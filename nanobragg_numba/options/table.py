"""Every command-line option, one row each: how it matches, what it reads, what it sets.

Rows are tried top to bottom on every argument that begins with `-`, as the C program does: most match an
argument that merely contains their name. Only the standard library is imported, because the manual page is
built from this file before the package is installed.
"""

from dataclasses import dataclass
from typing import Any

from nanobragg_numba.options.defects import NAMES


@dataclass(frozen=True)
class Has:
    """Matches an argument that contains `text`, of `length` characters (0: any), or of more than `longer`."""

    text: str
    length: int = 0
    longer: int = 0

    def matches(self, argument: str) -> bool:
        return (
            self.text in argument
            and (not self.length or len(argument) == self.length)
            and len(argument) > self.longer
        )


@dataclass(frozen=True)
class Is:
    """Matches an argument that equals `text`."""

    text: str

    def matches(self, argument: str) -> bool:
        return argument == self.text


@dataclass(frozen=True)
class Row:
    """One option.

    Attributes
    ----------
    match : tuple of Has or Is
        Any of them makes the row apply; the first gives the option its name in the help.
    reads : tuple of (field, kind)
        What the following arguments are read into, in order; `kind` names a reader of `options.parse`.
    sets : tuple of (field, value)
        Fields that the row sets to constants.
    args : int
        How many further arguments must exist for the row to apply.
    stop : bool
        No later row is tried on this argument.
    special : str
        Name of a reader in `options.parse` for a row that does not fit the pattern above.
    defect : (name, text) or None
        With that defect fixed, the row does not apply to an argument that contains the text.
    ours : bool
        The C program has no such option. Values of these rows are consumed.
    """

    section: str
    match: tuple[Has | Is, ...]
    help: str
    reads: tuple[tuple[str, str], ...] = ()
    sets: tuple[tuple[str, Any], ...] = ()
    args: int = 0
    stop: bool = False
    special: str = ""
    metavar: str = ""
    default: str = ""
    ours: bool = False
    defect: tuple[str, str] | None = None

    def matches(self, argument: str) -> bool:
        return any(pattern.matches(argument) for pattern in self.match)

    @property
    def values(self) -> int:
        """How many of the following arguments are values of this row; -cell counts its own."""
        return self.args if self.metavar and self.special != "cell" else 0

    @property
    def names(self) -> list[str]:
        return [pattern.text for pattern in self.match]


def _has(*texts: str) -> tuple[Has, ...]:
    return tuple(Has(text) for text in texts)


def _value(
    section: str, match: tuple[Has | Is, ...], field: str, kind: str, metavar: str, help: str,
    default: str = "", **more: Any,
) -> Row:  # fmt: skip
    """A row with one value that goes into one field, or into several of the same kind (spaces between)."""
    reads = ((field, kind),) if field else ()
    return Row(section, match, help, reads=reads, args=1, metavar=metavar, default=default, **more)


def _vector(match: str, field: str, help: str) -> Row:
    reads = tuple((f"{field}_{axis}", "number") for axis in "xyz")
    return Row(
        "Detector geometry", _has(match), help, reads=reads, sets=(("convention", "custom"),), args=3,
        metavar="X Y Z",
    )  # fmt: skip


def _flag(section: str, match: tuple[Has | Is, ...], field: str, value: Any, help: str, **more: Any) -> Row:
    return Row(section, match, help, sets=((field, value),), **more)


def _convention(name: str, pivot: str, help: str) -> Row:
    return Row("Detector geometry", _has("-" + name), help, sets=(("convention", name), ("pivot", pivot)))


_CRYSTAL, _SIZE, _GEOMETRY, _DETECTOR = "Crystal", "Crystal size", "Detector geometry", "Detector"
_BEAM, _SAMPLING, _FILES, _OUTPUT = "Beam", "Rotation and mosaicity", "Input files", "Output"
_OURS = "Not in the C program"
SECTIONS = (_CRYSTAL, _SIZE, _FILES, _BEAM, _SAMPLING, _GEOMETRY, _DETECTOR, _OUTPUT, _OURS)
"""In the order in which the help lists them."""

_BY_BEAM, _BY_SAMPLE = (("pivot", "beam"),), (("pivot", "sample"),)
_MISSET_SEED = ("misset-seed", "-misset_seed")

ROWS: tuple[Row, ...] = (
    _value(_SIZE, _has("-Na"), "Na", "integer", "N", "unit cells along a", "1", stop=True),
    _value(_SIZE, _has("-Nb"), "Nb", "integer", "N", "unit cells along b", "1", stop=True),
    _value(_SIZE, _has("-Nc"), "Nc", "integer", "N", "unit cells along c", "1", stop=True),
    _value(_SIZE, (Is("-N"),), "Na Nb Nc", "integer", "N", "unit cells along a, b and c", "1", stop=True),
    Row(_CRYSTAL, _has("-cell"), "unit cell edges in Angstrom and angles in degrees; later ones may be left out",
        args=1, special="cell", metavar="A B C ALPHA BETA GAMMA"),
    Row(_CRYSTAL, _has("-misset"), "turn the crystal about x, y, z by degrees; or the word random: a random "
        "orientation, from -misset_seed", args=1, special="misset_random", stop=True, metavar="X Y Z",
        defect=_MISSET_SEED),
    Row(_CRYSTAL, _has("-misset"), "turn the crystal about x, y, z by degrees",
        reads=(("misset_x", "degrees"), ("misset_y", "degrees"), ("misset_z", "degrees")),
        sets=(("misset", "explicit"),), args=3, metavar="X Y Z", defect=_MISSET_SEED),
    _value(_SIZE, _has("-samplesize", "-sample_size"), "sample_x sample_y sample_z", "mm", "MM",
           "crystal size in mm, from which the unit cells follow"),
    _value(_SIZE, _has("-sample_thick", "-sample_x"), "sample_x", "mm", "MM", "crystal size along a, mm"),
    _value(_SIZE, _has("-sample_width", "-sample_y", "-width"), "sample_y", "mm", "MM", "along b, mm"),
    _value(_SIZE, _has("-sample_heigh", "-sample_z", "-heigh"), "sample_z", "mm", "MM", "along c, mm"),
    _value(_SIZE, _has("-xtalsize", "-xtal_size"), "sample_x sample_y sample_z", "mm", "MM", "as -samplesize"),
    _value(_SIZE, _has("-xtal_thick", "-xtal_x"), "sample_x", "mm", "MM", "as -sample_x"),
    _value(_SIZE, _has("-xtal_width", "-xtal_y", "-width"), "sample_y", "mm", "MM", "as -sample_y"),
    _value(_SIZE, _has("-xtal_heigh", "-xtal_z", "-heigh"), "sample_z", "mm", "MM", "as -sample_z"),
    _value(_SIZE, _has("-density", "-sample_den"), "", "", "G/CM3", "accepted, without effect"),
    Row(_SIZE, (Is("-MW"), Has("-molec")), "accepted, without effect", args=1, metavar="DALTON"),
    _value(_GEOMETRY, _has("-Xbeam"), "Xbeam", "mm", "MM", "direct beam X in the convention's own frame, mm",
           "centre", sets=_BY_BEAM),
    _value(_GEOMETRY, _has("-Ybeam"), "Ybeam", "mm", "MM", "direct beam Y, mm", "centre", sets=_BY_BEAM),
    _value(_GEOMETRY, _has("-Xclose"), "Xclose", "mm", "MM", "X of the point nearest to the sample, mm",
           "centre", sets=_BY_SAMPLE),
    _value(_GEOMETRY, _has("-Yclose"), "Yclose", "mm", "MM", "Y of the nearest point, mm", "centre",
           sets=_BY_SAMPLE),
    _value(_GEOMETRY, _has("-ORGX"), "ORGX", "number", "PIXEL", "X of the nearest point, pixels (XDS)",
           sets=_BY_SAMPLE),
    _value(_GEOMETRY, _has("-ORGY"), "ORGY", "number", "PIXEL", "Y of the nearest point, pixels (XDS)",
           sets=_BY_SAMPLE),
    Row(_GEOMETRY, _has("-pivot"), "what the detector turns about: sample or beam", args=1, special="pivot",
        metavar="WHAT", default="beam; -xds and -dials: sample"),
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
    Row(_GEOMETRY, _has("-pix0_vector", "-pix0_vector_mm"), "corner of the first pixel, m, or mm after the second "
        "name; used with -fix pix0 only, and selects custom axes in any case", sets=(("convention", "custom"),),
        args=3, special="pix0", metavar="X Y Z"),
    _value(_GEOMETRY, _has("-distance"), "distance", "mm", "MM", "sample to direct beam spot, mm", "100",
           sets=_BY_BEAM),
    _value(_GEOMETRY, _has("-close_distance"), "close_distance", "mm", "MM", "sample to nearest point, mm",
           sets=_BY_SAMPLE),
    Row(_DETECTOR, _has("-detector_abs"), "attenuation depth of the sensor, micrometres, or inf: no absorption",
        args=1, special="attenuation", metavar="UM", default="none"),
    _value(_DETECTOR, (Has("-detector_thick", length=15),), "thickness", "micrometres", "UM",
           "thickness of the sensor, micrometres", "0"),
    _value(_DETECTOR, _has("-detector_thicksteps"), "thicksteps", "integer", "N", "layers of the sensor"),
    _value(_DETECTOR, _has("-thicksteps"), "thicksteps", "integer", "N", "layers of the sensor"),
    _value(_GEOMETRY, _has("-twotheta"), "twotheta", "degrees", "DEG", "turn the detector arm, degrees", "0",
           sets=_BY_SAMPLE, defect=("twotheta-axis", "-twotheta_axis")),
    _value(_GEOMETRY, _has("-detector_rotx"), "rotx", "degrees", "DEG", "turn the detector about x", "0"),
    _value(_GEOMETRY, _has("-detector_roty"), "roty", "degrees", "DEG", "turn the detector about y", "0"),
    _value(_GEOMETRY, _has("-detector_rotz"), "rotz", "degrees", "DEG", "turn the detector about z", "0"),
    _value(_DETECTOR, (Has("-detsize", length=8),), "detsize_f detsize_s", "mm", "MM", "detector size, mm",
           "102.4"),
    _value(_DETECTOR, _has("-detsize_f"), "detsize_f", "mm", "MM", "size along the fast axis, mm", "102.4"),
    _value(_DETECTOR, _has("-detsize_s"), "detsize_s", "mm", "MM", "size along the slow axis, mm", "102.4"),
    _value(_DETECTOR, (Has("-detpixels", length=10),), "fpixels spixels", "integer", "N",
           "pixels along each axis; wins over -detsize", "1024"),
    _value(_DETECTOR, _has("-detpixels_f", "-detpixels_x"), "fpixels", "integer", "N", "along the fast axis",
           "1024"),
    _value(_DETECTOR, _has("-detpixels_s", "-detpixels_y"), "spixels", "integer", "N", "along the slow axis",
           "1024"),
    Row(_DETECTOR, _has("-curved_det"), "all pixels at the same distance; needs some argument after it",
        sets=(("curved", True),), args=1),
    _value(_DETECTOR, _has("-pixel"), "pixel", "mm", "MM", "pixel size, mm", "0.1"),
    _flag(_DETECTOR, _has("-point_pixel"), "point_pixel", True, "no obliquity and no pixel area"),
    _value(_BEAM, (Has("-polar", length=6),), "kahn", "number", "K", "Kahn polarization factor, -1 to 1", "0",
           sets=(("nopolar", False),)),
    _flag(_BEAM, _has("-nopolar"), "nopolar", True, "no polarization correction"),
    _flag(_SAMPLING, _has("-oversample_thick"), "oversample_thick", True,
          "capture fraction of every subpixel and layer", stop=True),
    _flag(_SAMPLING, _has("-oversample_polar"), "oversample_polar", True, "polarization of every subpixel",
          stop=True),
    _flag(_SAMPLING, _has("-oversample_omega"), "oversample_omega", True, "solid angle of every subpixel",
          stop=True),
    _value(_SAMPLING, _has("-oversample"), "oversample", "integer", "N", "subpixels along each axis of a pixel",
           "as many as the crystal size asks for"),
    Row(_DETECTOR, _has("-roi"), "render only these pixels, bounds included",
        reads=(("roi_xmin", "integer"), ("roi_xmax", "integer"), ("roi_ymin", "integer"),
               ("roi_ymax", "integer")), args=4, metavar="XMIN XMAX YMIN YMAX", default="all"),
    _value(_BEAM, _has("-lambda", "-wave"), "wavelength", "angstrom_per_1e10", "ANGSTROM", "wavelength, Angstrom",
           "1"),
    _value(_BEAM, _has("-energy"), "wavelength", "electronvolts", "EV", "photon energy, eV"),
    _value(_BEAM, _has("-fluence"), "fluence", "number", "PHOTONS/M2", "incident photons per square metre",
           "1.25932e+29"),
    _value(_BEAM, _has("-flux"), "flux", "number", "PHOTONS/S", "incident photons per second; with -exposure and "
           "-beamsize it gives the fluence", "0"),
    _value(_BEAM, _has("-exposure"), "exposure", "number", "S", "exposure time, s", "1"),
    _value(_BEAM, _has("-beamsize"), "beamsize", "mm", "MM", "beam size, mm; a larger sample is clipped to it",
           "0.1"),
    _value(_SAMPLING, (Has("-mosaic", length=7), Has("-mosaici"), Has("-mosaic_spr")), "mosaic_spread", "degrees",
           "DEG", "mosaic spread, degrees", "0"),
    _value(_SAMPLING, _has("-mosaic_dom"), "mosaic_domains", "integer", "N", "mosaic domains",
           "1, or 10 with a spread"),
    _value(_BEAM, _has("-dispersion"), "dispersion", "percent", "PERCENT", "range of wavelengths, percent", "0"),
    _value(_BEAM, _has("-dispsteps"), "dispsteps", "integer", "N", "wavelengths in that range"),
    _value(_BEAM, _has("-divergence"), "hdivrange vdivrange", "milliradians", "MRAD",
           "range of beam directions, both ways, mrad", "0"),
    _value(_BEAM, _has("-hdivrange"), "hdivrange", "milliradians", "MRAD", "horizontal range, mrad", "0"),
    _value(_BEAM, _has("-vdivrange"), "vdivrange", "milliradians", "MRAD", "vertical range, mrad", "0"),
    _value(_BEAM, (Has("-hdivstep", length=9),), "hdivstep", "milliradians", "MRAD", "horizontal step, mrad"),
    _value(_BEAM, _has("-hdivsteps"), "hdivsteps", "integer", "N", "horizontal directions"),
    _value(_BEAM, (Has("-vdivstep", length=9),), "vdivstep", "milliradians", "MRAD", "vertical step, mrad"),
    _value(_BEAM, _has("-vdivsteps"), "vdivsteps", "integer", "N", "vertical directions"),
    _value(_BEAM, _has("-divsteps"), "hdivsteps vdivsteps", "integer", "N", "directions each way"),
    _flag(_BEAM, _has("-round_div"), "round_div", True, "cut the corners of the divergence grid (default)"),
    _flag(_BEAM, _has("-square_div"), "round_div", False, "keep the whole divergence grid"),
    _value(_OUTPUT, _has("-adc"), "adc", "number", "OFFSET", "offset added to integer and noise pixels", "40"),
    _value(_SAMPLING, (Has("-phi", length=4),), "phi0", "degrees", "DEG", "spindle at the start, degrees", "0"),
    _value(_SAMPLING, _has("-osc"), "osc", "degrees", "DEG", "oscillation range, degrees", "0"),
    _value(_SAMPLING, (Has("-phistep", length=8),), "phistep", "degrees", "DEG", "phi step, degrees"),
    _value(_SAMPLING, _has("-phisteps"), "phisteps", "integer", "N", "phi steps"),
    _value(_SAMPLING, _has("-dmin"), "dmin", "angstrom_times_1e10", "ANGSTROM",
           "leave out what lies beyond this resolution, Angstrom", "0: nothing"),
    _value(_FILES, _has("-mat"), "matrix_file", "text", "FILE", "orientation matrix, MOSFLM style"),
    _value(_FILES, _has("-hkl"), "hkl_file", "text", "FILE", "structure factors, h k l F a line, P1, electrons; "
           "or coordinates or reflection data, see -sf_dmin"),
    _value(_CRYSTAL, _has("-default_F"), "default_F", "number", "F",
           "structure factor of every reflection that is not listed, electrons", "0"),
    _value(_FILES, _has("-dump"), "dump_file", "text", "FILE",
           "binary structure factors: written after -hkl, read without it", "Fdump.bin"),
    _value(_FILES, _has("-img"), "img_file", "text", "FILE", "take the geometry from the header of this image"),
    _value(_FILES, _has("-mask"), "mask_file", "text", "FILE",
           "image whose zero pixels are not rendered; its header counts as -img's does"),
    _value(_FILES, (Has("-stolout", longer=7),), "", "", "FILE", "accepted, without effect"),
    _value(_FILES, (Has("-stol", length=5),), "stol_file", "text", "FILE", "background table, checked, not used"),
    _value(_FILES, (Has("-4stol", length=6),), "stol_file", "text", "FILE", "as -stol"),
    _value(_FILES, (Has("-Q", length=2),), "stol_file", "text", "FILE", "as -stol"),
    _value(_FILES, _has("-sourcefile"), "source_file", "text", "FILE",
           "sources, X Y Z weight wavelength a line, instead of -divergence and -dispersion"),
    _value(_OUTPUT, _has("-floatfile", "-floatimage"), "float_file", "text", "FILE", "float32 image",
           "floatimage.bin"),
    _value(_OUTPUT, _has("-intfile", "-intimage"), "int_file", "text", "FILE", "scaled SMV image",
           "intimage.img"),
    _value(_OUTPUT, _has("-pgmfile", "-pgmimage"), "pgm_file", "text", "FILE", "8-bit PGM picture", "image.pgm",
           sets=(("pgm", True),)),
    _value(_OUTPUT, _has("-noisefile", "-noiseimage"), "noise_file", "text", "FILE",
           "SMV image with counting noise", "noiseimage.img", sets=(("noise", True),)),
    _flag(_OUTPUT, _has("-nonoise"), "noise", False, "no noise image"),
    _flag(_OUTPUT, _has("-nopgm"), "pgm", False, "no PGM picture"),
    _value(_OUTPUT, _has("-scale"), "scale", "number", "FACTOR", "scale of the integer image",
           "the largest pixel becomes 55000"),
    _value(_OUTPUT, _has("-pgmscale"), "pgm_scale", "number", "FACTOR", "scale of the PGM picture",
           "five standard deviations become 250", sets=(("pgm", True),)),
    Row(_OUTPUT, _has("-coherent"), "accepted, without effect"),
    _flag(_OUTPUT, _has("-printout"), "printout", True, "print the inner numbers of every rendered pixel"),
    _flag(_OUTPUT, _has("-noprogress"), "progress", False, "no progress meter"),
    _flag(_OUTPUT, _has("-progress"), "progress", True, "progress meter (default)"),
    _flag(_CRYSTAL, _has("-interpolate"), "interpolate", True,
          "interpolate structure factors between the reflections (default for 1 or 2 unit cells)"),
    _flag(_CRYSTAL, _has("-nointerpolate"), "interpolate", False, "take that of the nearest reflection"),
    _flag(_SIZE, _has("-round_xtal"), "shape", "round", "ellipsoidal crystal"),
    _flag(_SIZE, _has("-square_xtal"), "shape", "square", "parallelepiped crystal (default)"),
    _flag(_SIZE, _has("-gauss_xtal"), "shape", "gauss", "Gaussian spots"),
    _flag(_SIZE, _has("-binary_spots", "-tophat_spots"), "shape", "tophat", "spots with a sharp edge"),
    _value(_SIZE, _has("-fudge"), "fudge", "number", "FACTOR", "spot size of round, Gaussian and tophat spots",
           "1"),
    Row(_OUTPUT, _has("-printout_pixel"), "print the inner numbers of this pixel only",
        reads=(("printout_fpixel", "integer"), ("printout_spixel", "integer")), args=2, metavar="FAST SLOW"),
    _value(_OUTPUT, _has("-seed"), "noise_seed", "seed", "N", "random seed of the noise", "from the clock"),
    _value(_SAMPLING, _has("-mosaic_seed"), "mosaic_seed", "seed", "N", "random seed of the mosaic domains",
           "12345678"),
    _value(_CRYSTAL, _has("-misset_seed"), "misset_seed", "seed", "N",
           "random seed of -misset random; the C program reads the number as -misset, too (see -fix)",
           "from the clock"),
    _value(_BEAM, _has("-water"), "water_size", "micrometres_per_1e6", "UM",
           "size of a water droplet whose scattering is added, micrometres", "0"),
    # What the C program does not have: matched exactly, so that no row above is disturbed.
    Row(_OURS, (Is("-threads"),), "threads to compute with", reads=(("threads", "integer"),), args=1,
        metavar="N", default="all cores", ours=True),
    Row(_OURS, (Is("-engine"),), "row: vectorized and guarded; loop: the loops one by one; the same bytes",
        reads=(("engine", "engine"),), args=1, metavar="NAME", default="row", ours=True),
    Row(_OURS, (Is("-verbose"),), "say on standard error where the time went", sets=(("verbose", True),),
        ours=True),
    Row(_OURS, (Is("-strict"),), "an argument that is not understood is an error", sets=(("strict", True),),
        ours=True),
    Row(_OURS, (Is("-pngfile"),), "write a PNG picture that shows the spots", reads=(("png_file", "text"),),
        args=1, metavar="FILE", ours=True),
    Row(_OURS, (Is("-sf_dmin"),), "resolution of the reflections where -hkl names coordinates (.pdb, .cif) or data "
        "(.mtz, .cif), Angstrom", reads=(("sf_dmin", "number"),), args=1, metavar="ANGSTROM", default="all of the data",
        ours=True),
    Row(_OURS, (Is("-nexusfile"),), "write a NeXus file (NXmx): photons, mask, geometry as transformations",
        reads=(("nexus_file", "text"),), args=1, metavar="FILE", ours=True),
    Row(_OURS, (Is("-frames"),), "split -osc into so many frames of the NeXus file; the other files stay those of the "
        "whole run", reads=(("frames", "integer"),), args=1, metavar="N", default="1", ours=True),
    Row(_OURS, (Is("-cbffile"),), "write a CBF image, PILATUS style: the pixels of the noise image, with -nonoise "
        "those of the scaled image", reads=(("cbf_file", "text"),), args=1, metavar="FILE", ours=True),
    Row(_OURS, (Is("-exptfile"),), "write a DIALS experiment list", reads=(("expt_file", "text"),), args=1,
        metavar="FILE", ours=True),
    Row(_OURS, (Is("-ponifile"),), "write the geometry for pyFAI", reads=(("poni_file", "text"),), args=1,
        metavar="FILE", ours=True),
    Row(_OURS, (Is("-trace_pixel"),), "trace the inner numbers of this pixel; may be given several times",
        args=2, special="trace_pixel", metavar="SLOW FAST", ours=True),
    Row(_OURS, (Is("-trace_prefix"),), "what trace lines begin with", reads=(("trace_prefix", "word"),), args=1,
        metavar="NAME", default="TRACE_PY", ours=True),
    Row(_OURS, (Is("-fix"),), "compute what was meant where the C program has a defect: names with commas between "
        f"them, or all; list prints them all and what each does ({', '.join(NAMES)})", args=1, special="fix",
        metavar="NAME[,NAME...]", ours=True),
    Row(_OURS, (Is("-h"), Is("--help"), Is("-help")), "print this help", sets=(("help", True),), ours=True),
    Row(_OURS, (Is("--version"), Is("-version")), "print the version", sets=(("version", True),), ours=True),
)  # fmt: skip
