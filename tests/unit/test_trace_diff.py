"""Pairing tokens and finding the first that differs."""

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import GOLDEN
from trace_text import unsigned_zeros

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.trace.diff import Tolerance, align, compare, ulps_between
from nanobragg_numba.trace.parse import Entry, parse_log, read_log

POLAR = GOLDEN / "traces/polar/pixel_10_80.log"


def log_of(text, name="a.log"):
    return parse_log(text.encode(), name)


def result_of(a, b, **options):
    return compare(log_of(a), log_of(b), **options)


def counts(result):
    return result.agreed, result.differed, result.only_a, result.only_b


def test_a_log_is_the_same_as_itself_in_another_form():
    text = POLAR.read_text()
    lines = [
        line.replace("TRACE_C: ", "MINE:").replace(" ", "=", 1)
        if line.startswith("TRACE_C: ")
        else line
        for line in text.splitlines()
    ]
    result = compare(log_of(text), log_of("\n".join(unsigned_zeros(lines)) + "\n"))
    assert result.same
    assert counts(result) == (78, 0, 0, 0)


def test_the_first_differing_number_is_reported_with_its_place():
    a, b = log_of(POLAR.read_text()), log_of(POLAR.read_text().replace("hkl_frac -", "hkl_frac "))
    first = compare(a, b).first
    assert first.key == "hkl_frac"
    assert (first.a.line, first.b.line) == (57, 57)
    assert [found.index for found in first.differences] == [0]
    assert first.level == "layer, subpixel (source 0, phi step 0, domain 0)"
    assert first.owner.startswith("kernels/")


def test_one_sided_tokens_do_not_upset_what_follows():
    result = result_of(
        "T: F_cell 1\nT: steps 2\nT: polar 3\n", "T: F_cell 1\nT: polar 3\nT: own_thing 4\n"
    )
    # The prefix is known by its tokens, so own_thing counts as one.
    assert counts(result) == (2, 0, 1, 1)
    assert (result.first.key, result.first.b) == ("steps", None)


def test_a_whole_missing_subpixel_stands_on_one_side():
    block = "T: F_latt_a {0}\nT: F_latt_b {0}\nT: F_cell {0}\n"
    end = "T: steps 1\n"
    three = "".join(block.format(n) for n in (1, 2, 3)) + end
    two = "".join(block.format(n) for n in (1, 2)) + end
    assert counts(result_of(three, two)) == (7, 0, 3, 0)
    assert counts(result_of(two, three)) == (7, 0, 0, 3)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("0", "-0", True),
        ("1.5", "1.50", True),
        ("100", "1e2", True),
        ("nan", "-nan", True),
        ("inf", "-inf", False),
        ("1.00000000000000", "1.00000000000001", False),
        # Beyond the 15th digit nothing is promised.
        ("0.1", "0.10000000000000001", True),
        ("1", "one", False),
        ("1 2", "1", False),
    ],
)
def test_when_values_agree_exactly(a, b, same):
    assert result_of(f"T: polar {a}\n", f"T: polar {b}\n").same is same


@pytest.mark.parametrize(
    ("tolerance", "same"),
    [
        (Tolerance(rtol=1e-3), True),
        (Tolerance(rtol=0.9e-3), False),
        (Tolerance(atol=1.0), True),
        (Tolerance(atol=0.5), False),
        (Tolerance(rtol=0.5e-3, atol=0.5), True),
    ],
)
def test_tolerances(tolerance, same):
    # |a - b| = 1 and the larger size is 1000, so each bound is met or missed by construction.
    assert result_of("T: polar 1000\n", "T: polar 999\n", tolerance=tolerance).same is same


def test_labels_belong_to_the_value():
    result = result_of("T: beam_center_m=X:1\n", "T: beam_center_m=Xclose:1\n")
    assert counts(result) == (0, 1, 0, 0)


def test_units_in_the_last_place_count_doubles():
    assert ulps_between(0.0, -0.0) == 0
    assert ulps_between(1.0, math.nextafter(1.0, 2.0)) == 1
    assert ulps_between(-sys.float_info.min, math.nextafter(-sys.float_info.min, 1.0)) == 1
    assert ulps_between(math.ulp(0.0), -math.ulp(0.0)) == 2
    assert ulps_between(math.nan, 1.0) is None


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-1000, 1000))
def test_units_in_the_last_place_count_steps(value, steps):
    other = value
    for _ in range(abs(steps)):
        other = math.nextafter(other, math.inf if steps > 0 else -math.inf)
    if math.isfinite(other):
        assert ulps_between(value, other) == abs(steps)


NAMES = st.lists(st.sampled_from("abcd"), max_size=12)


@given(NAMES, NAMES)
def test_alignment_uses_every_entry_once_and_in_order(left, right):
    a = tuple(Entry(n, key, (), (), key) for n, key in enumerate(left))
    b = tuple(Entry(n, key, (), (), key) for n, key in enumerate(right))
    pairs = align(a, b)
    assert tuple(entry for entry, _ in pairs if entry) == a
    assert tuple(entry for _, entry in pairs if entry) == b
    assert all(x.key == y.key for x, y in pairs if x and y)
    assert all(x or y for x, y in pairs)


def test_logs_of_different_pixels_cannot_be_compared():
    a = read_log(GOLDEN / "traces/orc_still/pixel_40_52.log")
    b = read_log(GOLDEN / "traces/orc_still/pixel_60_20.log")
    with pytest.raises(NanoBraggError, match=r"different pixels: \(40, 52\).*\(60, 20\)") as caught:
        compare(a, b)
    assert caught.value.exit_code == 2


def test_a_log_that_was_cut_off_cannot_be_compared_unless_asked():
    whole = POLAR.read_text()
    part = "\n".join(whole.splitlines()[:50]) + "\n"
    with pytest.raises(NanoBraggError, match="b.log is cut off: it ends at line 50") as caught:
        compare(log_of(whole), log_of(part, "b.log"))
    assert caught.value.exit_code == 2
    result = compare(log_of(whole), log_of(part), partial=True)
    assert counts(result) == (50, 0, 28, 0)
