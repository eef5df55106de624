"""nb-compare on the real programs: the parity command, a planted difference, and the traces of its worst pixel."""

import json
import os
import re
import subprocess
import sys

import pytest

from nanobragg_numba.tools.compare import plots as compare_plots
from nanobragg_numba.tools.compare.cli import main

SMALL = "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 -pixel 0.4 -detpixels 48 -seed 1".split()


@pytest.fixture
def folder(tmp_path, monkeypatch, cref_binary):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NB_C_BIN", str(cref_binary))
    monkeypatch.delenv("NB_PY_BIN", raising=False)
    return tmp_path


def test_parity_command(folder, capsys):
    """The whole detector of 4096 x 4096 pixels: equal bytes, the whole bundle."""
    arguments = "-default_F 100 -cell 100 100 100 90 90 90 -lambda 6.2 -distance 100 -detpixels 4096".split()
    assert main(["--threshold", "0.999", "--outdir", "out", "--", *arguments]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "IDENTICAL: the float images are equal, byte for byte"
    assert {path.name for path in (folder / "out").iterdir()} == {
        *("c", "py", "c.png", "py.png", "diff.png", "histogram.png", "summary.json", "summary.md", "commands.txt"),
    }
    values = json.loads((folder / "out/summary.json").read_text())
    assert (values["n_pixels"], values["bytes_equal"]) == (4096 * 4096, True)
    assert values["other_files"]["intimage.img"] == values["other_files"]["image.pgm"] == "equal"


def test_every_file_is_compared(folder, capsys, monkeypatch):
    monkeypatch.setattr(compare_plots, "write_plots", lambda *_: [])
    assert main(["--outdir", "out", "--", *SMALL]) == 0
    assert "intimage.img equal, image.pgm equal, noiseimage.img equal\n" in capsys.readouterr().out


def test_a_planted_difference_is_traced_to_its_token(folder, cref_binary, capfd, monkeypatch):
    """The C program is made to polarize: the traces of the worst pixel part at the polarization."""
    monkeypatch.setattr(compare_plots, "write_plots", lambda *_: [])
    script = folder / "polarizing"
    script.write_text(f'#!/bin/sh\nexec {cref_binary} "$@" -polar 0.5\n')
    script.chmod(0o755)
    code = main(["--outdir", "out", "--c-bin", str(script), "--threshold", "1", "--trace-worst", "--", *SMALL])
    out = capfd.readouterr().out
    assert code == 1
    assert out.splitlines()[-1].startswith("DISAGREES: ")
    worst = json.loads((folder / "out/summary.json").read_text())["worst"]
    log = f"worst_pixel_{worst['slow']}_{worst['fast']}.log"
    assert (folder / "out/trace/c_traces" / log).is_file() and (folder / "out/trace/py_traces" / log).is_file()
    assert "first divergence: polar\n" in out
    assert "first divergence: polar\n" in (folder / "out/first_divergence.md").read_text()


def test_runs_as_a_command(folder):
    words = [sys.executable, "-m", "nanobragg_numba.tools.compare.cli"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([*words, "--help"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0
    listed = " ".join(done.stdout.split("Exit status: ")[1].split())
    assert [int(code) for code in re.findall(r"(?:^|, )(\d+) ", listed)] == [0, 1, 2, 3, 130]
