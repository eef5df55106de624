"""The token table: what every line of a trace is called, how it is written and what it means.

Emitting, comparing, `nb-trace --list-taps` and traces/SCHEMA.md all read this one table. It knows slots by name
only, so that a tool that compares logs need not load the compiler.
"""

from __future__ import annotations

from nanobragg_numba.records import dataclass

PIXEL = "PREFIX: name values"
SOURCE2 = "PREFIX_SOURCE2: name value"
PHI = "PREFIX_PHI key=value ..."
WARNING = "WARNING: text"
SETUP = "PREFIX:name=values"
BARE = "NAME values"
CONFIG = "TRACE_CONFIG: text"

FLOAT = "%.15g"
INT = "%d"
TEXT = "text"

ONCE = "once, as the detector is placed"
ONCE_BEAM = "once, beam pivot"
ONCE_SAMPLE = "once, sample pivot"
PER_PIXEL = "once a pixel, after the loops"
PER_SUBPIXEL = "layer, subpixel (source 0)"
PER_STEP = "layer, subpixel (source 0, phi step 0, domain 0)"
PER_STEP_SQUARE = "layer, subpixel (source 0, phi step 0, domain 0; square crystals)"
PER_PHI = "layer, subpixel, phi step (source 0, domain 0; square crystals)"
PER_SOURCE2 = "layer, subpixel (source 2, phi step 0, domain 0)"

PER_SOURCE0 = "subpixel (source 0; nonBragg)"

PHI_KEYS = ("phi_tic", "phi_deg", "k_frac", "F_latt_b", "F_latt")


@dataclass(frozen=True)
class Token:
    """One kind of trace line.

    Attributes
    ----------
    name : str
        As printed.
    form : str
        One of the line forms of this module.
    formats : tuple of str
        C's conversion of each value; `text` for anything that is no plain number.
    unit, level, meaning : str
        For people: the unit of the values, the loops that the line stands in, what it says.
    slot : str
        Name of the constant in `kernels.taps`; empty for a setup token.
    """

    name: str
    form: str
    formats: tuple[str, ...]
    unit: str
    level: str
    meaning: str
    slot: str = ""

    @property
    def key(self) -> str:
        """Name that pairs this token with the same one in another log."""
        return f"SOURCE2 {self.name}" if self.form == SOURCE2 else self.name


_ONE, _VECTOR = (FLOAT,), (FLOAT,) * 3
_WHOLE, _INDICES = (INT,), (INT,) * 3

