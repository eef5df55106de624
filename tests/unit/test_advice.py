"""What is said on standard error of numbers in another unit, misspelt options and runs of days; the bytes stay C's."""

import warnings

import numpy as np
import pytest
from paths import EXAMPLES

import nanobragg_numba as nb
from nanobragg_numba.errors import FormatError, OptionError
from nanobragg_numba.formats.matrix import read_matrix, read_orientation
from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.programs.nanobragg.parse import parse
from nanobragg_numba.programs.nanobragg.resolve.advice import evaluations
from nanobragg_numba.tools.convert import main as nb_convert
from nanobragg_numba.tools.orient import main as nb_orient
from nanobragg_numba.tools.sf import main as nb_sf
from nanobragg_numba.tools.sweep import main as nb_sweep

PLAIN = "-cell 50 60 70 90 90 90 -default_F 10 -N 3 -detpixels 8 -oversample 1 -nonoise -nopgm -noprogress -seed 1"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, arguments: str, code: int = 0) -> list[str]:
    """Lines of standard error of a run, those about defects and compiling left out."""
    assert nanobragg(f"{PLAIN} {arguments}".split()) == code
    lines = capsys.readouterr().err.splitlines()
    return [line for line in lines if "as in the C program" not in line and "compiling" not in line]


@pytest.mark.parametrize("arguments, message", [
    ("-energy 12.4", "wavelength 999.9 A: -energy is in eV"),
    ("-lambda 12398", "wavelength 1.24e+04 A: -lambda is in Angstrom (-energy in eV)"),
    ("-energy 12398 -wave 1e-5", "wavelength 1e-05 A: -lambda is in Angstrom (-energy in eV)"),
    ("-distance 0.1", "distance 0.1 mm: -distance is in mm"),
    ("-distance -100", "distance -100 mm: the detector stands on the source's side of the sample"),
    ("-close_distance 0.1", "close distance 0.1 mm: -close_distance is in mm"),
    ("-pixel 100", "pixel 100 mm: -pixel is in mm"), ("-pixel 0.0001", "pixel 0.0001 mm: -pixel is in mm"),
    ("-beamsize 100", "beamsize 100 mm: -beamsize is in mm"),
    ("-cell 0.5 0.6 0.7", "a cell of 0.5 0.6 0.7 A: the edges of -cell are in Angstrom"),
    ("-detector_thick 0.45 -detector_abs inf -detector_thick 0.45",
     "a sensor of 0.45 um: -detector_thick is in micrometres"),
    ("-detector_thick 450 -detector_abs inf -detector_thick 450 -detector_thicksteps 1",
     "-detector_thicksteps 1: C makes two layers of it, each 450 um thick, the second 450 um behind the first, so "
     "spots are 225 um too deep; give more layers, or -fix thickness"),
])  # fmt: skip
def test_a_number_in_another_unit_is_named_in_one_line(capsys, arguments, message):
    assert said(capsys, arguments) == [f"nanoBragg: warning: {message}"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nb.experiment_from(f"{PLAIN} {arguments}")
    assert [str(warning.message) for warning in caught] == [message]
    assert issubclass(caught[0].category, nb.NanoBraggWarning) and caught[0].filename == __file__


@pytest.mark.parametrize("arguments", [
    "", "-lambda 6.2", "-energy 300", "-lambda 0.02", "-distance 2", "-distance 30000", "-pixel 4", "-pixel 0.001",
    "-beamsize 0.001", "-cell 3 4 5", "-beamsize -1", "-lambda 12398 -lambda 1", "-close_distance 50",
])  # fmt: skip
def test_sensible_numbers_are_not_remarked_upon(capsys, arguments):
    assert said(capsys, arguments) == []


def test_a_list_given_as_a_matrix_is_named(folder, capsys):
    (folder / "P1.hkl").write_text("0 1 2 10.5\n1 0 3 7\n1 1 2 4.5\n")
    (line,) = said(capsys, "-lambda 1 -mat P1.hkl")
    assert "P1.hkl looks like a list of h k l F (-hkl), not an orientation matrix" in line
    (folder / "singular.hkl").write_text("0 0 0 10\n0 0 2 5\n0 0 3 4\n")
    with pytest.raises(FormatError, match="looks like a list of h k l F"):
        read_matrix("singular.hkl")
    (folder / "A.mat").write_text("0.01 0 0\n0 0.01 0\n0 0 0.01\n 0.0 0.0 0.0\n")
    assert not read_orientation("A.mat").is_list


@pytest.mark.parametrize("wavelength, remarked", [("12000", True), ("0.979", False)])
def test_the_tools_name_a_wavelength_in_another_unit(folder, capsys, wavelength, remarked):
    words = [str(EXAMPLES / "1orc" / "1orc.pdb"), "-o", "P1.hkl", "--dmin", "9", "--wavelength", wavelength]
    assert nb_sf(words) == 0
    assert nb_orient(["--random", "--cell", "30", "--wavelength", wavelength]) == 0
    lines = capsys.readouterr().err.splitlines()
    expected = [f"{name}: wavelength 1.2e+04 A: --wavelength is in Angstrom" for name in ("nb-sf", "nb-orient")]
    assert lines == (expected if remarked else [])


@pytest.mark.parametrize("argument, meant", [
    ("-distnace", "-distance"), ("-detpixel", "-detpixels"), ("-lamda", "-lambda"), ("-oversampl", "-oversample"),
    ("-mosaicdomains", "-mosaic_dom"), ("-bogus", None), ("-x", None),
])  # fmt: skip
def test_a_misspelt_option_gets_did_you_mean(argument, meant):
    _, (note,) = parse([argument, "5", "-lambda", "1"])
    expected = f"{argument!r} is not understood and ignored" + (f"; did you mean {meant}?" if meant else "")
    assert note == expected
    with pytest.raises(OptionError, match=f"strict\\){'; did you mean ' + meant if meant else ';'}"):
        parse([argument, "5", "-strict"])


def test_what_was_ignored_is_counted_at_the_end(capsys):
    lines = said(capsys, "-distnace 80 -bogus 3")
    assert "did you mean -distance?" in lines[0] and "-bogus" in lines[1]
    assert lines[2:] == ["nanoBragg: warning: 2 arguments were ignored, see above"]
    assert said(capsys, "stray")[-1].endswith("1 argument was ignored, see above")
    assert said(capsys, "-distance 80") == []


def test_a_misspelt_option_is_warned_about_in_python():
    with pytest.warns(nb.NanoBraggWarning, match="did you mean -distance"):
        result = nb.simulate(f"{PLAIN} -distnace 80")
    assert any("did you mean" in note for note in result.notes)
    with pytest.warns(nb.NanoBraggWarning, match="did you mean -distance"):
        result.experiment.with_options("-distnace 80")


LONG = "-cell 50 60 70 90 90 90 -default_F 10 -N 3 -detpixels 4096 -oversample 10 -osc 1 -phisteps 100 -threads 1"


def test_a_run_of_days_says_so_before_it_starts():
    """4096 x 4096 pixels, 10 x 10 subpixels, 100 phi steps, 3 domains: 5e11 terms take hours; 1000 domains, days."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        experiment = nb.experiment_from(f"{LONG} -mosaic 1 -mosaic_domains 3").experiment
    assert evaluations(experiment) == 4096 * 4096 * 100 * 100 * 3
    with pytest.warns(nb.NanoBraggWarning, match=r"1.7e\+14 evaluations.*at least 3.88 days with 1 thread;.*-roi"):
        experiment = nb.experiment_from(f"{LONG} -mosaic 1 -mosaic_domains 1000").experiment
    with pytest.warns(nb.NanoBraggWarning, match="at least 117 days"):
        experiment.with_options("-engine loop")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        experiment.with_options("-roi 0 9 0 9")


def test_what_counts_as_an_evaluation():
    args = "-cell 50 60 70 -default_F 1 -detpixels 10 -roi 2 5 3 7 -oversample 3 -dispersion 2 -dispsteps 4 " \
        "-divergence 1 -divsteps 2 -detector_thick 100 -thicksteps 5 -osc 1 -phisteps 7"  # fmt: skip
    experiment = nb.experiment_from(args).experiment
    assert evaluations(experiment) == 4 * 5 * 9 * len(experiment.sources.wavelengths) * 5 * 7
    assert len(experiment.sources.wavelengths) % 4 == 0
    result = nb.simulate(args)
    assert np.isfinite(result.image).all()


def test_a_sweep_says_once_what_the_command_of_each_shot_would(folder, capsys):
    """A misspelt option, a number in another unit and a matrix that is meant for another wavelength."""
    assert nb_orient(["--random", "--cell", "50", "60", "70", "--wavelength", "1.3", "-o", "A.mat"]) == 0
    (folder / "base.args").write_text(
        "-mat A.mat -default_F 1 -N 2 -detpixels 8 -lambda 1 -distnace 80 -beamsize 100 -oversample 1\n"
    )
    capsys.readouterr()
    words = ["base.args", "--out", "out", "--count", "3", "--vary", "N=uniform(2,5)", "--workers", "1"]
    assert nb_sweep(words) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("nb-sweep: warning: ")]
    assert len(lines) == 3
    assert "did you mean -distance?" in lines[0] and "-beamsize is in mm" in lines[1]
    assert "A.mat was made for a wavelength of 1.3 A and is used at 1 A" in lines[2]


def test_a_matrix_of_another_wavelength_is_named_when_converting(folder, capsys):
    assert nb_orient(["--random", "--cell", "50", "60", "70", "--wavelength", "1.3", "-o", "A.mat"]) == 0
    assert nanobragg(f"{PLAIN} -lambda 1".split()) == 0
    capsys.readouterr()
    words = ["intimage.img", "--convention", "mosflm", "-o", "image.nxs"]
    assert nb_convert([*words, "--mat", "A.mat"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("nb-convert: warning: A.mat was made for a wavelength of 1.3 A and is used at 1 A")
    assert nb_convert(words) == 0 and capsys.readouterr().err == ""
