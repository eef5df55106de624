"""Structure factors of a model: X-ray form factors of its atoms, and a flat bulk solvent.

The electron density of the atoms is laid out on a grid and Fourier transformed, F_atoms. Its grid is 1/(2*rate)
of the resolution; atoms are blurred by as much B as keeps the grid from aliasing, which is taken back in reciprocal
space. The solvent is a mask of the space between the atoms (probe and shrink radii of 1.1 and 0.9 Angstrom), F_mask:

    F = F_atoms + i F''  + k_sol exp(-b_sol s^2/4) F_mask,    s = 1/d

Sources: form factors of International Tables for Crystallography C (1992), table 6.1.1.4, as gemmi has them; density
and blur after Ten Eyck, L. F. (1977). Acta Cryst. A33, 486-492; the flat solvent of Jiang, J.-S. & Brunger, A. T.
(1994). J. Mol. Biol. 243, 100-115, with the mean k_sol and b_sol of Fokine, A. & Urzhumtsev, A. (2002). Acta Cryst.
D58, 1387-1392.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.extras import extra
from nanobragg_numba.io.inputs import Path, open_input
from nanobragg_numba.io.numbers import whole_float
from nanobragg_numba.reflections.kinds import gemmi_errors_translated
from nanobragg_numba.reflections.table import Cell, Reflections, all_indices, sorted_reflections, spacings

_MOST_POINTS = 1 << 30  # of a density grid: 4 GiB
_MASK_SPACING = 0.6
_MASK_PER_DMIN = 0.4
_FARTHEST = 1e5  # Angstrom from the origin


_PDB_NUMBERS = (
    ("x", 30, 38, False), ("y", 38, 46, False), ("z", 46, 54, False), ("the occupancy", 54, 60, True),
    ("the B factor", 60, 66, True),
)  # fmt: skip
"""What stands in which columns of an ATOM record, and whether it may be left out."""


class Model(NamedTuple):
    """A model as gemmi reads it (gemmi.Structure), and what should be known of the choices made."""

    structure: Any
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """How structure factors are computed.

    Attributes
    ----------
    dmin : float
        Angstrom.
    k_sol, b_sol : float
        Bulk solvent: electrons/Angstrom^3 (0: none), Angstrom^2.
    wavelength : float
        For anomalous scattering, Angstrom; 0: none.
    rate : float
        Oversampling of the density.
    skip_unknown : bool
        Leave out atoms of no known element instead of refusing them.
    cutoff : float
        Density at which an atom ends, electrons/Angstrom^3: smaller is nearer to direct summation, and slower.
    """

    dmin: float
    k_sol: float = 0.35
    b_sol: float = 46.0
    wavelength: float = 0.0
    rate: float = 1.5
    cutoff: float = 1e-5
    skip_unknown: bool = False


def read_model(path: Path, skip_unknown: bool = False) -> Model:
    """Read PDB or mmCIF coordinates, symmetry of non-crystallographic operators written out.

    Parameters
    ----------
    skip_unknown : bool
        Leave out atoms without a form factor, and count them.

    Returns
    -------
    Model

    Raises
    ------
    FormatError
        It cannot be read, or has no atoms, no unit cell, no known space group, an atom that is nowhere or one without
        form factor.
    """
    gemmi = extra("gemmi", f"reading {path}")
    with open_input(path, "coordinate file") as file:  # a missing or unreadable file is named as everywhere
        check_pdb_numbers(file, path)
    notes = []
    with gemmi_errors_translated(path, "coordinate file"):
        structure = gemmi.read_structure(str(path))
        if len(structure) > 1:
            notes.append(f"{path}: the first of {len(structure)} models is used")
        if skip_unknown and len(structure):
            notes += _without_unknown(structure[0], path)
        _check_model(structure, path)
        structure.setup_entities()
        if any(not operation.given for operation in structure.ncs):  # even without any it would search for neighbours
            structure.expand_ncs(gemmi.HowToNameCopiedChain.Dup)
    return Model(structure, tuple(notes))


def _is_known(site: Any) -> bool:
    return site.atom.element.it92 is not None and site.atom.element.atomic_number != 0


def _without_unknown(model: Any, path: Path) -> list[str]:
    """Leave out the atoms that have no form factor; says how many there were, and of which kinds."""
    unknown = [site for site in model.all() if not _is_known(site)]
    kinds = sorted({f"{site.atom.name} of {site.residue.name}" for site in unknown})
    for chain in model:
        for residue in chain:
            for i in reversed(range(len(residue))):
                element = residue[i].element
                if element.it92 is None or element.atomic_number == 0:
                    del residue[i]
    if not unknown:
        return []
    shown = ", ".join(kinds[:8]) + (", ..." if len(kinds) > 8 else "")
    return [f"{path}: {len(unknown)} atoms without form factor are left out: {shown}"]


def check_pdb_numbers(file: BinaryIO, path: Path) -> None:
    """Refuse a PDB file in which a coordinate, occupancy or B factor is no number, such as one that overflowed.

    gemmi takes those for 0, which puts the atom at the origin.

    Raises
    ------
    FormatError
        With the line.
    """
    name = str(path).lower()
    if not name.removesuffix(".gz").endswith((".pdb", ".ent")):
        return
    lines: Any = file
    if name.endswith(".gz"):
        import gzip

        lines = gzip.GzipFile(fileobj=file)
    try:
        for number, line in enumerate(lines, 1):
            if line[:6] in (b"ATOM  ", b"HETATM"):
                _check_atom_line(line, number, path)
    except (OSError, EOFError):
        return  # gemmi says what is wrong with it


def _check_atom_line(line: bytes, number: int, path: Path) -> None:
    for what, begin, end, may_lack in _PDB_NUMBERS:
        field = line[begin:end].decode("latin-1").strip()
        if whole_float(field) is None and not (may_lack and not field):
            raise FormatError(f"{path}, line {number}: {what} is no number: {field!r}")


def _check_model(structure: Any, path: Path) -> None:
    """Refuse what cannot diffract, or not here."""
    if not len(structure) or not any(True for _ in structure[0].all()):
        raise FormatError(f"{path}: neither atoms nor merged reflections in it")
    if not structure.cell.is_crystal() or not 0.0 < structure.cell.volume < math.inf:
        raise FormatError(f"{path}: has no unit cell (CRYST1 record, or _cell in mmCIF), so it is no crystal")
    if structure.find_spacegroup() is None:
        raise FormatError(f"{path}: its space group {structure.spacegroup_hm!r} is not known")
    for site in structure[0].all():
        if not _is_known(site):
            raise FormatError(
                f"{path}: no X-ray form factor for atom {site.atom.name!r} of residue {site.residue}; nb-sf "
                "--skip-unknown leaves such atoms out"
            )
        place = site.atom.pos.tolist()
        finite = all(math.isfinite(value) for value in (*place, site.atom.b_iso, site.atom.occ))
        if not finite or max(map(abs, place)) > _FARTHEST:
            raise FormatError(f"{path}: atom {site.atom.name!r} of residue {site.residue} is at no possible place")


def model_cell(path: Path) -> Cell:
    """Cell of a coordinate file, Angstrom and degrees."""
    return read_model(path, skip_unknown=True).structure.cell.parameters


def model_reflections(path: Path, recipe: Recipe) -> Reflections:
    """All of reciprocal space to a resolution, 0 0 0 included.

    Raises
    ------
    FormatError
    """
    structure, notes = read_model(path, recipe.skip_unknown)
    cell = structure.cell.parameters
    hkl = all_indices(cell, recipe.dmin)
    if math.prod(2.0 * recipe.rate * edge / recipe.dmin + 2.0 for edge in cell[:3]) > _MOST_POINTS:
        raise FormatError(f"{path}: the electron density of its cell to {recipe.dmin:g} A takes too much memory")
    s_square = 1.0 / spacings(cell, hkl) ** 2
    with gemmi_errors_translated(path, "coordinate file"):
        F = _atoms(structure, recipe, hkl, s_square)
        if recipe.k_sol:
            F += recipe.k_sol * np.exp(-recipe.b_sol * s_square / 4.0) * _mask(structure, recipe, hkl)
    hkl, amplitudes = sorted_reflections(hkl, np.abs(F))
    name = structure.find_spacegroup().hm
    return Reflections(hkl, amplitudes, cell, name, recipe.dmin, str(path), notes)


def _atoms(structure: Any, recipe: Recipe, hkl: np.ndarray, s_square: np.ndarray) -> np.ndarray:
    """F of the atoms, complex; with a wavelength their dispersion, too.

    Parameters
    ----------
    structure : gemmi.Structure
    recipe : Recipe
        Resolution and wavelength, Angstrom.
    hkl : (n, 3) int
    s_square : (n,)
        1/d^2, 1/Angstrom^2.

    Returns
    -------
    (n,) complex128
        Electrons.
    """
    gemmi = extra("gemmi", "computing structure factors")
    calculator = gemmi.DensityCalculatorX()
    calculator.d_min, calculator.rate, calculator.cutoff = recipe.dmin, recipe.rate, recipe.cutoff
    calculator.set_refmac_compatible_blur(structure[0])
    calculator.set_grid_cell_and_spacegroup(structure)
    dispersion = _dispersion(structure, recipe.wavelength) if recipe.wavelength else {}
    for element, (real, _) in dispersion.items():
        calculator.addends.set(gemmi.Element(element), real)
    calculator.put_model_density_on_grid(structure[0])
    unblur = np.exp(calculator.blur * s_square / 4.0)
    F = _transformed(calculator.grid, hkl) * unblur
    if dispersion:
        calculator.initialize_grid()
        for site in structure[0].all():
            calculator.add_c_contribution_to_grid(site.atom, dispersion[site.atom.element.atomic_number][1])
        calculator.grid.symmetrize_sum()
        F += 1j * _transformed(calculator.grid, hkl) * unblur
    return F


def _dispersion(structure: Any, wavelength: float) -> dict[int, tuple[float, float]]:
    """f' and f'' of each element, electrons, by atomic number.

    References
    ----------
    Cromer, D. T. & Liberman, D. (1970). J. Chem. Phys. 53, 1891-1898, as gemmi computes it.
    """
    gemmi = extra("gemmi", "computing anomalous scattering")
    numbers = {site.atom.element.atomic_number for site in structure[0].all()}
    return {number: gemmi.cromer_liberman(number, gemmi.hc / wavelength) for number in sorted(numbers)}


def _mask(structure: Any, recipe: Recipe, hkl: np.ndarray) -> np.ndarray:
    """Fourier transform of the space between the atoms.

    Parameters
    ----------
    structure : gemmi.Structure
    recipe : Recipe
    hkl : (n, 3) int

    Returns
    -------
    (n,) complex128
        Angstrom^3.
    """
    gemmi = extra("gemmi", "computing structure factors")
    grid = gemmi.FloatGrid()
    grid.set_unit_cell(structure.cell)
    grid.spacegroup = structure.find_spacegroup()
    grid.set_size_from_spacing(min(_MASK_SPACING, _MASK_PER_DMIN * recipe.dmin), gemmi.GridSizeRounding.Up)
    gemmi.SolventMasker(gemmi.AtomicRadiiSet.Cctbx).put_mask_on_float_grid(grid, structure[0])
    return _transformed(grid, hkl)


def _transformed(grid: Any, hkl: np.ndarray) -> np.ndarray:
    """Structure factors of a map, complex, for each index."""
    gemmi = extra("gemmi", "computing structure factors")
    values = gemmi.transform_map_to_f_phi(grid, half_l=False).array
    h, k, l = (hkl[:, i] % values.shape[i] for i in range(3))
    return values[h, k, l].astype(np.complex128)
