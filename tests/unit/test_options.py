"""The argument scan: C's matching rules, number reading, warnings, and no surprise for any input."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.errors import NanoBraggError, OptionError
from nanobragg_numba.programs.nanobragg.option_rows import ROWS
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.parse import header_files, parse


def said(text: str) -> OptionValues:
    return parse(text.split())[0]


def test_values_are_converted_as_c_does():
    s = said("-pixel 0.1 -phi 30 -energy 12000 -water 4 -dmin 6 -dispersion 1.5 -divergence 2")
    assert s.pixel == 0.1 / 1000
    assert s.phi0 == 30 / DEGREES_PER_RADIAN
    assert s.wavelength == (12398.42 / 12000) / 1.0e10
    assert s.water_size == 4 / 1e6
    assert s.dmin == 6 * 1e-10
    assert s.dispersion == 1.5 / 100
    assert s.hdivrange == s.vdivrange == 2 / 1000.0


def test_later_arguments_override_earlier_ones():
    assert said("-seed 1 -seed 7").noise_seed == -7
    assert said("-nonoise -noisefile n.img").noise
    assert said("-nopolar -polar 0.8").nopolar is False


@pytest.mark.parametrize(
    "text, field, value",
    [
        ("-heigh 2", "sample_z", 2 / 1000), ("-wave 1.5", "wavelength", 1.5 / 1e10),
        ("-my-lambda 1.5", "wavelength", 1.5 / 1e10), ("-mosaici 0.2", "mosaic_spread", 0.2 / DEGREES_PER_RADIAN),
        ("-mosaicity 0.2", "mosaic_spread", 0.2 / DEGREES_PER_RADIAN), ("-matrix m", "matrix_file", "m"),
        ("-detsize_f 4", "detsize_f", 4 / 1000), ("-hdivsteps 4", "hdivsteps", 4),
        ("-width 3", "sample_y", 3 / 1000),
    ],
)  # fmt: skip
def test_options_match_by_substring(text, field, value):
    assert getattr(said(text), field) == value


@pytest.mark.parametrize("text", ["-detsizes 4", "-phi0 4", "-polars 1", "-mosaic_x 3", "-Nx 3", "-phistepp 2"])
def test_a_length_keeps_others_out(text):
    found = said(text)
    assert found == parse([], OptionValues(noise_seed=found.noise_seed, misset_seed=found.misset_seed))[0]


def test_one_argument_can_match_several_rows():
    s = said("-twotheta_axis 0.5 0.6 0.8")
    assert (s.twotheta_axis_x, s.twotheta_axis_y, s.twotheta_axis_z) == (0.5, 0.6, 0.8)
    assert s.twotheta == 0.5 / DEGREES_PER_RADIAN and s.pivot == "sample" and s.convention == "custom"


def test_misset_seed_is_also_read_as_misset():
    s = said("-misset_seed 5 -misset random")
    assert s.misset == "random" and s.misset_seed == -5
    s = said("-misset random -misset_seed 5 -seed 2")
    assert s.misset == "explicit" and s.misset_x == 5 / DEGREES_PER_RADIAN and s.misset_y == 0.0


def test_stop_rows_keep_later_ones_out():
    assert said("-oversample_thick -oversample 3").oversample == 3
    assert said("-oversample_thick 3").oversample == -1
    assert said("-N 4") .Na == said("-N 4").Nc == 4


def test_cell_stops_at_the_next_option():
    s = said("-cell 60 -default_F 10")
    assert (s.a, s.b, s.default_F, s.user_cell) == (60.0, 0.0, 10.0, True)


def test_negative_values_are_values():
    s, notes = parse("-misset -1e-3 2 -3 -adc -50 -phi -0.5".split())
    assert s.misset_x == -1e-3 / DEGREES_PER_RADIAN and s.adc == -50 and s.phi0 == -0.5 / DEGREES_PER_RADIAN
    assert notes == []


def test_unknown_arguments_are_named_once():
    _, notes = parse("-bogus 3 -hdiv 0.28 stray -lambda 1".split())
    assert [note.split()[0] for note in notes] == ["'-bogus'", "'-hdiv'"]
    with pytest.raises(OptionError, match="-bogus"):
        parse("-bogus 3 -strict".split())


def test_missing_values_are_said():
    _, notes = parse(["-lambda", "1", "-hkl"])
    assert len(notes) == 1 and "-hkl" in notes[0] and "FILE" in notes[0]


@pytest.mark.parametrize("text", ["-lambda abc", "-detpixels x", "-lambda nan", "-distance inf", "-N 99999999999",
                                  "-cell 10 b", "-pivot nowhere", "-energy 0", "-engine fast",
                                  "-trace_prefix A=B"])  # fmt: skip
def test_what_is_no_number_is_refused(text):
    with pytest.raises(OptionError, match=text.split()[0]):
        parse(text.split())


def test_trailing_text_is_said():
    s, notes = parse(["-lambda", "1.5A", "-N", "5.7"])
    assert s.wavelength == 1.5 / 1e10 and s.Na == 5
    assert len(notes) == 2 and "'1.5A'" in notes[0]


def test_our_own_options_disturb_no_row_of_c():
    extension = [name for row in ROWS if row.extension for name in row.names]
    for name in extension:
        assert [row for row in ROWS if row.matches(name) and not row.extension] == [], name


def test_defaults():
    s = OptionValues()
    assert s.fluence == 125932015286227086360700780544.0 and s.distance == 0.1 and s.beamsize == 1e-4
    assert math.isnan(s.close_distance) and s.mosaic_seed == -12345678


def test_header_files_take_the_last():
    assert header_files("-img a -mask b -img c".split()) == ("b", "c")


names = [name for row in ROWS for name in row.names]
words = st.one_of(
    st.sampled_from(names),
    st.sampled_from(["random", "sample", "beam", "inf", "1", "-1", "2.5", "0", "1e-3", "-", "--", "nan", ""]),
    st.floats().map(repr),
    st.integers().map(str),
    st.text(max_size=8),
    st.tuples(st.sampled_from(names), st.text(max_size=3)).map("".join),
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(words, max_size=12))
def test_no_argument_list_surprises(argv):
    try:
        result, notes = parse(argv)
    except NanoBraggError as error:
        assert "\n" not in str(error)
    else:
        assert all("\n" not in note or "\n" in "".join(argv) for note in notes)
        assert isinstance(result, OptionValues)
