"""Bad inputs end in one clear line and an exit code, in the C reference and in the Python command alike."""

from pathlib import Path

import pytest
from bad_inputs import BAD_INPUTS, BASE, BadInput
from compare_programs import Outcome, run_c, run_python
from golden_cases import prepare_folder


def _folder(bad: BadInput, parent: Path) -> Path:
    work = parent / "work"
    work.mkdir()
    prepare_folder(work)
    for name, content in bad.files.items():
        (work / name).write_bytes(content)
    return work


def _check(bad: BadInput, outcome: Outcome, announcement: str, code: int) -> None:
    assert outcome.code == code, outcome.stderr
    errors = [line for line in outcome.stderr.splitlines() if "warning: " not in line]
    if bad.code == 1:
        assert len(errors) == 1, outcome.stderr
        assert errors[0].startswith(announcement)
        for word in bad.words:
            assert word in errors[0]
    unexpected = {n for n in outcome.files if n not in bad.files and ("part" in n or "tmp" in n)}
    assert not unexpected


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
def test_c_reference_refuses(bad: BadInput, cref_binary: Path, tmp_path: Path) -> None:
    outcome = run_c(cref_binary, [*BASE.split(), *bad.arguments.split()], _folder(bad, tmp_path))
    _check(bad, outcome, "nanobragg_ref: error: ", bad.code)


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
def test_python_command_refuses(bad: BadInput, tmp_path: Path) -> None:
    outcome = run_python([*BASE.split(), *bad.arguments.split()], _folder(bad, tmp_path))
    _check(bad, outcome, "nanoBragg: ", 2 if bad.usage else bad.code)


def test_base_is_sound(cref_binary: Path) -> None:
    for outcome in (run_c(cref_binary, BASE.split()), run_python(BASE.split())):
        assert outcome.code == 0
        assert set(outcome.files) == {
            "floatimage.bin",
            "intimage.img",
            "image.pgm",
            "noiseimage.img",
        }


def test_a_warning_is_one_line_whatever_the_options_are_called(tmp_path: Path) -> None:
    """Any argument that contains "-misset" is that option, also one with line breaks and escape sequences."""
    outcome = run_python([*BASE.split(), "-misset\n\x1b[2J", "1", "2", "3degrees"], tmp_path)
    assert outcome.code == 0
    assert outcome.stderr == "nanoBragg: warning: -misset \\x1b[2J: only 3 of '3degrees' is read\n"
