"""nonBragg in Python and its C twin say and write the same for random command lines."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from check_golden import comparable_text
from compare_programs import Outcome, run_c
from paths import NONBRAGG_GOLDEN
from random_nonbragg import random_command

from nanobragg_numba.programs.nonbragg.cli import BANNER, main


def differences(command: str, binary: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What differs between the C twin and either engine: exit code, text, files."""
    theirs = folder / "theirs"
    theirs.mkdir(parents=True)
    (theirs / "inputs").symlink_to(NONBRAGG_GOLDEN / "inputs")
    outcome = run_c(binary, command.split(), theirs)
    found = []
    for engine in ("row", "loop"):
        ours = folder / engine
        ours.mkdir()
        (ours / "inputs").symlink_to(NONBRAGG_GOLDEN / "inputs")
        monkeypatch.chdir(ours)
        found += [f"-engine {engine}: {text}" for text in _differences(engine, command, outcome, ours, theirs)]
    return found


def _differences(engine: str, command: str, outcome: Outcome, ours: Path, theirs: Path) -> list[str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["-engine", engine, *command.split()])
    if (code == 0) != (outcome.code == 0):
        return [f"exit codes {code} and {outcome.code}: {err.getvalue()[-300:]} {outcome.stderr[-300:]}"]
    if code != 0:
        return []
    found = []
    text = out.getvalue().replace(f"{BANNER}\n", "")
    for left, right in zip([*comparable_text(text), ""], [*comparable_text(outcome.stdout), ""]):
        if left.replace("-0", "0") != right.replace("-0", "0"):
            found.append(f"{left!r}, C {right!r}")
            break
    names = {path.name for path in ours.iterdir()} | {path.name for path in theirs.iterdir()}
    for name in names - {"inputs"}:
        if not all((place / name).exists() for place in (ours, theirs)):
            found.append(f"only one has {name}")
        elif (ours / name).read_bytes() != (theirs / name).read_bytes():
            found.append(f"{name} differs")
    return found


@pytest.mark.parametrize("start", range(0, 500, 20))
def test_random_commands(start, nonbragg_binary, tmp_path, monkeypatch):
    for seed in range(start, start + 20):
        command = random_command(seed)
        assert differences(command, nonbragg_binary, tmp_path / str(seed), monkeypatch) == [], command
