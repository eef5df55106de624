"""Kernels that look at images take a window and plain floats; no scene is needed."""

import numpy as np
import pytest

from nanobragg_numba.constants import LARGEST_COUNT
from nanobragg_numba.engine.noise import NoiseImage
from nanobragg_numba.engine.scaling import integer_image, pgm_image, statistics_of
from nanobragg_numba.kernels.noise.random import new_generator
from nanobragg_numba.kernels.window import Window, is_rendered, whole_window, window_of


@pytest.fixture
def image() -> np.ndarray:
    return np.arange(20, dtype=np.float32).reshape(4, 5) * np.float32(7000.0)


@pytest.fixture
def window() -> Window:
    mask = np.ones((4, 5), np.uint16)
    mask[2, 3] = 0
    return Window(fpixels=5, spixels=4, roi_xmin=1, roi_xmax=3, roi_ymin=1, roi_ymax=2, mask=mask)


def test_the_region_and_the_mask_say_what_is_rendered(window):
    rendered = [(s, f) for s in range(4) for f in range(5) if is_rendered(window, s, f)]
    assert rendered == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]
    assert window_of(window) == window
    assert all(is_rendered(whole_window(4, 5), s, f) for s in range(4) for f in range(5))


def test_statistics_of_a_window(image, window):
    found = statistics_of(window, image)
    values = np.array([image[1, 1], image[1, 2], image[1, 3], image[2, 1], image[2, 2]], np.float64)
    region = image[1:3, 1:4].astype(np.float64)
    assert (found.mean, found.largest) == (values.mean(), 84000.0) and (found.spixel, found.fpixel) == (2, 2)
    assert found.rms == pytest.approx(np.sqrt((values**2).sum() / 4), rel=1e-7)  # squares are float32
    assert found.rmsd == pytest.approx(np.sqrt(((region - values.mean()) ** 2).sum() / 5), rel=1e-14)
    assert found.int_scale() == 55000.0 / 84000.0 and found.int_scale(2.0) == 2.0
    assert found.pgm_scale(1.0) == 250.0 / (5.0 * found.rmsd) and found.pgm_scale(1.0, 3.0) == 3.0


def test_an_image_of_nothing_keeps_the_scale(window):
    found = statistics_of(window, np.zeros((4, 5), np.float32))
    assert (found.spixel, found.fpixel, found.int_scale(), found.pgm_scale(7.0)) == (-1, -1, 1.0, 7.0)


def test_counts_of_the_region_alone(image, window):
    counts = integer_image(window, image, 1.0, 0.5)
    expected = np.zeros((4, 5), np.uint16)
    expected[1:3, 1:4] = np.minimum(np.floor(image[1:3, 1:4] + 1.0), LARGEST_COUNT)  # half of it rounds, half is adc
    assert np.array_equal(counts, expected)
    expected[1:3, 1:4] = np.minimum(image[1:3, 1:4] * 0.001, 255)
    assert np.array_equal(pgm_image(window, image, 0.001), expected)


def test_noise_of_a_plain_image(image, window):
    made = []
    for chosen in (window, whole_window(4, 5)):
        noise = NoiseImage(chosen, new_generator(-1, -1, -1), 40.0)
        noise.rows_finished(image, 4)
        noise.finish()
        made.append(noise)
    part, whole = made
    assert (part.pixels[1:3, 1:4] > 40).all() and np.count_nonzero(part.pixels) == 6
    assert abs(part.photons - image[1:3, 1:4].sum()) < 6 * np.sqrt(image[1:3, 1:4].sum())  # six standard deviations
    assert whole.overloads == np.count_nonzero(whole.pixels == LARGEST_COUNT) > 5
