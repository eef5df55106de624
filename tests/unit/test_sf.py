"""Structure factors: from coordinates against direct summation, from data against expansion by hand."""

import os
import subprocess
import sys

import gemmi
import numpy as np
import pytest
from paths import EXAMPLES, TESTS

from nanobragg_numba.errors import FormatError, NanoBraggError
from nanobragg_numba.formats.hkl import read_hkl
from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.reflections.coordinates import Recipe, model_reflections, read_model
from nanobragg_numba.reflections.data import data_reflections
from nanobragg_numba.reflections.kinds import kind_of
from nanobragg_numba.reflections.table import all_indices, spacings
from nanobragg_numba.tools.sf import main

EXAMPLE = EXAMPLES / "1orc"
PDB = EXAMPLE / "1orc.pdb"
MTZ = TESTS / "reflections" / "5e5z.mtz"
"""Entry 5E5Z of the worldwide Protein Data Bank (public domain), reflections to 1.66 Angstrom in P 1 21 1."""


def as_dict(reflections):
    return dict(zip(map(tuple, reflections.hkl.tolist()), reflections.F.tolist()))


def test_the_example_list_is_what_nb_sf_makes(tmp_path, capsys):
    target = tmp_path / "P1.hkl"
    assert main([str(PDB), "-o", str(target), "--dmin", "2.5"]) == 0
    ours, stored = read_hkl(target), read_hkl(EXAMPLE / "1orc_P1.hkl")
    for axis in "hkl":
        assert np.array_equal(getattr(ours, axis), getattr(stored, axis))
    # four decimals of single precision; another processor may round the last ones otherwise
    assert np.abs(ours.F - stored.F).max() < 0.02
    assert capsys.readouterr().out.splitlines() == [
        "reflections: 17603 in P1, Friedel mates included, from space group P 21 21 21",
        "completeness: 100.00 % of 17602 to 2.500 A",
        "resolution: 48.310 to 2.500 A",
        "cell: 34.77 39.17 48.31 90 90 90",
        f"F(000): {ours.F[(ours.h == 0) & (ours.k == 0) & (ours.l == 0)][0]:.4f}",
    ]


def random_rows(reflections, count=200):
    picked = np.random.default_rng(1).choice(len(reflections.F), count, replace=False)
    return reflections.hkl[picked], reflections.F[picked]


@pytest.mark.parametrize("cutoff, allowed", [(1e-5, 0.06), (1e-8, 0.01)])
def test_direct_summation_agrees(cutoff, allowed):
    """gemmi sums over all atoms and mates; ours comes from a density whose atoms end at the cutoff.

    Cutting each atom where its density is 1e-5 e/A^3 leaves out some hundredths of an electron of a strong
    reflection; with 1e-8 what remains is the single precision of the transform and four decimals.
    """
    reflections = model_reflections(PDB, Recipe(2.0, k_sol=0.0, cutoff=cutoff))
    hkl, F = random_rows(reflections)
    structure = read_model(PDB).structure
    calculator = gemmi.StructureFactorCalculatorX(structure.cell)
    direct = [abs(calculator.calculate_sf_from_model(structure[0], index)) for index in hkl.tolist()]
    assert np.abs(F - direct).max() < allowed


def test_anomalous_scattering_agrees_with_a_sum_over_atoms(tmp_path):
    """Selenium at its edge: both the amplitudes and the differences within Friedel pairs."""
    structure = read_model(PDB).structure
    for site in structure[0].all():
        if site.atom.element.name == "S":
            site.atom.element = gemmi.Element("Se")
    path = tmp_path / "se.pdb"
    structure.write_pdb(str(path))
    wavelength = 0.979
    reflections = model_reflections(path, Recipe(3.0, k_sol=0.0, wavelength=wavelength, rate=3.0, cutoff=1e-8))
    structure = read_model(path).structure
    found = as_dict(reflections)
    hkl, F = random_rows(reflections)
    energy = gemmi.hc / wavelength
    images = [image.mat.tolist() + [image.vec.tolist()] for image in structure.cell.images]
    operators = [(np.eye(3), np.zeros(3))] + [(np.array(i[:3]), np.array(i[3])) for i in images]
    direct = np.zeros(len(hkl), complex)
    stol2 = 0.25 / spacings(reflections.cell, hkl) ** 2
    for site in structure[0].all():
        atom = site.atom
        fp, fpp = gemmi.cromer_liberman(atom.element.atomic_number, energy)
        f0 = np.array([atom.element.it92.calculate_sf(x) for x in stol2])
        scattering = (f0 + fp + 1j * fpp) * atom.occ * np.exp(-atom.b_iso * stol2)
        fractional = np.array(structure.cell.fractionalize(atom.pos).tolist())
        for rotation, shift in operators:
            direct += scattering * np.exp(2j * np.pi * (hkl @ (rotation @ fractional + shift)))
    assert np.abs(F - np.abs(direct)).max() < 0.02
    differences = [abs(f - found[tuple(-i for i in index)]) for index, f in found.items()]
    assert max(differences) > 5.0