_PIXEL_ROWS = (
    ("PIX0_VECTOR", "pix0_vector_meters", _VECTOR, "m", PER_SUBPIXEL, "detector origin"),
    ("FDET_VEC", "fdet_vec", _VECTOR, "unit vector", PER_SUBPIXEL, "fast axis, rotated"),
    ("SDET_VEC", "sdet_vec", _VECTOR, "unit vector", PER_SUBPIXEL, "slow axis, rotated"),
    ("PIXEL_POS", "pixel_pos_meters", _VECTOR, "m", PER_SUBPIXEL, "the subpixel in the lab"),
    ("R_DISTANCE", "R_distance_meters", _ONE, "m", PER_SUBPIXEL, "airpath to the subpixel"),
    ("OMEGA_PIXEL_SR", "omega_pixel_sr", _ONE, "sr", PER_SUBPIXEL,
     "pixel solid angle in force: the first subpixel's unless -oversample_omega"),
    ("CLOSE_DISTANCE", "close_distance_meters", _ONE, "m", PER_SUBPIXEL,
     "distance of the detector plane"),
    ("OBLIQUITY_FACTOR", "obliquity_factor", _ONE, "1", PER_SUBPIXEL,
     "close distance over airpath"),
    ("DIFFRACTED_VEC", "diffracted_vec", _VECTOR, "unit vector", PER_SUBPIXEL,
     "from the crystal to the subpixel"),
    ("INCIDENT_VEC", "incident_vec", _VECTOR, "unit vector", PER_SUBPIXEL,
     "from source 0 to the crystal"),
    ("LAMBDA_METERS", "lambda_meters", _ONE, "m", PER_SUBPIXEL, "wavelength of source 0"),
    ("LAMBDA_ANGSTROMS", "lambda_angstroms", _ONE, "Å", PER_SUBPIXEL, "the same"),
    ("SCATTERING_VEC", "scattering_vec_A_inv", _VECTOR, "1/m", PER_SUBPIXEL,
     "scattering vector; 1/m in spite of its name"),
    ("ROT_A", "rot_a_angstroms", _VECTOR, "Å", PER_STEP, "cell edge a, phi and domain applied"),
    ("ROT_B", "rot_b_angstroms", _VECTOR, "Å", PER_STEP, "cell edge b, the same"),
    ("ROT_C", "rot_c_angstroms", _VECTOR, "Å", PER_STEP, "cell edge c, the same"),
    ("ROT_A_STAR", "rot_a_star_A_inv", _VECTOR, "1/Å", PER_STEP, "a* of the unrotated crystal"),
    ("ROT_B_STAR", "rot_b_star_A_inv", _VECTOR, "1/Å", PER_STEP, "b* of the unrotated crystal"),
    ("ROT_C_STAR", "rot_c_star_A_inv", _VECTOR, "1/Å", PER_STEP, "c* of the unrotated crystal"),
    ("HKL_FRAC", "hkl_frac", _VECTOR, "1", PER_STEP, "fractional indices h, k, l"),
    ("HKL_ROUNDED", "hkl_rounded", _INDICES, "1", PER_STEP, "nearest indices h0, k0, l0"),
    ("F_LATT_A", "F_latt_a", _ONE, "1", PER_STEP_SQUARE, "lattice factor along a"),
    ("F_LATT_B", "F_latt_b", _ONE, "1", PER_STEP_SQUARE, "lattice factor along b"),
    ("F_LATT_C", "F_latt_c", _ONE, "1", PER_STEP_SQUARE, "lattice factor along c"),
    ("F_LATT", "F_latt", _ONE, "1", PER_STEP_SQUARE, "lattice factor: the product"),
    ("PHI_STEP", "PHI", (INT,) + (FLOAT,) * 4, "-, deg, 1, 1, 1", PER_PHI,
     "step number, spindle angle, fractional k, lattice factor along b, lattice factor"),
    ("INTERPOLATION_WARNING", "WARNING", ("%g",) * 3 + _INDICES, "1", "at most once a run",
     "h, k, l, h0, k0, l0 of the first evaluation out of range"),
    ("F_CELL", "F_cell", _ONE, "electrons", PER_STEP,
     "structure factor; only if the step gets that far"),
    ("SOURCE2_F_CELL", "F_cell", _ONE, "electrons", PER_SOURCE2, "structure factor"),
    ("SOURCE2_F_LATT", "F_latt", _ONE, "1", PER_SOURCE2, "lattice factor"),
    ("SOURCE2_F_CELL_SQUARED", "F_cell_squared", _ONE, "electrons^2", PER_SOURCE2,
     "F_cell*F_cell"),
    ("SOURCE2_F_LATT_SQUARED", "F_latt_squared", _ONE, "1", PER_SOURCE2, "F_latt*F_latt"),
    ("SOURCE2_I_CONTRIBUTION", "I_contribution", _ONE, "electrons^2", PER_SOURCE2,
     "F_cell*F_cell*F_latt*F_latt, about to be added"),
    ("SOURCE2_POLAR", "polar", _ONE, "1", PER_SOURCE2, "polarization factor in force"),
    ("SOURCE2_COS2THETA", "cos2theta", _ONE, "1", PER_SOURCE2,
     "incident . diffracted, as the polarization step left them"),
    ("SOURCE2_LAMBDA_ANGSTROMS", "lambda_angstroms", _ONE, "Å", PER_SOURCE2,
     "wavelength of source 2"),
    ("SOURCE2_SOURCE_INDEX", "source_index", _WHOLE, "1", PER_SOURCE2, "number of the source"),
    ("I_BEFORE_SCALING", "I_before_scaling", _ONE, "electrons^2", PER_PIXEL,
     "sum of all terms, with the background it started from"),
    ("R_E_METERS", "r_e_meters", _ONE, "m", PER_PIXEL, "classical electron radius"),
    ("R_E_SQUARED", "r_e_sqr", _ONE, "m^2", PER_PIXEL, "Thomson cross-section"),
    ("FLUENCE", "fluence_photons_per_m2", _ONE, "photons/m^2", PER_PIXEL, "incident fluence"),
    ("STEPS", "steps", _WHOLE, "1", PER_PIXEL,
     "sources * domains * phi steps * oversample^2; layers do not count"),
    ("OVERSAMPLE_THICK", "oversample_thick", _WHOLE, "0 or 1", PER_PIXEL,
     "capture fraction applied to every term"),
    ("OVERSAMPLE_POLAR", "oversample_polar", _WHOLE, "0 or 1", PER_PIXEL,
     "polarization applied to every term"),
    ("OVERSAMPLE_OMEGA", "oversample_omega", _WHOLE, "0 or 1", PER_PIXEL,
     "solid angle applied to every term"),
    ("CAPTURE_FRACTION", "capture_fraction", _ONE, "1", PER_PIXEL,
     "capture fraction in force at the end"),
    ("POLAR", "polar", _ONE, "1", PER_PIXEL, "polarization factor in force at the end"),
    ("OMEGA_PIXEL", "omega_pixel", _ONE, "sr", PER_PIXEL, "solid angle in force at the end"),
    ("COS_2THETA", "cos_2theta", _ONE, "1", PER_PIXEL,
     "last source . last subpixel, as the polarization step left them"),
    ("I_PIXEL_FINAL", "I_pixel_final", _ONE, "photons", PER_PIXEL, "intensity in double"),
    ("FLOATIMAGE_ACCUMULATED", "floatimage_accumulated", _ONE, "photons", PER_PIXEL,
     "the value in the float image, single precision"),
    ("STOL_PER_METER", "stol_per_meter", _ONE, "1/m", PER_SOURCE0, "sin(theta)/lambda"),
    ("TABLE_BRACKET", "table_bracket", _WHOLE, "1", PER_SOURCE0,
     "point of the table below it; the first row has number 2"),
    ("F_AMORPHOUS", "F_amorphous", _ONE, "electrons", PER_SOURCE0, "structure factor from the table"),
    ("SOURCE_POLAR", "source_polar", _ONE, "1", PER_SOURCE0, "polarization factor"),
    ("SOURCE_WEIGHT", "source_weight", _ONE, "1", PER_SOURCE0, "weight of source 0"),
    ("I_TERM", "I_term", _ONE, "electrons^2 sr", PER_SOURCE0, "what is about to be added"),
    ("MOLECULES", "molecules", _ONE, "1", "once a pixel, after the loops; nonBragg", "molecules in the beam"),
)  # fmt: skip


