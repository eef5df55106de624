"""The numbers of nb-compare, each against another way to get it."""

import math

import numpy as np
import pytest

from nanobragg_numba.tools.compare.metrics import (
    PEAKS,
    brightest,
    correlation,
    match_peaks,
    measure,
    nearest_neighbour,
    ulps,
)


@pytest.fixture
def random():
    return np.random.default_rng(7)


def test_correlation_is_numpys(random):
    a, b = random.normal(5, 2, 1000), random.normal(1, 3, 1000)
    # Both sum a thousand products; each sum may be off by a thousand roundings of 1.1e-16.
    assert math.isclose(correlation(a, b), np.corrcoef(a, b)[0, 1], rel_tol=0, abs_tol=2.3e-13)


def test_correlation_of_constants():
    assert correlation(np.ones(4), np.full(4, 3.0)) == 1.0
    assert math.isnan(correlation(np.ones(4), np.arange(4.0)))
    assert math.isnan(correlation(np.zeros(0), np.zeros(0)))


def test_ulps_count_float32_numbers(random):
    values = np.concatenate([random.normal(size=200), [0.0, 1e-42, -1e-42, 3e38]]).astype(np.float32)
    above = values
    for steps in range(4):
        assert (ulps(values, above) == steps).all()
        above = np.nextafter(above, np.float32(np.inf))
    assert ulps(np.float32([0.0]), np.float32([-0.0]))[0] == 0


def test_measure_against_float64(random):
    c = random.exponential(10, (40, 30)).astype(np.float32)
    py = (c + random.normal(0, 0.1, c.shape)).astype(np.float32)
    found = measure(c, py)
    apart = np.abs(c.astype(float) - py)
    assert found.n_differing == np.count_nonzero(c != py)
    assert found.max_abs_diff == apart.max()
    assert found.mse == np.mean(apart**2) and found.rmse == math.sqrt(found.mse)
    assert found.worst == np.unravel_index(apart.argmax(), c.shape)
    assert (found.worst_c, found.worst_py) == (c[found.worst], py[found.worst])
    assert found.sum_ratio == found.py_sum / found.c_sum
    assert found.agrees(0.99, 0.1) and not found.agrees(1.0, 0.1) and not found.agrees(0.99, 0.0)


def test_what_is_identical(random):
    c = random.exponential(10, (40, 30)).astype(np.float32)
    c[3, 4], c[5, 6] = np.nan, np.inf
    found = measure(c, c.copy())
    assert found.identical and found.agrees(1.0, 0.0)
    assert found.c_sum == found.py_sum == c[np.isfinite(c)].sum(dtype=float)
    assert (found.peaks["c"], found.peaks["matched"]) == (50, 50)
    zero = np.zeros((3, 3), np.float32)
    assert measure(zero, zero).peaks == {"c": 0, "py": 0, "matched": 0, "largest_distance": None}
    minus = measure(zero, -zero)
    assert (minus.n_differing, minus.max_ulp, minus.identical) == (9, 0, False)
    assert minus.agrees(1.0, 0.0)


def test_a_pixel_that_is_no_number_never_agrees():
    c = np.arange(100, dtype=np.float32).reshape(10, 10)
    py = c.copy()
    py[2, 3] = np.nan
    found = measure(c, py)
    assert (found.n_not_finite, found.worst) == (1, (2, 3))
    assert found.correlation == pytest.approx(1.0, abs=1e-15)
    assert not found.agrees(-1.0, 1e9)


def test_peaks_are_found_where_they_were_put(random):
    image = np.zeros((60, 60), np.float32)
    places = [(5 * i + 2, 5 * j + 2) for i in range(12) for j in range(12)]
    for rank, place in enumerate(places):
        image[place] = 1000 - rank
    assert [tuple(place) for place in brightest(image)[:PEAKS]] == places[:PEAKS]


@pytest.mark.parametrize("shift, matched", [(0, 50), (1, 50), (2, 0)])
def test_peaks_match_within_a_pixel(shift, matched):
    image = np.zeros((60, 60), np.float32)
    image[3:50:6, 3:50:6] = 100 + np.arange(64).reshape(8, 8)
    found = match_peaks(image, np.roll(image, shift, axis=1))
    assert (found["c"], found["matched"]) == (50, matched)
    assert found["largest_distance"] == (shift if matched else None)


def test_equal_peaks_do_not_depend_on_the_last_bit():
    """Where symmetry makes many peaks equal, another fifty of them may be the brightest on the other side."""
    image = np.zeros((120, 120), np.float32)
    image[3:100:6, 3:100:6] = 100.0
    other = image.copy()
    other[50:] *= np.float32(1.0000001)
    assert match_peaks(image, other)["matched"] == 50


def test_nearest_neighbour():
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    doubled = nearest_neighbour(image, (6, 8))
    assert np.array_equal(doubled, np.repeat(np.repeat(image, 2, axis=0), 2, axis=1))
    assert np.array_equal(nearest_neighbour(doubled, (3, 4)), image)
    assert nearest_neighbour(image, (1, 1)).shape == (1, 1)