def brute_force(mtz, label, plus_minus=None):
    """Mates of each reflection through gemmi's own operators and asymmetric unit, one at a time."""
    found = {}
    columns = [mtz.column_with_label(name) for name in (plus_minus or (label, label))]
    for row, index in enumerate(mtz.make_miller_array().tolist()):
        for sign, column in zip((-1, 1), reversed(columns)):
            value = column[row]
            if np.isnan(value):
                continue
            for operation in mtz.spacegroup.operations():
                mate = operation.apply_to_hkl(index)
                found[tuple(sign * i for i in mate)] = value
    return found


def test_a_real_mtz_equals_its_expansion_by_hand():
    mtz = gemmi.read_mtz_file(str(MTZ))
    ours = as_dict(data_reflections(MTZ))
    expected = brute_force(mtz, "FP")
    assert ours.keys() == expected.keys() and len(ours) > 3 * mtz.nreflections
    assert max(abs(ours[key] - expected[key]) for key in ours) <= 0.5e-4 + 1e-6  # four decimals
    assert all(ours[key] == ours[tuple(-i for i in key)] for key in ours)


def test_intensities_become_amplitudes():
    mtz = gemmi.read_mtz_file(str(MTZ))
    ours = as_dict(data_reflections(MTZ, column="I"))
    expected = brute_force(mtz, "I")
    assert max(abs(ours[key] ** 2 - max(expected[key], 0.0)) for key in ours) < 0.02  # of up to some thousands


def test_a_resolution_limit_cuts_the_data():
    limited = data_reflections(MTZ, dmin=3.0)
    assert limited.d.min() >= 3.0 - 1e-9
    assert as_dict(limited).items() <= as_dict(data_reflections(MTZ)).items()


def anomalous_mtz(path):
    """The same reflections with F(+) and F(-) apart by a known amount, some of them missing."""
    mtz = gemmi.read_mtz_file(str(MTZ))
    data = mtz.array.copy()
    mtz.add_column("F(+)", "G")
    mtz.add_column("F(-)", "G")
    F = data[:, mtz.column_labels().index("FP")]
    shift = 1.0 + np.arange(len(F)) % 5
    plus, minus = F + shift, F - shift
    plus[7], minus[8] = np.nan, np.nan
    mtz.set_data(np.concatenate([data, plus[:, None], minus[:, None]], axis=1))
    mtz.write_to_file(str(path))
    return mtz


def test_anomalous_pairs_keep_their_differences(tmp_path):
    path = tmp_path / "pairs.mtz"
    mtz = anomalous_mtz(path)
    ours = as_dict(data_reflections(path))
    expected = brute_force(mtz, "", ("F(+)", "F(-)"))
    operations = mtz.spacegroup.operations()
    for key, value in expected.items():
        if not operations.is_reflection_centric(key):
            assert abs(ours[key] - value) < 1e-4
    indices = list(map(tuple, mtz.make_miller_array().tolist()))
    row = next(row for row in range(20, 441) if not operations.is_reflection_centric(indices[row]))
    first, alone = indices[row], indices[7]
    assert abs(ours[first] - ours[tuple(-i for i in first)] - 2.0 * (1 + row % 5)) < 1e-3
    assert ours[alone] == ours[tuple(-i for i in alone)]


def shuffled_mtz(path, labels, index_labels=("H", "K", "L"), extra=None):
    """The reflections of the real file with their columns in another order; `extra` is (label, type, values)."""
    mtz = gemmi.read_mtz_file(str(MTZ))
    old = {column.label: (column.type, np.array(column.array)) for column in mtz.columns}
    for name, new in zip("HKL", index_labels):
        old[new] = old.pop(name)
    if extra:
        old[extra[0]] = extra[1:]
    made = gemmi.Mtz()
    made.spacegroup, made.cell = mtz.spacegroup, mtz.cell
    made.add_dataset("HKL_base")
    made.add_dataset("data")
    made.dataset(1).cell = mtz.cell
    for label in labels:
        made.add_column(label, old[label][0])
    made.set_data(np.stack([old[label][1] for label in labels], axis=1).astype(np.float32))
    made.write_to_file(str(path))


