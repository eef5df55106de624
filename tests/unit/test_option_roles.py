"""What an option is stands in its row, and nowhere else."""

import pytest

from nanobragg_numba.options.rows import DETECTOR, HEADER, INPUT, OUTPUT
from nanobragg_numba.programs.nanobragg.option_rows import ROWS, TABLE


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names[0])
def test_rows_that_name_files_say_whether_they_are_read_or_written(row):
    names_file = row.metavar == "FILE" and bool(row.reads)
    has_field = any(fields for fields, _ in row.reads)
    assert (row.role in (INPUT, HEADER) or bool(row.file_name)) == (names_file and has_field)
    assert not row.file_name or row.role == OUTPUT


def test_files_in_a_folder_do_not_share_a_name():
    names = [row.file_name for row in ROWS if row.file_name]
    assert len(set(names)) == len(names) == 9


def test_sections_of_the_detector_hold_options_of_the_detector():
    for row in ROWS:
        assert (row.role == DETECTOR) == row.section.startswith("Detector"), row.names


def test_an_argument_is_asked_for_its_role():
    assert TABLE.has_role("-hkl", INPUT) and TABLE.has_role("-imgfile", HEADER)
    assert not TABLE.has_role("hkl", INPUT) and not TABLE.has_role("-adc", OUTPUT)
