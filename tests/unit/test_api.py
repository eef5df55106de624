"""The package from Python: simulate, look at the experiment, change it, render it again."""

import dataclasses
import pickle
import re

import numpy as np
import pytest
from golden_cases import arguments, prepare_folder
from paths import GOLDEN
from platform_check import assert_images_agree

import nanobragg_numba as nb
from nanobragg_numba.experiment import changes
from nanobragg_numba.experiment.experiment import fields_of
from nanobragg_numba.programs.nanobragg.option_rows import TABLE


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


WITH_FILES = "-mat inputs/1orc.mat -hkl inputs/1orc_P1.hkl -N 5 -nointerpolate -detpixels 48 -pixel 1 -lambda 1 -seed 1"


def without_clock(experiment: nb.Experiment) -> str:
    """What an experiment says of itself, less the seed that comes from the clock."""
    return re.sub(r"misset_seed = .*", "", str(experiment))


def same_as(experiment: nb.Experiment, args: str) -> bool:
    """Whether an experiment renders the image of an argument list and describes itself in the same words."""
    other = nb.experiment_from(args).experiment
    assert without_clock(experiment) == without_clock(other)
    return np.array_equal(nb.render_experiment(experiment).image, nb.render_experiment(other).image)


@pytest.mark.parametrize("more", [
    "-lambda 1.5", "-distance 60", "-energy 8000 -osc 2 -phisteps 4", "-mosaic 1 -mosaic_domains 3",
    "-dispersion 2 -dispsteps 3", "-twotheta 10", "-detector_rotx 3", "-xds -ORGX 20 -ORGY 30", "-Xbeam 20",
    "-flux 1e20 -exposure 2", "-default_F 30", "-N 3 -interpolate", "-misset 10 20 30", "-detpixels 40",
    "-sourcefile inputs/sources.txt", "-cell 40 50 60 90 90 90 -mask inputs/mask.img",
])  # fmt: skip
def test_more_options_give_what_all_of_them_give(folder, more):
    args = WITH_FILES
    if "-cell" in more:
        args, more = args.replace("-mat inputs/1orc.mat", "-cell 30 30 30"), more.replace("-mask inputs/mask.img", "")
    if "-sourcefile" in more:
        (folder / "inputs" / "sources.txt").write_text("-1 0 0 1 1e-10\n-1 0.001 0 1 1.1e-10\n")
    experiment = nb.experiment_from(args).experiment
    assert same_as(experiment.with_options(more), f"{args} {more}")
    assert same_as(experiment.with_options("-adc 30").with_options(more.split()), f"{args} -adc 30 {more}")


def test_no_file_is_read_twice(folder):
    """Not even where the files have gone or changed since, or a dump file has come."""
    args = f"{WITH_FILES} -img inputs/header.img -sourcefile inputs/sources.txt -stol inputs/bg.stol"
    (folder / "inputs" / "sources.txt").write_text("-1 0 0 1 1e-10\n")
    nb.simulate("-cell 30 30 30 -default_F 1 -detpixels 48 -intfile inputs/header.img -distance 70 -nonoise -nopgm "
                "-floatfile float.bin -seed 1", write_files=True)  # fmt: skip
    experiment = nb.experiment_from(args).experiment
    expected = [nb.experiment_from(f"{args} {more}").experiment for more in ("-lambda 1.1", "-default_F 2")]
    for name in ("1orc.mat", "1orc_P1.hkl", "header.img", "sources.txt", "bg.stol"):
        (folder / "inputs" / name).unlink()
    (folder / "inputs" / "1orc_P1.hkl").write_text("1 1 1 1\n")
    assert experiment.with_options("-lambda 1.1").structure_factors.grid is experiment.structure_factors.grid
    for more, other in zip(("-lambda 1.1", "-default_F 2"), expected):
        found = experiment.with_options(more)
        assert without_clock(found) == without_clock(other)
        assert np.array_equal(found.structure_factors.grid, other.structure_factors.grid)
    plain = nb.experiment_from("-cell 30 30 30 -default_F 1 -detpixels 8").experiment
    (folder / "Fdump.bin").write_bytes(b"not read")
    assert plain.with_options("-lambda 2").structure_factors.grid is None


