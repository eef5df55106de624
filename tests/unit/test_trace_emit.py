"""Trace lines from numbers: the reference logs taken apart and written again."""

import math

import numpy as np
import pytest
from paths import GOLDEN, PACKAGE
from trace_text import LOG_IDS, LOGS, unsigned_zeros

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.experiment.detector import BeamCentre, Panel, Placement
from nanobragg_numba.kernels.loop import taps
from nanobragg_numba.kernels.vectors import rotate_axis, rotate_xyz
from nanobragg_numba.trace.emit import config_line, pixel_lines, setup_lines
from nanobragg_numba.trace.owners import owner
from nanobragg_numba.trace.parse import CONFIG_KEY, read_log
from nanobragg_numba.trace.text import number
from nanobragg_numba.trace.tokens import BY_KEY, PIXEL_TOKENS, SETUP_TOKENS


def as_records(entries):
    """Turn parsed pixel lines back into the records that a kernel would have made."""
    records = np.zeros((len(entries), taps.RECORD_WIDTH))
    for row, entry in zip(records, entries, strict=True):
        row[0] = getattr(taps, BY_KEY[entry.key].slot)
        row[1 : 1 + len(entry.values)] = entry.values
    return records


@pytest.mark.parametrize("path", LOGS, ids=LOG_IDS)
def test_pixel_lines_of_a_reference_log_are_written_as_they_were_read(path):
    log = read_log(path)
    start = [entry.key for entry in log.entries].index(CONFIG_KEY)
    entries = log.entries[start + 1 :]
    lines = pixel_lines(as_records(entries), len(entries), "TRACE_C")
    assert unsigned_zeros(lines) == unsigned_zeros(entry.text for entry in entries)
    assert config_line(*log.pixels[0]) == log.entries[start].text


MOSFLM = {"fdet": (0.0, 0.0, 1.0), "sdet": (0.0, -1.0, 0.0), "odet": (1.0, 0.0, 0.0)}
XDS = {"fdet": (1.0, 0.0, 0.0), "sdet": (0.0, 1.0, 0.0), "odet": (0.0, 0.0, 1.0)}


def place(axes, twotheta_axis, angles_deg, **given):
    """Turn a detector as its placement does: the axes in their place, and the record of how they came there."""
    angles = [degrees / DEGREES_PER_RADIAN for degrees in angles_deg]
    record = dict(zip(("rotx", "roty", "rotz", "twotheta"), angles, strict=True))
    turned = {name: rotate_xyz(*axis, *angles[:3]) for name, axis in axes.items()}
    record |= {f"initial_{name}": axis for name, axis in axes.items()}
    record |= {f"{name}_after_rotz": axis for name, axis in turned.items()}
    placed = {name: rotate_axis(*axis, *twotheta_axis, angles[3]) for name, axis in turned.items()}
    record |= given
    return placed, Placement(twotheta_axis=twotheta_axis, **record)


def combine(*terms):
    """Sum scaled vectors from left to right."""
    return tuple(
        sum((factor * vector[i] for factor, vector in terms[1:]), terms[0][0] * terms[0][1][i])
        for i in range(3)
    )


NOWHERE = math.nan
"""What a trace must not show."""


def panel(axes, size, pixel, pix0):
    return Panel(
        fpixels=-1, spixels=-1, pixel_size=pixel, size_f=size, size_s=size, pix0=pix0, curved=False, point_pixel=False,
        **axes,
    )  # fmt: skip


def beam_pivot(size, pixel, distance, angles):
    """A mosflm detector with the pivot in the beam centre."""
    middle = (size + pixel) / 2.0
    bent = middle + 0.5 * pixel
    axes, placement = place(
        MOSFLM, (0.0, 0.0, -1.0), angles, pivot="beam", convention="mosflm", beam_vector=(1.0, 0.0, 0.0),
        centre=BeamCentre(middle, middle, NOWHERE, NOWHERE, bent, bent, NOWHERE, NOWHERE), distance=distance,
        ratio=NOWHERE, close_distance=NOWHERE,
    )  # fmt: skip
    origin = combine((-bent, axes["fdet"]), (-bent, axes["sdet"]), (distance, (1.0, 0.0, 0.0)))
    return placement, panel(axes, size, pixel, origin)


def sample_pivot(size, pixel, distance, angles):
    """An xds detector with the pivot in the sample."""
    near = size / 2.0
    ratio = rotate_xyz(*XDS["odet"], *(degrees / DEGREES_PER_RADIAN for degrees in angles[:3]))[2]
    close = abs(ratio * distance)
    origin = combine((-near, XDS["fdet"]), (-near, XDS["sdet"]), (close, XDS["odet"]))
    turned = rotate_xyz(*origin, *(degrees / DEGREES_PER_RADIAN for degrees in angles[:3]))
    axes, placement = place(
        XDS, (1.0, 0.0, 0.0), angles, pivot="sample", convention="xds", beam_vector=(NOWHERE, NOWHERE, NOWHERE),
        centre=BeamCentre(NOWHERE, NOWHERE, near, near, NOWHERE, NOWHERE, near, near), distance=close / ratio,
        ratio=ratio, close_distance=close, pix0_before_rotation=origin, pix0_after_rotz=turned,
    )  # fmt: skip
    return placement, panel(axes, size, pixel, rotate_axis(*turned, 1.0, 0.0, 0.0, placement.twotheta))