@pytest.mark.parametrize("labels, names", [
    (["I", "H", "K", "L", "M_ISYM"], "HKL"), (["L", "K", "H", "I", "SIGI"], "HKL"),
    (["I", "SIGI", "H", "K", "L"], "HKL"),
    (["I", "h1", "k1", "l1"], ("h1", "k1", "l1")),
])  # fmt: skip
def test_indices_are_columns_of_their_type_wherever_they_stand(tmp_path, labels, names):
    path = tmp_path / "odd.mtz"
    count = gemmi.read_mtz_file(str(MTZ)).nreflections
    shuffled_mtz(path, labels, names, ("M_ISYM", "Y", np.ones(count)))
    assert as_dict(data_reflections(path)) == as_dict(data_reflections(MTZ, column="I"))


def test_indices_that_are_none_are_refused(tmp_path):
    path = tmp_path / "odd.mtz"
    shuffled_mtz(path, ["H", "K", "I"])
    with pytest.raises(FormatError, match="2 columns of indices"):
        data_reflections(path)
    shuffled_mtz(path, ["H", "K", "L", "I"], extra=("L", "H", np.full(gemmi.read_mtz_file(str(MTZ)).nreflections, 0.5)))
    with pytest.raises(FormatError, match="no whole number"):
        data_reflections(path)


def test_reflections_that_stand_there_twice_are_unmerged(tmp_path):
    mtz = gemmi.read_mtz_file(str(MTZ))
    mtz.add_column("M_ISYM", "Y")
    data = np.array(mtz.array)
    data[1, :3] = data[0, :3]
    mtz.set_data(data)
    mtz.write_to_file(str(tmp_path / "twice.mtz"))
    with pytest.raises(FormatError, match="unmerged"):
        data_reflections(tmp_path / "twice.mtz")


def test_the_cell_is_that_of_the_column_s_data_set(tmp_path):
    """The file's own cell is that of HKL_base, of another crystal or of zeros."""
    mtz = gemmi.read_mtz_file(str(MTZ))
    number = mtz.column_with_label("FP").dataset_id
    for dataset in mtz.datasets:
        own = dataset.id == number
        dataset.cell = gemmi.UnitCell(9.643, 9.609, 19.029, 90, 101, 90) if own else gemmi.UnitCell(9, 9, 9, 90, 90, 90)
    mtz.cell = gemmi.UnitCell(50, 60, 70, 90, 90, 90)
    path = tmp_path / "two.mtz"
    mtz.write_to_file(str(path))
    assert gemmi.read_mtz_file(str(path)).cell.a == 50.0
    assert data_reflections(path).cell == pytest.approx((9.643, 9.609, 19.029, 90.0, 101.0, 90.0), rel=1e-6)
    crystal = experiment_from(f"-hkl {path} {COMMAND}").experiment.crystal
    assert np.allclose(crystal.lengths, np.array([9.643, 9.609, 19.029]) * 1e-10, rtol=1e-6)


def test_the_block_of_several_that_is_used_is_named(tmp_path, capsys):
    text = gemmi.MtzToCif().write_cif_to_string(gemmi.read_mtz_file(str(MTZ)))
    name = text.split("data_")[1].split()[0]
    path = tmp_path / "two.cif"
    path.write_text(text.replace(f"data_{name}", "data_first") + "\n" + text.replace(f"data_{name}", "data_second"))
    assert main([str(path), "-o", str(tmp_path / "out.hkl")]) == 0
    assert "block first is used" in capsys.readouterr().err and "of 2" in data_reflections(path).notes[0]
    coordinates = gemmi.read_structure(str(PDB)).make_mmcif_document()
    twice = coordinates.as_string().replace("data_" + coordinates[0].name, "data_one")
    (tmp_path / "model.cif").write_text(twice + twice.replace("data_one", "data_other"))
    with pytest.raises(FormatError, match="block #2"):
        model_reflections(tmp_path / "model.cif", Recipe(8.0))