def test_seeds_of_the_clock_stay(folder, monkeypatch):
    experiment = nb.experiment_from("-cell 30 40 50 -default_F 1 -misset random -detpixels 8").experiment
    monkeypatch.setattr("time.time", lambda: 5.0)
    later = experiment.with_options("-lambda 1.2")
    assert later.run.noise_seed == experiment.run.noise_seed
    assert later.crystal.a == experiment.crystal.a


def test_what_was_replaced_stays_replaced(folder):
    experiment = nb.experiment_from(WITH_FILES).experiment.replace(fluence=1e27, phi0=0.3, roi=(0, 9, 0, 9))
    farther = experiment.with_options("-distance 150 -phi 5")
    assert farther.beam.fluence == 1e27 and farther.detector.roi == experiment.detector.roi
    assert farther.sampling.phi0 == pytest.approx(np.radians(5), rel=1e-14)
    assert farther.detector.distance == pytest.approx(0.15)
    assert farther.with_options("-fluence 1e26").beam.fluence == 1e26
    assert farther.replace(fluence=2e27).with_options("-lambda 1.1").beam.fluence == 2e27


def test_an_option_without_effect_is_refused(folder):
    """Behind -flux, -fluence is ignored by the C program: a user would render the same image again."""
    for args, more, word in (
        ("-flux 1e20", "-fluence 1e27", "-flux"), ("-close_distance 50", "-distance 60", "-close_distance"),
        ("-samplesize 0.01", "-N 5", "sample size"), ("", "-cell 30 30 30", "-mat"),
        ("", "-detsize 10", "-detpixels"),
    ):  # fmt: skip
        experiment = nb.experiment_from(f"{WITH_FILES} {args}").experiment
        with pytest.raises(nb.NanoBraggError, match=f"no effect beside.*{word}"):
            experiment.with_options(more)
    experiment = nb.experiment_from(f"{WITH_FILES} -flux 1e20").experiment
    assert experiment.with_options("-flux 0 -fluence 1e27").beam.fluence == 1e27


@pytest.mark.parametrize("change, options", [
    ({"wavelength": 1e-10}, "-lambda"), ({"distance": 0.2}, "-distance"), ({"spread": 0.1}, "-mosaic"),
    ({"dispersion": None}, "-dispersion"), ({"twotheta": 0.1}, "-twotheta"), ({"rotx": 0.1}, "-detector_rotx"),
    ({"Xbeam": 0.02}, "-Xbeam"), ({"flux": 1e20}, "-flux"), ({"exposure": 2.0}, "-exposure"),
    ({"default_F": 5.0}, "-default_F"), ({"Na": 20.0}, "-N"), ({"pixel_size": 1e-3}, "-pixel"),
    ({"a": (1, 0, 0)}, "-cell"), ({"mosaic_seed": 4}, "-mosaic_seed"), ({"beam": None}, "whole part"),
])  # fmt: skip
def test_what_others_were_derived_from_cannot_be_replaced(folder, change, options):
    experiment = nb.experiment_from(WITH_FILES).experiment
    with pytest.raises(nb.NanoBraggError, match=options) as caught:
        experiment.replace(**change)
    assert "\n" not in str(caught.value)


def test_every_field_is_free_or_says_what_makes_it(folder):
    experiment = nb.experiment_from(WITH_FILES).experiment
    assert set(fields_of(experiment)) == set(changes.FREE) | set(changes.MADE_BY)
    assert not set(changes.FREE) & set(changes.MADE_BY)
    for name, options in changes.MADE_BY.items():
        for option in re.findall(r"-\w+", options):
            assert TABLE.named(option), f"{name} names {option}"


