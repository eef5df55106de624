"""Help, version and manual page, all from the option table."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

from nanobragg_numba.programs.nanobragg.cli import main
from nanobragg_numba.programs.nanobragg.help import usage
from nanobragg_numba.programs.nanobragg.option_rows import ROWS
from nanobragg_numba.version import __version__


def test_help_lists_every_option(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for row in ROWS:
        for name in row.names:
            assert f"{name} " in text or f"{name}," in text or f"{name}\n" in text, name
        if row.default:
            assert row.default.split(":")[0].split()[0] in text
    assert text == usage()


@pytest.mark.parametrize("argv", [["-h"], ["-cell", "1", "--help"]])
def test_help_wherever_it_stands(argv, capsys):
    assert main(argv) == 0
    assert capsys.readouterr().out.startswith("usage: nanoBragg")


@pytest.mark.parametrize("argv", [[], ["-default_F", "100"], ["-cell", "40"], ["-hkl", "nothing.hkl"]])
def test_nothing_to_render_prints_the_usage(argv, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 9
    captured = capsys.readouterr()
    assert usage() in captured.out and "nothing to render" in captured.err
    assert list(tmp_path.iterdir()) == []


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"nanobragg_numba {__version__}\n"


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_starts_without_numba(option):
    script = (
        f"import sys\nfrom nanobragg_numba.programs.nanobragg.cli import main\nmain([{option!r}])\n"
        "assert 'numba' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_manual_page_is_built_from_the_table(tmp_path):
    page = tmp_path / "nanoBragg.1"
    program = Path(sys.executable).parent / "argparse-manpage"
    factory = ["--pyfile", str(ROOT / "nanobragg_numba/programs/nanobragg/help.py"), "--function", "build_parser"]
    command = [str(program), *factory, "--prog", "nanoBragg", "--output", str(page)]
    subprocess.run(command, check=True, capture_output=True)
    text = page.read_text().replace("\\-", "-")
    for row in ROWS:
        assert row.names[0] in text


def test_the_command_is_one_program_under_three_names():
    bin_folder = Path(sys.executable).parent
    for command in ([bin_folder / "nanoBragg"], [bin_folder / "nanobragg-numba"], [sys.executable, "-m",
                                                                                  "nanobragg_numba"]):  # fmt: skip
        done = subprocess.run([*map(str, command), "--version"], capture_output=True, text=True)
        assert done.stdout == f"nanobragg_numba {__version__}\n"