@pytest.mark.parametrize("name, text", [
    ("a.fcf", "data_x\n_shelx_refln_list_code 4\nloop_\n _refln_index_h\n _refln_index_k\n"),
    ("b.fcf", "data_x\n"), ("c.cif", "data_x\nloop_\n_refln_index_h\n_refln_index_k\n1 2\n"),
])  # fmt: skip
def test_an_fcf_is_named_as_what_it_is(tmp_path, capsys, monkeypatch, name, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text)
    for call in (main([name, "-o", "out.hkl"]), nanobragg(["-hkl", name, *COMMAND.split()]),
                 nanobragg(["-hkl", name, "-cell", "10", "10", "10", *COMMAND.split()])):  # fmt: skip
        assert call == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3 and all("SHELX" in line and name in line for line in errors)
    (tmp_path / "plain.fcf").write_text("1 0 0 10.5\n")
    assert kind_of(tmp_path / "plain.fcf") == "list"


def changed_pdb(path, old_columns, new, line_number=0):
    """The example with something else in some columns of one atom."""
    lines = PDB.read_text().splitlines(keepends=True)
    place = [i for i, line in enumerate(lines) if line.startswith("ATOM")][line_number]
    begin, end = old_columns
    lines[place] = lines[place][:begin] + new.rjust(end - begin) + lines[place][end:]
    path.write_text("".join(lines))
    return place + 1


@pytest.mark.parametrize("columns, new, what", [
    ((30, 38), "********", "x"), ((46, 54), "1.2.3", "z"), ((38, 46), "", "y"), ((60, 66), "******", "B factor"),
    ((54, 60), "abc", "occupancy"), ((30, 38), "nan", None),
])  # fmt: skip
def test_a_number_of_an_atom_that_is_none_is_refused(tmp_path, columns, new, what):
    path = tmp_path / "model.pdb"
    number = changed_pdb(path, columns, new, 5)
    with pytest.raises(FormatError, match=rf"line {number}: .*{what} is no number" if what else "no possible place"):
        model_reflections(path, Recipe(8.0))
    changed_pdb(path, (54, 66), "", 5)  # occupancy and B may be left out
    assert len(model_reflections(path, Recipe(8.0)).F)


def test_asterisks_in_mmcif_coordinates_are_refused(tmp_path):
    text = gemmi.read_structure(str(PDB)).make_mmcif_document().as_string()
    first = next(line for line in text.splitlines() if line.startswith("ATOM"))
    coordinate = next(word for word in first.split() if "." in word and len(word) > 4)
    (tmp_path / "bad.cif").write_text(text.replace(first, first.replace(coordinate, "********", 1)))
    with pytest.raises(FormatError, match="no possible place"):
        model_reflections(tmp_path / "bad.cif", Recipe(8.0))


def test_unknown_atoms_are_left_out_when_asked_and_counted(tmp_path, capsys):
    path = tmp_path / "model.pdb"
    lines = PDB.read_text().splitlines(keepends=True)
    atom = next(line for line in lines if line.startswith("ATOM"))
    unknown = [f"HETATM{9900 + i:5d}  X   DUM Z{i:4d}    {atom[30:66]}           X\n" for i in range(3)]
    end = next(i for i, line in enumerate(lines) if line.startswith("END"))
    path.write_text("".join(lines[:end] + unknown + lines[end:]))
    words = [str(path), "-o", str(tmp_path / "out.hkl"), "--dmin", "6"]
    assert main(words) == 1
    assert "--skip-unknown" in capsys.readouterr().err
    assert main([*words, "--skip-unknown"]) == 0
    assert "3 atoms without form factor are left out: X of DUM" in capsys.readouterr().err
    found = model_reflections(path, Recipe(6.0, skip_unknown=True))
    assert as_dict(found) == as_dict(model_reflections(PDB, Recipe(6.0)))


