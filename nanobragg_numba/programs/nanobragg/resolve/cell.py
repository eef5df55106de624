"""The unit cell and its orientation: from edges and angles, or a matrix file, to six vectors."""

import math
import os

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.formats.matrix import matrix_warnings, read_orientation
from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.kernels.noise.random import MISSET, Generator, random_rotation
from nanobragg_numba.programs.nanobragg.defects.setup import Cell as CellDefect
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.shared.arithmetic import cross, divide, dot, length, rotate_xyz, scaled, unit
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.records import dataclass

_BEYOND_ONE = 1.0000001


@dataclass(frozen=True)
class Cell:
    """Cell vectors at phi = 0, and what the report says of them.

    Attributes
    ----------
    a, b, c : (3,)
        Angstrom.
    a_star, b_star, c_star : (3,)
        1/Angstrom.
    lengths, star_lengths : (3,)
        Angstrom, 1/Angstrom.
    angles, star_angles : (3,)
        Radians.
    volume : float
        Angstrom^3.
    """

    a: Vector
    b: Vector
    c: Vector
    a_star: Vector
    b_star: Vector
    c_star: Vector
    lengths: Vector
    star_lengths: Vector
    angles: Vector
    star_angles: Vector
    volume: float


def _clamp_sine(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _clamp_cosine(value: float) -> float:
    return 1.0 if value * value > 1.0 else value


def _impossible(options: OptionValues) -> ExperimentError:
    angles = " ".join(f"{v * DEGREES_PER_RADIAN:g}" for v in (options.alpha, options.beta, options.gamma))
    return ExperimentError(
        f"-cell {options.a:g} {options.b:g} {options.c:g} {angles}: no such cell exists; check the angles"
    )


def _completed_cell(options: OptionValues) -> tuple[float, ...]:
    """Edges and angles with the defaults for those that were left out."""
    b, c = options.b or options.a, options.c or options.a
    if min(options.a, b, c) < 0.0 or options.a == 0.0:
        raise _impossible(options)
    right = math.pi / 2
    angles = [angle if angle > 0.0 else right for angle in (options.alpha, options.beta, options.gamma)]
    return options.a, b, c, *angles


def _has_matrix(options: OptionValues, notes: Notes, files: Files) -> bool:
    """Whether there is a matrix to be read; C does without one that cannot be opened where it has a cell."""
    if not options.matrix_file:
        return False
    if options.a != 0.0 and not files.read(os.access, options.matrix_file, os.R_OK):
        name = options.matrix_file
        notes.warnings.append(f"cannot read the orientation matrix {name}: the crystal is that of -cell alone")
        return False
    return True


def _reciprocal_from_cell(
    options: OptionValues, with_matrix: bool, notes: Notes
) -> tuple[Vector, Vector, Vector, float]:
    """Reciprocal vectors, 1/Angstrom, in the standard setting, and the volume of the cell."""
    a, b, c, alpha, beta, gamma = _completed_cell(options)
    aavg = (alpha + beta + gamma) / 2
    skew = math.sin(aavg) * math.sin(aavg - alpha) * math.sin(aavg - beta) * math.sin(aavg - gamma)
    if not skew > 0.0:
        raise _impossible(options)
    V = 2.0 * a * b * c * math.sqrt(abs(skew))
    if not 0.0 < V < math.inf:
        raise _impossible(options)
    Vs = 1.0 / V
    as_ = b * c * math.sin(alpha) * Vs
    bs = c * a * math.sin(beta) * Vs
    cs = a * b * math.sin(gamma) * Vs
    if not min(as_, bs, cs) > 0.0:
        raise _impossible(options)
    sines = (a * Vs / bs / cs, b * Vs / as_ / cs, c * Vs / as_ / bs)
    sa, sb, sg = math.sin(alpha), math.sin(beta), math.sin(gamma)
    ca, cb, cg = math.cos(alpha), math.cos(beta), math.cos(gamma)
    cosines = (
        divide(cb * cg - ca, sb * sg),
        divide(cg * ca - cb, sg * sa),
        divide(ca * cb - cg, sa * sb),
    )
    if not all(abs(value) <= _BEYOND_ONE for value in sines + cosines):
        raise _impossible(options)
    sin_gs = _clamp_sine(sines[2])
    cos_as, cos_bs, cos_gs = (_clamp_cosine(value) for value in cosines)
    third = cs * V / (a * b * c * sin_gs)
    if CellDefect.changes(sg, sin_gs):
        if CellDefect.name in options.fixes:
            third = CellDefect.third_component(c)
        elif not with_matrix:
            notes.defects.append(CellDefect.name)
    c_star = (cs * cos_bs, cs * (cos_as - cos_bs * cos_gs) / sin_gs, third)
    return (as_, 0.0, 0.0), (bs * cos_gs, bs * sin_gs, 0.0), c_star, V


def _misset_angles(options: OptionValues, generator: Generator, notes: Notes) -> Vector:
    """Rotation about x, y, z in radians: said, or drawn at random."""
    if options.misset == "random":
        import numpy as np

        u = random_rotation(generator, MISSET, np.float32(90.0))
        angles = _angles_of_rotation([unit(u[i : i + 3]) for i in (0, 3, 6)])
        degrees = [angle * DEGREES_PER_RADIAN for angle in angles]
        notes.orientation.append(c_format("random orientation misset angles: %f %f %f deg", *degrees))
        return angles
    return options.misset_x, options.misset_y, options.misset_z


def _angles_of_rotation(u: list[Vector]) -> Vector:
    """Angles about x, y, z of a rotation matrix with rows u."""
    uzx, uzy, uzz = u[2]
    if uzx * uzx >= 1.0:
        return 4 * math.atan2(1, 1), 2 * math.atan2(1, 1), math.atan2(u[0][1], -u[1][1])
    return (
        math.atan2(uzy, uzz),
        math.atan2(-uzx, math.sqrt(uzy * uzy + uzz * uzz)),
        math.atan2(u[1][0], u[0][0]),
    )


def resolve_cell(options: OptionValues, generator: Generator, notes: Notes, files: Files = UNCACHED) -> Cell:
    """Step 10 of the set-up.

    Parameters
    ----------
    options : OptionValues
    generator : Generator
        Draws a random orientation.
    notes : Notes
        Told of warnings and report lines.
    files : Files
        Reads the matrix.

    Returns
    -------
    Cell
        Real and reciprocal vectors, Angstrom and 1/Angstrom.

    Raises
    ------
    ExperimentError, FormatError
        A cell that cannot exist; a matrix file without nine numbers or with a zero determinant.
    """
    edges: tuple[float, ...] = ()
    V = 0.0
    with_matrix = _has_matrix(options, notes, files)
    if options.user_cell and not (with_matrix and options.a == 0.0):
        edges = _completed_cell(options)
        a_star, b_star, c_star, V = _reciprocal_from_cell(options, with_matrix, notes)
    if with_matrix:
        found = files.read(read_orientation, options.matrix_file)
        rows = found.matrix.tolist()
        notes.warnings += matrix_warnings(options.matrix_file, found, options.wavelength * 1e10)
        factor = 1e-10 / options.wavelength
        a_star, b_star, c_star = (scaled(column, factor) for column in zip(*rows))
        notes.orientation.append(f"reading {options.matrix_file}")
    if options.misset != "none":
        angles = _misset_angles(options, generator, notes)
        a_star, b_star, c_star = (rotate_xyz(v, angles) for v in (a_star, b_star, c_star))
    return _cell_of_reciprocal((a_star, b_star, c_star), edges, V, notes)


def _cell_of_reciprocal(stars: tuple[Vector, Vector, Vector], edges: tuple[float, ...], V: float, notes: Notes) -> Cell:
    """All six vectors from the reciprocal ones; with -cell its edges and volume win.

    Parameters
    ----------
    stars : three vectors
        a*, b* and c*, 1/Angstrom.
    edges : (3,) or empty
        Of -cell, Angstrom.
    V : float
        Volume of -cell, Angstrom^3.
    notes : Notes
    """
    a_star, b_star, c_star = stars
    axb, bxc, cxa = cross(a_star, b_star), cross(b_star, c_star), cross(c_star, a_star)
    Vs = dot(a_star, bxc)
    if Vs == 0.0 or not math.isfinite(1.0 / Vs):
        raise ExperimentError("the crystal has no volume: its axes lie in one plane; check the matrix")
    if edges:
        bxc = _with_length(bxc, edges[0] / V)
        cxa = _with_length(cxa, edges[1] / V)
        axb = _with_length(axb, edges[2] / V)
        Vs = 1.0 / V
    V = 1.0 / Vs
    a, b, c = scaled(bxc, V), scaled(cxa, V), scaled(axb, V)
    a_star, b_star, c_star = (scaled(v, Vs) for v in (cross(b, c), cross(c, a), cross(a, b)))
    lengths = (length(a), length(b), length(c))
    star_lengths = (length(a_star), length(b_star), length(c_star))
    _check_lengths(*lengths, *star_lengths)
    real = _angles((a, b, c), lengths, star_lengths, V)
    star = _angles((a_star, b_star, c_star), star_lengths, lengths, Vs)
    _note_oddball(real, "WARNING: oddball cell angles:", ("%s_alpha = ", "%s_beta  = ", "%s_gamma = "), notes)
    _note_oddball(
        star, "WARNING: oddball reciprocal cell angles:",
        ("%s(alpha_star) = ", "%s(beta_star)  = ", "%s(gamma_star) = "), notes,
    )  # fmt: skip
    return Cell(a, b, c, a_star, b_star, c_star, lengths, star_lengths, _clamped_angles(real), _clamped_angles(star), V)


def _with_length(v: Vector, new_length: float) -> Vector:
    _check_lengths(length(v))
    return scaled(v, new_length / length(v))


def _check_lengths(*lengths: float) -> None:
    if not all(0.0 < value < math.inf for value in lengths):
        raise ExperimentError("the axes of the crystal are too long or too short to compute with; check -cell or -mat")


def _angles(vectors: tuple[Vector, ...], own: Vector, others: Vector, V: float) -> list[tuple[float, float]]:
    """Sine and cosine of the three angles between the vectors of a cell.

    Parameters
    ----------
    vectors : three vectors
    own : (3,)
        Their lengths.
    others : (3,)
        Those of the reciprocal ones, in the inverse unit.
    V : float
        Volume of the cell.
    """
    pairs = []
    for i, (j, k) in enumerate(((1, 2), (0, 2), (0, 1))):
        sine = others[i] * V / own[j] / own[k]
        pairs.append((sine, dot(vectors[j], vectors[k]) / own[j] / own[k]))
    return pairs


def _clamped_angles(pairs: list[tuple[float, float]]) -> Vector:
    x, y, z = (math.atan2(_clamp_sine(s), _clamp_cosine(c)) for s, c in pairs)
    return x, y, z


def _note_oddball(pairs: list[tuple[float, float]], head: str, labels: tuple[str, ...], notes: Notes) -> None:
    """Note sines and cosines of cell angles that no angle has.

    Parameters
    ----------
    pairs : list of (float, float)
        Sine and cosine of each angle.
    head : str
        First line of the note.
    labels : tuple of str
        Names of the angles.
    notes : Notes
    """
    if all(abs(s) <= _BEYOND_ONE and abs(c) <= _BEYOND_ONE for s, c in pairs):
        return
    notes.oddball.append(head)
    for label, (sine, cosine) in zip(labels, pairs):
        notes.oddball.append(label % "sin" + c_format("%.25g", sine))
        notes.oddball.append(label % "cos" + c_format("%.25g", cosine))
