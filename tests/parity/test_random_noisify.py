"""On random command lines the C twin of noisify and the Python command write the same bytes and the same text."""

import shutil
from pathlib import Path

import pytest
from compare_programs import run_c
from noisify_runs import lines, run_noisify, with_inputs
from random_noisify import commands, random_command

FIRST, COUNT, BATCH = 1, 500, 25
COMMANDS = list(commands(FIRST, COUNT))


def differences(program: Path, command: list[str], folder: Path) -> list[str]:
    """What a command leaves differently; exit codes are only told apart as good and bad."""
    work = with_inputs(folder)
    c = run_c(program, command, work)
    for name in c.files:
        (work / name).unlink()
    py = run_noisify(command, work)
    shutil.rmtree(work / "inputs")
    if (c.code == 0) != (py.code == 0) or (c.code == 9) != (py.code == 9):
        return [f"exit code: C {c.code} {c.stderr}, Python {py.code} {py.stderr}"]
    if c.code:
        assert len(py.stderr.splitlines()) >= 1
        return [f"{name} is left" for name in py.files]
    found = [name for name in c.files.keys() | py.files.keys() if c.files.get(name) != py.files.get(name)]
    text = [f"{a!r} {b!r}" for a, b in zip(lines(c.stdout), lines(py.stdout)) if a != b]
    return found + text + ["more lines"] * (len(lines(c.stdout)) != len(lines(py.stdout)))


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_both_programs_agree(first: int, noisify_binary: Path, tmp_path: Path) -> None:
    for i, command in enumerate(COMMANDS[first : first + BATCH]):
        folder = tmp_path / str(i)
        folder.mkdir()
        assert differences(noisify_binary, command, folder) == [], " ".join(command)


def test_commands_depend_on_the_seed_alone() -> None:
    assert random_command(7) == random_command(7)
    assert random_command(7) != random_command(8)
    words = {word for command in COMMANDS for word in command}
    assert {"-flicker", "-readout", "-psf", "-psf_radius", "-header", "-bits", "-nonoise", "fiber"} <= words