@pytest.mark.parametrize("dmin, spacing", [(5.0, 0.6), (1.25, 0.5)])
def test_the_solvent_is_that_of_a_mask_made_by_hand(dmin, spacing):
    """Mask, transform and weight once more, on the documented grid, with the documented level and B.

    The grid has 0.6 Angstrom, or 0.4 of the resolution limit.
    """
    k_sol, b_sol = 0.35, 46.0
    structure = read_model(PDB).structure
    grid = gemmi.FloatGrid()
    grid.set_unit_cell(structure.cell)
    grid.spacegroup = structure.find_spacegroup()
    grid.set_size_from_spacing(spacing, gemmi.GridSizeRounding.Up)
    masker = gemmi.SolventMasker(gemmi.AtomicRadiiSet.Cctbx)
    assert (masker.rprobe, masker.rshrink) == (1.1, 0.9)
    masker.put_mask_on_float_grid(grid, structure[0])
    F_mask = np.fft.fftn(grid.array).conj() * structure.cell.volume / grid.array.size
    reflections = model_reflections(PDB, Recipe(dmin, cutoff=1e-8))
    calculator = gemmi.StructureFactorCalculatorX(structure.cell)
    hkl, F = reflections.hkl[reflections.d > 5.0][::40], reflections.F[reflections.d > 5.0][::40]
    s_square = 1.0 / spacings(reflections.cell, hkl) ** 2
    atoms = np.array([calculator.calculate_sf_from_model(structure[0], index) for index in hkl.tolist()])
    solvent = k_sol * np.exp(-b_sol * s_square / 4.0) * np.array([F_mask[tuple(index)] for index in hkl.tolist()])
    assert np.abs(F - np.abs(atoms + solvent)).max() < 0.05  # of some hundreds, in single precision
    assert np.abs(np.abs(atoms + solvent) - np.abs(atoms)).max() > 20.0


def test_mmcif_reflections_are_the_same_as_their_mtz(tmp_path):
    path = tmp_path / "sf.cif"
    path.write_text(gemmi.MtzToCif().write_cif_to_string(gemmi.read_mtz_file(str(MTZ))))
    assert kind_of(path) == "cif reflections"
    ours, expected = as_dict(data_reflections(path, column="FP")), as_dict(data_reflections(MTZ))
    assert ours.keys() == expected.keys()
    assert max(abs(ours[key] - expected[key]) for key in ours) < 0.01  # the CIF has few digits


def test_mmcif_coordinates_are_the_same_as_their_pdb(tmp_path):
    path = tmp_path / "1orc.cif"
    gemmi.read_structure(str(PDB)).make_mmcif_document().write_file(str(path))
    ours, expected = model_reflections(path, Recipe(4.0)), model_reflections(PDB, Recipe(4.0))
    assert np.array_equal(ours.hkl, expected.hkl) and np.abs(ours.F - expected.F).max() < 1e-3


@pytest.mark.parametrize("f000, expected", [("none", None), ("12.5", 12.5)])
def test_f000_policies(tmp_path, f000, expected):
    target = tmp_path / "P1.hkl"
    assert main([str(PDB), "-o", str(target), "--dmin", "5", "--f000", f000]) == 0
    table = read_hkl(target)
    at_origin = table.F[(table.h == 0) & (table.k == 0) & (table.l == 0)]
    assert at_origin.tolist() == ([] if expected is None else [expected])


def test_every_index_of_a_triclinic_cell():
    cell = (9.0, 12.0, 15.0, 70.0, 80.0, 95.0)
    unit_cell = gemmi.UnitCell(*cell)
    ours = set(map(tuple, all_indices(cell, 2.0).tolist()))
    box = [(h, k, l) for h in range(-6, 7) for k in range(-8, 9) for l in range(-9, 10)]
    assert ours == {index for index in box if index == (0, 0, 0) or unit_cell.calculate_d(index) >= 2.0}


COMMAND = "-N 3 -lambda 1 -distance 100 -detpixels 16 -pixel 4 -oversample 1 -noprogress -seed 1 -nonoise"


def test_the_command_takes_coordinates_and_needs_no_cell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    direct = experiment_from(f"-hkl {PDB} -sf_dmin 4 {COMMAND}").experiment
    assert main([str(PDB), "-o", "P1.hkl", "--dmin", "4"]) == 0
    by_list = experiment_from(f"-hkl P1.hkl -cell 34.77 39.17 48.31 90 90 90 {COMMAND}").experiment
    assert np.array_equal(direct.structure_factors.grid, by_list.structure_factors.grid)
    assert direct.crystal == by_list.crystal
    assert nanobragg(["-hkl", str(PDB), "-sf_dmin", "4", *COMMAND.split()]) == 0
    assert (tmp_path / "Fdump.bin").exists() and np.fromfile("floatimage.bin", np.float32).max() > 0.0


def test_the_command_takes_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    experiment = experiment_from(f"-hkl {MTZ} {COMMAND}").experiment
    assert np.allclose(experiment.crystal.lengths, np.array([9.643, 9.609, 19.029]) * 1e-10, rtol=1e-6)
    assert experiment.structure_factors.initialized == len(data_reflections(MTZ).F)