FLAT, TILTED = (0.0, 0.0, 0.0, 0.0), (5.0, 3.0, 2.0, 10.0)


@pytest.mark.parametrize(
    ("name", "placed"),
    [
        ("cubic_4096", beam_pivot(0.1e-3 * 4096, 0.1e-3, 0.1, FLAT)),
        ("orc_still", beam_pivot(0.4e-3 * 96, 0.4e-3, 0.05, FLAT)),
        ("tilted_beam_pivot", beam_pivot(0.4e-3 * 96, 0.4e-3, 0.05, TILTED)),
        ("tilted_sample_pivot", sample_pivot(0.4e-3 * 96, 0.4e-3, 0.05, TILTED)),
    ],
)
def test_setup_lines_equal_the_reference(name, placed):
    log = read_log(next((GOLDEN / "traces" / name).glob("*.log")))
    end = [entry.key for entry in log.entries].index(CONFIG_KEY)
    expected = [entry.text for entry in log.entries[:end]]
    assert unsigned_zeros(setup_lines(*placed, "TRACE_C")) == unsigned_zeros(expected)


def test_every_slot_has_one_token_in_order():
    numbers = [getattr(taps, token.slot) for token in PIXEL_TOKENS]
    assert numbers == list(range(taps.SLOT_COUNT))


def test_every_token_has_an_owner_in_the_source():
    for token in (*SETUP_TOKENS, *PIXEL_TOKENS):
        found = owner(token)
        file, function = found.place.split(":")
        source = (PACKAGE / file).read_text().splitlines()
        assert any(line.startswith(f"def {function}(") for line in source), token.key
        assert found.line <= len(source)


def test_numbers_are_written_as_by_printf():
    assert number("%.15g", 0.1) == "0.1"
    assert number("%.15g", 6.12323399573677e-15) == "6.12323399573677e-15"
    assert number("%.15g", 1e22) == "1e+22"
    assert number("%.15g", -math.inf) == "-inf"
    assert number("%.15g", math.nan) == "nan"
    assert number("%.15g", -math.nan) == "-nan"
    assert number("%d", -3.0) == "-3"
    assert number("%d", -0.0) == "0"
    assert number("%d", math.nan) == "-2147483648"
    assert number("%d", 1e300) == "-2147483648"


def test_interpolation_warning_is_that_of_the_command_and_the_next_token_follows_on_its_line():
    stdout = (GOLDEN / "cases/interpolate_out_of_range/stdout.txt").read_text().splitlines()
    first = next(i for i, line in enumerate(stdout) if line.startswith("WARNING: out of range"))
    records = np.zeros((2, taps.RECORD_WIDTH))
    records[0] = taps.INTERPOLATION_WARNING, -3.72847, 14.9053, -17.8864, -4, 15, -18
    records[1, :2] = taps.F_CELL, 100.0
    lines = pixel_lines(records, 2)
    assert lines[0] == stdout[first]
    assert lines[1] == stdout[first + 1] + "TRACE_PY: F_cell 100"


def test_capacity_is_the_length_of_a_full_trace_and_the_warning():
    lines = len(read_log(GOLDEN / "traces/everything_sampled/pixel_20_30.log").entries) - 37
    assert taps.capacity(layers=1, oversample=2, phi_steps=3, sources=10) == lines + 1
    lines = len(read_log(GOLDEN / "traces/oversample_all/pixel_40_52.log").entries) - 37
    square_only = 5 * 12  # four lattice factors and one phi line in each of 12 subpixels
    assert taps.capacity(layers=3, oversample=2, phi_steps=1, sources=1) == lines + square_only + 1
    assert taps.term_capacity(3, 2, 5, 7, 11) == 3 * 4 * 5 * 7 * 11


def test_a_full_buffer_keeps_counting_and_writes_no_further():
    full = taps.new_taps(2, 1)
    for value in (1.0, 2.0, 3.0):
        taps.tap1(full, taps.F_CELL, value)
        taps.tap_term(full, 0, 1.0, 2.0, 3.0, value, 5.0, 6.0)
    assert full.count.tolist() == [3, 3]
    assert full.records[:, 1].tolist() == [1.0, 2.0]
    assert full.terms[:, 4].tolist() == [1.0]


def test_terms_are_recorded_only_where_they_are_wanted():
    without = taps.new_taps(1)
    taps.tap_term(without, 0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    assert without.count.tolist() == [0, 0]


def test_each_tap_keeps_its_values_in_order():
    wide = taps.new_taps(3)
    taps.tap3(wide, taps.FDET_VEC, 1.0, 2.0, 3.0)
    taps.tap5(wide, taps.PHI_STEP, 1.0, 2.0, 3.0, 4.0, 5.0)
    taps.tap6(wide, taps.INTERPOLATION_WARNING, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    assert wide.records[0].tolist() == [taps.FDET_VEC, 1, 2, 3, 0, 0, 0]
    assert wide.records[1].tolist() == [taps.PHI_STEP, 1, 2, 3, 4, 5, 0]
    assert wide.records[2].tolist() == [taps.INTERPOLATION_WARNING, 1, 2, 3, 4, 5, 6]
