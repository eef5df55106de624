"""noisify from Python: defects both ways, statistics against independent arithmetic, files whole or not at all."""

import numpy as np
import pytest
from noisify_runs import run_noisify, with_inputs
from scipy.signal import convolve2d

import nanobragg_numba as nb
from nanobragg_numba.errors import NanoBraggError


def difference(image: np.ndarray, args: str, fix: str, noiseless: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """The image as C makes it, and with the defect mended."""
    found = [nb.noisify(image, f"{args} {more}") for more in ("", f"-fix {fix}")]
    first, second = (each.noiseless if noiseless else each.counts for each in found)
    assert any(fix in note for note in found[0].notes)
    assert not any(note.startswith(f"{fix}:") for note in found[1].notes)
    return first.astype(np.int64), second.astype(np.int64)


def test_shot_noise_has_the_mean_and_variance_of_poisson() -> None:
    """Over 10^7 pixels; five standard deviations of each, of which the variance's is that of Poisson's kurtosis."""
    for mean in (3.0, 50.0):
        counts = nb.noisify(np.full((2500, 4000), mean, np.float32), "-calibration 0 -adc 0 -seed 3").counts
        found = counts.astype(np.float64)
        assert abs(found.mean() - mean) < 5.0 * np.sqrt(mean / found.size)
        assert abs(found.var() - mean) < 5.0 * np.sqrt((2.0 * mean**2 + mean) / found.size)


def test_readout_noise_has_the_asked_sigma() -> None:
    counts = nb.noisify(np.zeros((500, 500)), "-readout 7 -calibration 0 -adc 1000 -seed 1 -fix truncation").counts
    assert abs(counts.std() - np.sqrt(49.0 + 1.0 / 12.0)) < 7.0 * 5.0 / np.sqrt(2.0 * counts.size)


def test_the_calibration_pattern_is_one_of_the_detector() -> None:
    bright = np.full((100, 100), 1e6)
    args = "-bits 32 -calibration 0.1 -adc 0"
    for fix, same in (("", False), ("-fix calibration-pattern", True)):
        first, second = (nb.noisify(bright, f"{args} {fix} -seed {seed}").counts.astype(float) for seed in (1, 2))
        relative = np.corrcoef(first.ravel(), second.ravel())[0, 1]
        assert (relative > 0.99) == same
        assert abs(first.std() / 1e6 - 0.1) < 0.01


def point_spread(shape: str, width: float, radius: int) -> np.ndarray:
    """A point spread of this full width at half maximum, pixels, integrated over pixels by Gauss's quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    axis = np.add.outer(np.arange(-radius, radius + 1), nodes / 2.0)
    squares = axis[:, :, None, None] ** 2 + axis[None, None] ** 2
    if shape == "gauss":
        density = 4.0 * np.log(2.0) / np.pi / width**2 * np.exp(-4.0 * np.log(2.0) * squares / width**2)
    else:  # light that spreads from a height g; half of it is left where (1 + r^2/g^2)^1.5 is 2
        g = width / 2.0 / np.sqrt(2.0 ** (2.0 / 3.0) - 1.0)
        density = g / (2.0 * np.pi) / (g * g + squares) ** 1.5
    kernel = np.einsum("aibj,i,j->ab", density, weights / 2.0, weights / 2.0)
    d = np.arange(-radius, radius + 1)
    return np.where(d[:, None] ** 2 + d**2 <= radius**2, kernel, 0.0)


@pytest.mark.parametrize("shape", ["gauss", "fiber"])
def test_the_point_spread_is_a_convolution_and_keeps_the_photons(shape: str) -> None:
    image = np.zeros((41, 41))
    image[20, 20], image[12, 25], image[19, 16] = 1e4, 3e3, 500.0
    args = f"-psf {shape} -psf_fwhm 150 -psf_radius 8 -nonoise -adc 0 -gain 1000 -bits 32"
    spread = nb.noisify(image, f"{args} -fix int-image-32,truncation")
    kernel = point_spread(shape, 1.5, 8)
    expected = convolve2d(image, kernel, mode="same") + spread.lost / image.size
    assert np.abs(spread.noiseless / 1000.0 - expected).max() < 2e-3  # float32 sums of 1e4
    # what is lost at the radius is a round circle's, what is spread a circle's of pixels: they differ by little
    assert abs(spread.noiseless.sum() / 1000.0 / image.sum() - 1.0) < (1e-6 if shape == "gauss" else 0.01)


def test_defects_of_integers() -> None:
    image = np.array([[1e5, 3.6], [-100.0, 0.4]])
    first, second = difference(image, "-bits 32 -nonoise", "int-image-32", noiseless=True)
    assert (first[0, 0], second[0, 0]) == (65535, 100040)
    first, second = difference(image, "-nonoise", "below-zero", noiseless=True)
    assert (first[1, 0], second[1, 0]) == (65536 - 60, 0)
    first, second = difference(image, "-nonoise", "truncation", noiseless=True)
    assert (first[0, 1], second[0, 1]) == (43, 44)


def test_defects_of_counting() -> None:
    first, second = difference(np.full((2, 2), -1.0), "-calibration 0 -seed 1", "poisson-minus-one")
    assert first.min() > 90 and (second == 40).all()
    first, second = difference(np.full((3, 3), 20.0), "-calibration 0 -seed -5", "negative-seed")
    assert np.array_equal(second, nb.noisify(np.full((3, 3), 20.0), "-calibration 0 -seed 5").counts)
    bright = np.full((50, 50), 2e6)
    first, second = difference(bright, "-calibration 0 -seed 1 -bits 32 -gain 1000 -adc 0", "large-counts")
    assert (first % 1000).any() and not (second % 1000).any()


def test_what_the_point_spread_puts_beyond_the_right_edge() -> None:
    image = np.zeros((9, 9))
    image[4, 8] = 1e5
    args = "-psf gauss -psf_fwhm 150 -psf_radius 3 -nonoise -adc 0 -bits 32"
    first, second = difference(image, args, "psf-edge", noiseless=True)
    assert first[5, 0] > 1000 and second[5, 0] == second[0, 0]
    assert np.array_equal(first[:, 1:], second[:, 1:])


def test_no_file_is_touched_when_something_is_wrong(tmp_path) -> None:
    with_inputs(tmp_path)
    (tmp_path / "intimage.img").write_bytes(b"old")
    for args in ("-bits 8", "-detpixels 100", "-noisefile /dev/full", "-noisefile nowhere/n.img", "-psf", "-pixel 0",
                 "-intfile inputs/faint.bin", "-header inputs/faint.bin", "-gain x"):  # fmt: skip
        outcome = run_noisify(["-bin", "inputs/faint.bin", *args.split()], tmp_path)
        assert outcome.code in (1, 2), args
        assert outcome.files == {"intimage.img": b"old"}, args
        assert "Traceback" not in outcome.stderr
        assert sum("warning" not in line for line in outcome.stderr.splitlines()) == 1


def test_an_array_and_its_file_give_the_same(tmp_path) -> None:
    image = np.random.default_rng(1).exponential(30, (24, 32)).astype(np.float32)
    image.tofile(tmp_path / "image.raw")
    ours = nb.noisify(image, "-seed 1")
    theirs = nb.noisify(tmp_path / "image.raw", "-seed 1 -detpixels_x 32")
    assert np.array_equal(ours.counts, theirs.counts)
    assert ours.photons == theirs.photons
    with pytest.raises(NanoBraggError):
        nb.noisify(np.zeros(3))