def test_a_list_named_like_coordinates_stays_a_list(tmp_path):
    path = tmp_path / "odd.pdb"
    path.write_text("# amplitudes\n1 0 0 10.5\n0 1 0 3\n")
    assert kind_of(path) == "list"
    factors = experiment_from(f"-hkl {path} -cell 20 20 20 90 90 90 {COMMAND}").experiment.structure_factors
    assert factors.initialized == 2


BAD_CIF = "data_dictionary\nloop_\n_item.name\n_item.type\na text\nb int\n"


def bad_files(folder):
    """Files by name, each with what its message must say."""
    text = PDB.read_text()
    without_cell = "".join(line + "\n" for line in text.splitlines() if not line.startswith("CRYST1"))
    mtz = gemmi.read_mtz_file(str(MTZ))
    for label in ("FP", "SIGFP", "I", "SIGI"):
        mtz.remove_column(mtz.column_labels().index(label))
    mtz.write_to_file(str(folder / "empty.mtz"))
    contents = {
        "nocell.pdb": (without_cell, "unit cell"), "other.cif": (BAD_CIF, "neither atoms"),
        "broken.cif": ("data_x\nloop_\n_a.b\n_a.c\n1 2 3\n", "broken.cif"),
        "none.pdb": ("HEADER    NOTHING\n", "neither atoms"), "text.mtz": ("no reflections here", "text.mtz"),
        "odd.pdb": (text.replace("P 21 21 21", "P 99 99 99"), "space group"),
    }  # fmt: skip
    for name, (content, _) in contents.items():
        (folder / name).write_text(content)
    words = {name: word for name, (_, word) in contents.items()}
    return words | {"empty.mtz": "no column of amplitudes", "absent.pdb": "No such file"}


def test_bad_files_are_refused_in_one_line(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, word in bad_files(tmp_path).items():
        for call in (lambda n: main([n, "-o", "out.hkl", "--dmin", "3"]),
                     lambda n: nanobragg(["-hkl", n, "-sf_dmin", "3", *COMMAND.split()])):  # fmt: skip
            assert call(name) == 1
            error = capsys.readouterr().err
            assert error.count("\n") == 1 and name in error and word in error, error
    assert not (tmp_path / "out.hkl").exists() and not (tmp_path / "floatimage.bin").exists()


@pytest.mark.parametrize(
    "arguments, word",
    [([str(PDB), "-o", "x"], "resolution"), ([str(MTZ), "-o", "x", "--column", "FREE"], "FREE"),
     ([str(PDB), "-o", "x", "--dmin", "3", "--f000", "some"], "--f000"),
     ([str(PDB), "-o", "x", "--dmin", "-1"], "dmin"),
     ([str(EXAMPLE / "1orc_P1.hkl"), "-o", "x"], "neither coordinates")],
)  # fmt: skip
def test_bad_options_of_nb_sf(arguments, word, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == (2 if word in ("--f000", "dmin") else 1)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and word in error
    assert not list(tmp_path.iterdir())


def test_coordinates_need_a_limit_in_the_command(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert nanobragg(["-hkl", str(PDB), *COMMAND.split()]) == 2
    assert "-sf_dmin" in capsys.readouterr().err


def test_an_absurd_limit_is_refused():
    with pytest.raises(FormatError, match="too many reflections"):
        model_reflections(PDB, Recipe(0.01))


def test_a_missing_extra_names_the_pip_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "gemmi", None)
    with pytest.raises(NanoBraggError, match=r"pip install 'nanobragg-numba\[formats\]'"):
        model_reflections(PDB, Recipe(4.0))


def test_a_plain_run_imports_no_extra(tmp_path):
    code = (
        "import sys\nfrom nanobragg_numba.programs.nanobragg.cli import main\n"
        "assert main('-cell 40 50 60 90 90 90 -default_F 10 -N 3 -detpixels 4 -noprogress'.split()) == 0\n"
        "print(sorted({'gemmi','h5py','hdf5plugin','fabio','matplotlib','pyFAI'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ, capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("text", [b"# " * 100, b"#\n" * 100 + b"# " * 100, b"#" * 100_000, b"# a\n" * 100_000])
def test_what_kind_a_file_is_takes_no_time(text, tmp_path):
    """Comments can be read in one way only: a pattern that knew two would try them all."""
    path = tmp_path / "model.pdb"
    path.write_bytes(text)
    script = f"from nanobragg_numba.reflections.kinds import kind_of; print(kind_of({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "coordinates\n"
    path.write_bytes(b"# a # b\n\n # c\n1 2 3 4.5\n")
    assert kind_of(path) == "list"