def _form_of(slot: str) -> str:
    if slot == "PHI_STEP":
        return PHI
    if slot == "INTERPOLATION_WARNING":
        return WARNING
    return SOURCE2 if slot.startswith("SOURCE2_") else PIXEL


PIXEL_TOKENS: tuple[Token, ...] = tuple(
    Token(name, _form_of(slot), formats, unit, level, meaning, slot)
    for slot, name, formats, unit, level, meaning in _PIXEL_ROWS
)
"""Tokens of a traced pixel in the order of their slots, which is C's."""

_SETUP_ROWS = (
    ("fdet_after_rotz", _VECTOR, "1", ONCE,
     "fast axis after the three rotations; in the second list of the beam pivot after twotheta"),
    ("sdet_after_rotz", _VECTOR, "1", ONCE, "slow axis, the same"),
    ("odet_after_rotz", _VECTOR, "1", ONCE, "normal, the same"),
    ("twotheta_axis", _VECTOR, "1", ONCE, "axis of the last rotation, not normalized"),
    ("fdet_after_twotheta", _VECTOR, "1", ONCE, "fast axis after all rotations"),
    ("sdet_after_twotheta", _VECTOR, "1", ONCE, "slow axis after all rotations"),
    ("odet_after_twotheta", _VECTOR, "1", ONCE, "normal after all rotations"),
    ("detector_convention", (TEXT,), "text", ONCE,
     "convention in capitals; always MOSFLM with the beam pivot"),
    ("angles_rad", (FLOAT,) * 4, "rad", ONCE, "rotx, roty, rotz, twotheta"),
    ("beam_center_m", _VECTOR, "km, km, mm", ONCE,
     "Xbeam, Ybeam (beam pivot) or Xclose, Yclose, divided by 1000 once too often; pixel size"),
    ("initial_fdet", _VECTOR, "1", ONCE, "fast axis before rotation; mosflm's with the beam pivot"),
    ("initial_sdet", _VECTOR, "1", ONCE, "slow axis, the same"),
    ("initial_odet", _VECTOR, "1", ONCE, "normal, the same"),
    ("Rx", (FLOAT,) * 9, "1", ONCE_BEAM, "rotation about x, row by row"),
    ("Ry", (FLOAT,) * 9, "1", ONCE_BEAM, "rotation about y"),
    ("Rz", (FLOAT,) * 9, "1", ONCE_BEAM, "rotation about z"),
    ("R_total", (FLOAT,) * 9, "1", ONCE_BEAM, "Rz.Ry.Rx"),
    ("convention_mapping", (TEXT,), "text", ONCE_BEAM, "constant text"),
    ("Fbeam_m", _ONE, "m", ONCE_BEAM, "beam centre along the fast axis"),
    ("Sbeam_m", _ONE, "m", ONCE_BEAM, "beam centre along the slow axis"),
    ("Fclose_m", _ONE, "m", ONCE_SAMPLE, "nearest point along the fast axis"),
    ("Sclose_m", _ONE, "m", ONCE_SAMPLE, "nearest point along the slow axis"),
    ("close_distance_m", _ONE, "m", ONCE_SAMPLE, "distance of the detector plane"),
    ("ratio", _ONE, "1", ONCE_SAMPLE, "beam . rotated normal"),
    ("distance_m", _ONE, "m", ONCE, "sample to beam spot"),
    ("term_fast", _VECTOR, "m", ONCE_BEAM, "-Fbeam * fast axis"),
    ("term_slow", _VECTOR, "m", ONCE_BEAM, "-Sbeam * slow axis"),
    ("term_beam", _VECTOR, "m", ONCE_BEAM, "distance * beam direction"),
    ("pix0_vector", _VECTOR, "m", ONCE_BEAM, "detector origin, the sum of the three terms"),
    ("term_fast_before_rot", _VECTOR, "m", ONCE_SAMPLE, "-Fclose * unrotated fast axis"),
    ("term_slow_before_rot", _VECTOR, "m", ONCE_SAMPLE, "-Sclose * unrotated slow axis"),
    ("term_close_before_rot", _VECTOR, "m", ONCE_SAMPLE, "close distance * unrotated normal"),
    ("pix0_before_rotation", _VECTOR, "m", ONCE_SAMPLE, "detector origin, unrotated"),
    ("pix0_after_rotz", _VECTOR, "m", ONCE_SAMPLE, "after the three rotations"),
    ("pix0_after_twotheta", _VECTOR, "m", ONCE_SAMPLE, "after all rotations"),
)  # fmt: skip

_BARE_ROWS = (
    ("DETECTOR_FAST_AXIS", "1", "fast axis after all rotations"),
    ("DETECTOR_SLOW_AXIS", "1", "slow axis after all rotations"),
    ("DETECTOR_NORMAL_AXIS", "1", "normal after all rotations"),
    ("DETECTOR_PIX0_VECTOR", "m", "detector origin"),
)

SETUP_TOKENS: tuple[Token, ...] = (
    *(
        Token(name, SETUP, formats, unit, level, meaning)
        for name, formats, unit, level, meaning in _SETUP_ROWS
    ),
    *(Token(name, BARE, _VECTOR, unit, ONCE, meaning) for name, unit, meaning in _BARE_ROWS),
    Token("TRACE_CONFIG", CONFIG, _WHOLE * 2, "pixels", "once a traced pixel",
          "slow and fast index of the pixel"),
)  # fmt: skip
"""Tokens of the detector's placement, and the line that names the pixel."""

BY_KEY: dict[str, Token] = {token.key: token for token in (*SETUP_TOKENS, *PIXEL_TOKENS)}
"""Token by the name that pairs it, see `Token.key`."""