def test_every_free_field_is_that_of_its_option(folder):
    """Replacing and giving the option are the same, image and description."""
    args = "-cell 30 40 50 -hkl inputs/1orc_P1.hkl -N 5 -detpixels 24 -pixel 2 -osc 1 -phi 5 -phisteps 2 -polar 0.5"
    experiment = nb.experiment_from(args).experiment
    for change, more in (
        ({"fluence": 1e27}, "-fluence 1e27"), ({"kahn": 0.25}, "-polar 0.25"), ({"nopolar": True}, "-nopolar"),
        ({"shape": "gauss"}, "-gauss_xtal"), ({"fudge": 0.5}, "-fudge 0.5"), ({"interpolate": True}, "-interpolate"),
        ({"oversample": 2}, "-oversample 2"), ({"phi0": 10 / 57.29577951308232}, "-phi 10"),
        ({"dmin": 3 * 1e-10}, "-dmin 3"),
        ({"oversample_polar": True}, "-oversample_polar"), ({"oversample_omega": 1}, "-oversample_omega"),
        ({"curved": True}, "-curved_det x"), ({"point_pixel": True}, "-point_pixel"), ({"adc": 10}, "-adc 10"),
        ({"roi": [2, 9, 3, 8]}, "-roi 2 9 3 8"), ({"scale": 2.0}, "-scale 2"),
        ({"pgm_file": "a.pgm"}, "-pgmfile a.pgm"),
        ({"misset": (10, 20, 30)}, "-misset 10 20 30"), ({"noise_file": ""}, "-nonoise"),
    ):  # fmt: skip
        changed = experiment.replace(**change)
        other = nb.experiment_from([*args.split(), *more.split(), "-seed", str(-experiment.run.noise_seed)])
        pairs = zip(str(changed).splitlines(), str(other.experiment).splitlines())
        assert [(a, b) for a, b in pairs if a != b and "misset_seed" not in a] == [], change
        images = [nb.render_experiment(one).image for one in (changed, other.experiment)]
        assert np.array_equal(*images), change


@pytest.mark.parametrize("change, word", [
    ({"fluence": float("nan")}, "finite"), ({"fluence": -1.0}, "below 0"),
    ({"shape": "gaussian"}, "did you mean 'gauss'"),
    ({"shape": None}, "square"), ({"oversample": 0}, "below 1"), ({"oversample": 1.5}, "whole"),
    ({"kahn": "x"}, "finite"),
    ({"roi": (1, 2, 3)}, "xmin"), ({"roi": (-1, 2, 3, 4)}, "below 0"), ({"curved": "yes"}, "True or False"),
    ({"float_file": 3}, "name of a file"), ({"misset": (1, 2)}, "three angles"),
    ({"misset": (1, 2, float("inf"))}, "finite"),
    ({"misset": "123"}, "three angles"),
    ({"misset": None}, "three angles"), ({"colour": "red"}, "no part"), ({"fluenc": 1}, "did you mean 'fluence'"),
    ({"phi0": [1]}, "finite"), ({"frames": 2**40}, "2147483648"),
])  # fmt: skip
def test_new_values_are_checked(folder, change, word):
    experiment = nb.experiment_from(WITH_FILES).experiment
    with pytest.raises(nb.NanoBraggError, match=word):
        experiment.replace(**change)


def test_a_polarization_that_is_switched_off_is_not_replaced_in_vain(folder):
    experiment = nb.experiment_from(f"{WITH_FILES} -nopolar").experiment
    with pytest.raises(nb.NanoBraggError, match="nopolar=False"):
        experiment.replace(kahn=0.5)
    assert experiment.replace(kahn=0.5, nopolar=False).beam.kahn == 0.5


def test_flux_follows_the_fluence(folder):
    experiment = nb.experiment_from(f"{WITH_FILES} -flux 1e20 -exposure 2 -beamsize 0.2").experiment
    brighter = experiment.replace(fluence=3 * experiment.beam.fluence)
    assert brighter.beam.flux == pytest.approx(3e20, rel=1e-14)


def test_an_experiment_that_knows_no_arguments_says_so(folder):
    experiment = dataclasses.replace(nb.experiment_from(WITH_FILES).experiment, origin=None)
    with pytest.raises(nb.NanoBraggError, match="experiment_from"):
        experiment.with_options("-lambda 2")
    assert experiment.replace(fluence=1e20).beam.fluence == 1e20


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


def test_fields_of_the_detector_are_found_and_replaced_by_name(folder):
    experiment = nb.experiment_from(arguments("triclinic")[0]).experiment
    detector = experiment.detector
    assert detector.pix0 == detector.panel.pix0 and detector.roi == detector.window.roi
    assert detector.Fbeam == detector.centres.Fbeam and detector.Xbeam == detector.placement.centre.Xbeam
    assert not hasattr(detector, "colour")
    assert pickle.loads(pickle.dumps(detector)).pix0 == detector.pix0
    changed = experiment.replace(point_pixel=True, roi=(1, 2, 3, 4), adc=3.0)
    assert (changed.detector.point_pixel, changed.detector.roi.xmax, changed.run.adc) == (True, 2, 3.0)
    assert changed.detector.centres == detector.centres and changed.detector.panel != detector.panel
