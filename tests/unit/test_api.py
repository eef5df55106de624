"""The package from Python: simulate, look at the experiment, change it, render it again."""

import numpy as np
import pytest
from golden_cases import arguments, prepare_folder
from paths import GOLDEN
from platform_check import assert_images_agree

import nanobragg_numba as nb


def reference(case: str) -> np.ndarray:
    return np.fromfile(GOLDEN / "cases" / case / "floatimage.bin", np.float32)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    prepare_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_simulate_gives_the_image_and_writes_nothing(folder):
    before = set(folder.iterdir())
    result = nb.simulate(" ".join(arguments("orc_still")[0]))
    assert result.image.shape == (96, 96) and result.image.dtype == np.float32
    assert_images_agree(result.image.ravel(), reference("orc_still"))
    assert set(folder.iterdir()) == before
    assert result.statistics.largest == result.image.max()
    assert result.experiment.crystal.Na == 10.0


def test_files_when_asked_for(folder):
    nb.simulate(arguments("rectangular")[0], write_files=True)
    case = GOLDEN / "cases" / "rectangular"
    for name in ("floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img"):
        assert folder.joinpath(name).stat().st_size == case.joinpath(name).stat().st_size


def test_noise_is_the_same_for_every_call(folder):
    images = [nb.simulate(arguments("triclinic")[0], noise=True).noise.pixels for _ in range(2)]
    assert np.array_equal(*images)


def test_an_experiment_is_changed_and_rendered_without_reading_again(folder):
    resolved = nb.experiment_from(arguments("orc_still")[0])
    (folder / "inputs" / "1orc_P1.hkl").unlink()
    once = nb.render_experiment(resolved.experiment).image
    bright = nb.render_experiment(resolved.experiment.replace(fluence=2 * resolved.experiment.beam.fluence)).image
    assert_images_agree(once.ravel(), reference("orc_still"))
    assert np.array_equal(bright, 2 * once)  # a factor of two rounds to itself


def test_replacing_says_what_it_does_not_know(folder):
    experiment = nb.experiment_from(arguments("triclinic")[0]).experiment
    with pytest.raises(nb.NanoBraggError, match="no part.*colour"):
        experiment.replace(colour="red")


def test_an_experiment_prints_itself(folder):
    text = str(nb.experiment_from(arguments("orc_still")[0]).experiment)
    assert "wavelength = 1e-10" in text and "grid = float64 array" in text


def test_a_notebook_shows_the_image(folder):
    assert nb.simulate(arguments("triclinic")[0])._repr_png_().startswith(b"\x89PNG")


def test_nothing_to_render_is_an_error(folder):
    with pytest.raises(nb.NanoBraggError, match="nothing to render"):
        nb.simulate("-lambda 1")


def test_public_names_exist():
    for name in nb.__all__:
        assert getattr(nb, name) is not None
    with pytest.raises(AttributeError):
        nb.no_such_name  # noqa: B018
