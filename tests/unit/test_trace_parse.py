"""Reading trace logs: whatever the prefix and form, and nothing but a clear message otherwise."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import GOLDEN
from trace_text import LOG_IDS, LOGS

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.trace.parse import parse_log, read_log
from nanobragg_numba.trace.tokens import BY_KEY


@pytest.mark.parametrize("path", LOGS, ids=LOG_IDS)
def test_every_line_of_a_reference_log_is_a_known_token_with_its_numbers(path):
    log = read_log(path)
    assert [entry.text for entry in log.entries] == path.read_text().splitlines()
    slow, fast = path.stem.split("_")[1:]
    assert log.pixels == ((int(slow), int(fast)),)
    assert log.prefixes == ("TRACE_C",)
    assert log.cut_off() == ""
    for entry in log.entries:
        token = BY_KEY[entry.key]
        if "text" not in token.formats:
            assert len(entry.values) == len(token.formats)
            assert all(isinstance(value, float) for value in entry.values)


@pytest.mark.parametrize(
    "line",
    [
        "TRACE_C: hkl_frac 1.5 -2 3e-05",
        "TRACE_PY:hkl_frac=1.5 -2 3e-05",
        "mine: hkl_frac = 1.5 -2 3e-05",
        "TRACE_X: hkl_frac 1.5, -2, 3e-05\r",
    ],
)
def test_prefix_and_form_do_not_matter(line):
    (entry,) = parse_log(f"{line}\n".encode()).entries
    assert (entry.key, entry.values, entry.line) == ("hkl_frac", (1.5, -2.0, 3e-05), 1)


def test_labels_text_and_odd_numbers():
    log = parse_log(
        b"TRACE_C:angles_rad=rotx:0.5 roty:-0\n"
        b"TRACE_C:detector_convention=MOSFLM\n"
        b"TRACE_C_PHI phi_tic=1 k_frac=nan F_latt=-inf\n"
        b"TRACE_C_SOURCE2: polar 1\n"
        b"TRACE_C: own_token some 3 words\n"
    )
    angles, convention, phi, source2, own = log.entries
    assert (angles.fields, angles.values) == (("rotx", "roty"), (0.5, -0.0))
    assert convention.values == ("MOSFLM",)
    assert phi.key == "PHI"
    assert phi.fields == ("phi_tic", "k_frac", "F_latt")
    assert phi.values[0] == 1.0
    assert math.isnan(phi.values[1])
    assert phi.values[2] == -math.inf
    assert source2.key == "SOURCE2 polar"
    assert own.values == ("some", 3.0, "words")


def test_the_rest_of_a_standard_output_is_passed_over():
    stdout = (GOLDEN / "cases/polar/stdout.txt").read_bytes()
    trace = (GOLDEN / "traces/polar/pixel_10_80.log").read_bytes()
    mixed = parse_log(stdout + trace + stdout)
    alone = parse_log(trace)
    assert [entry.text for entry in mixed.entries] == [entry.text for entry in alone.entries]


def test_a_token_behind_the_unfinished_interpolation_warning_is_read():
    log = parse_log(b"WARNING: further warnings will not be printed! TRACE_C: F_cell 100\n")
    assert [(entry.key, entry.values) for entry in log.entries] == [("F_cell", (100.0,))]


def test_replacing_the_prefix_everywhere_does_not_hide_the_pixel():
    text = (GOLDEN / "traces/polar/pixel_10_80.log").read_text().replace("TRACE_C", "OURS")
    log = parse_log(text.encode())
    assert log.pixels == ((10, 80),)
    assert log.prefixes == ("OURS",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"TRACE_C: F_cell 1\n\0", "no text file"),
        (b"\x80\x81TRACE_C: F_cell 1\n", "no text file"),
        (b"phi rotation\nsteps 3\n", "holds no trace line"),
    ],
)
def test_what_is_no_trace_log_is_refused(data, message):
    with pytest.raises(NanoBraggError, match=message) as caught:
        parse_log(data, "some.log")
    assert str(caught.value).startswith("some.log ")
    assert caught.value.exit_code == 2


def test_files_that_cannot_be_read_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "missing.log", tmp_path / "a\0b"):
        with pytest.raises(NanoBraggError, match="cannot read the trace log") as caught:
            read_log(path)
        assert caught.value.exit_code == 2


def test_a_log_cut_anywhere_is_found_out():
    data = (GOLDEN / "traces/tilted_sample_pivot/pixel_40_52.log").read_bytes()
    # Without a whole first token there is nothing to read at all.
    first = data.index(b"=") + 1
    for n in range(first, len(data)):
        assert parse_log(data[:n]).cut_off(), n


def test_an_excerpt_has_no_end():
    assert parse_log(b"TRACE_C: F_cell 100\nTRACE_C: F_latt 3\n").cut_off() == ""


WORDS = st.sampled_from(
    [
        "TRACE_C: ", "TRACE_C:", "TRACE_CONFIG: ", "TRACE_C_PHI ", "TRACE_C_SOURCE2: ", "X: ",
        "hkl_frac", "F_cell", "phi_tic=", "spixel=", ", fpixel=", "DETECTOR_FAST_AXIS ", "=", " ",
        "\n", "\r\n", "1", "-0", "1e999", "nan", "-inf", "9" * 400, "[", ";", "]", ":", "\u2190",
        "WARNING: further warnings will not be printed! ", "WARNING: ", "\u2028", "\x0b",
    ]
)  # fmt: skip


@given(st.one_of(st.binary(), st.lists(WORDS, max_size=30).map(lambda w: "".join(w).encode())))
def test_any_bytes_give_a_log_or_a_clear_message(data):
    try:
        log = parse_log(data)
    except NanoBraggError as error:
        assert error.exit_code == 2
        assert "\n" not in str(error)
        return
    assert log.entries
    assert isinstance(log.cut_off(), str)


def test_a_token_that_looks_like_the_announcement_of_a_pixel():
    """A damaged line must not be taken for TRACE_CONFIG, whatever stands where its indices would."""
    for damaged in ("TRACE_C: tracing pixel", "TRACE_C:tracing=pixel", "TRACE_CONFIG: tracing pixel (spixel=0",
                    "TRACE_CONFIG: tracing pixel (spixel=-nan, fpixel=2048)"):  # fmt: skip
        log = parse_log(f"{damaged}\nTRACE_C: fdet_vec 0 0 1\n".encode())
        assert log.pixels == ()
