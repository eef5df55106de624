"""Long runs: memory stays flat, progress is shown, parts add up, and nothing but the experiment decides the image."""

import dataclasses
import json
import os
import pty
import random
import re
import subprocess
import sys
import termios
import threading
from pathlib import Path

import numpy as np
import pytest
from paths import GOLDEN, ROOT

import nanobragg_numba as nb
from nanobragg_numba.programs.nanobragg.cli import main

INPUTS = GOLDEN / "inputs"
CRYSTAL = f"-mat {INPUTS / '1orc.mat'} -hkl {INPUTS / '1orc_P1.hkl'} -N 6 -lambda 1 -distance 60 -pixel 0.4"
BASE = f"{CRYSTAL} -detpixels 48 -seed 1 -noprogress".split()
PARTS = [(0, 47, 0, 11), (0, 20, 12, 40), (21, 47, 12, 40), (0, 47, 41, 47)]
OUTPUTS = ("floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img")

EXPERIMENTS = {
    "still": "",
    "rotation": "-phi 10 -osc 1 -phisteps 4",
    "rotation from 0, fixed": "-osc 1 -phisteps 4 -fix phi-zero",
    "subpixels, domains, colours": "-oversample 3 -mosaic 0.5 -mosaic_dom 5 -dispersion 1 -dispsteps 3",
    "a sensor of layers": "-detector_thick 300 -detector_abs 200 -detector_thicksteps 4 -oversample_thick",
    "resolution cut": "-dmin 3 -phi 3",
    "interpolated": "-interpolate",
    "interpolated to the edge, fixed": f"-hkl {INPUTS / 'small.hkl'} -interpolate -fix interpolation",
    "an image behind the sensor": "-tophat_spots -detector_rotx 100 -detector_thick 300 -detector_abs 200",
    "everything fixed": "-osc 1 -phisteps 3 -oversample 2 -gauss_xtal -fix all",
}


def render(arguments: list[str], **how) -> np.ndarray:
    return nb.simulate(arguments, **how).image


def sum_of_parts(arguments: list[str], seed: int = 1) -> np.ndarray:
    """The parts of an image, rendered in random order by random engines and added up."""
    rng = random.Random(seed)
    whole = np.zeros((48, 48), np.float32)
    for part in rng.sample(PARTS, len(PARTS)):
        more = ["-roi", *map(str, part)]
        whole += render([*arguments, *more], engine=rng.choice(["row", "loop"]), threads=rng.choice([1, 2]))
    return whole


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_parts_add_up(name):
    """-roi parts of an image, rendered in any order, by either engine, with any number of threads: added together
    they equal the whole, byte for byte."""
    arguments = [*BASE, *EXPERIMENTS[name].split()]
    whole = render(arguments)
    assert whole.any()
    assert render(arguments, engine="loop", threads=1).tobytes() == whole.tobytes()
    assert sum_of_parts(arguments).tobytes() == whole.tobytes()


def test_parts_with_a_mask_add_up(tmp_path):
    """The same with a mask: masked pixels are 0 in all parts."""
    arguments = f"-mask {INPUTS / 'mask.img'} {CRYSTAL} -seed 1 -noprogress".split()
    whole = nb.simulate(arguments)
    slow, fast = whole.image.shape
    total = np.zeros_like(whole.image)
    for first, last in ((0, slow // 3), (slow // 3 + 1, slow - 1)):
        total += render([*arguments, "-roi", "0", str(fast - 1), str(first), str(last)])
    assert (whole.experiment.detector.mask == 0).any() and whole.image.any()
    assert total.tobytes() == whole.image.tobytes()


def test_parts_of_a_run_with_phi_zero():
    """Parts of a run with the defect phi-zero: the first pixel of each part, and no other, differs from the whole;
    parts that begin a row early give it exactly."""
    arguments = [*BASE, "-osc", "1", "-phisteps", "4"]
    whole = render(arguments)
    rows = [(0, 11), (12, 40), (41, 47)]
    patched = np.zeros_like(whole)
    for first, last in rows:
        part = render([*arguments, "-roi", "0", "47", str(first), str(last)])
        differing = np.argwhere(part[first : last + 1] != whole[first : last + 1]).tolist()
        assert differing == ([[0, 0]] if first else [])
        early = render([*arguments, "-roi", "0", "47", str(max(first - 1, 0)), str(last)])
        patched[first : last + 1] = early[first : last + 1]
    assert patched.tobytes() == whole.tobytes()


def test_all_files_from_the_sum_of_parts(tmp_path, monkeypatch):
    """All files made from the sum of parts: equal to those of the whole run, noise included."""
    arguments = [*BASE, "-oversample", "2"]
    contents: list[list] = []
    for name, image in (("whole", None), ("parts", sum_of_parts(arguments))):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        result = nb.simulate(arguments, write_files=True, image=image)
        contents.append([(tmp_path / name / output).read_bytes() for output in OUTPUTS])
        statistics = dataclasses.asdict(result.statistics)
        # summed row by row or pixel by pixel
        contents[-1].append([f"{value:.12g}" for value in statistics.values()])
    assert contents[0] == contents[1]
    with pytest.raises(nb.NanoBraggError, match="shape"):
        nb.simulate(arguments, image=np.zeros((3, 4)))


def readme_blocks() -> dict[str, str]:
    """The code blocks of the README's section on long runs, by their language."""
    section = (ROOT / "README.md").read_text().split("## Long runs\n")[1].split("\n## ")[0]
    return dict(re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL))


def test_the_readme_says_how(tmp_path, monkeypatch):
    """The commands of the README for a run in parts, on a smaller detector: they give the files of the whole run."""
    smaller = {"4095": "47", "1365": "15", "1366": "16", "2731": "31", "2732": "32", "4096": "48"}
    smaller["ARGUMENTS"] = " ".join([*BASE, "-oversample", "2"])
    blocks = {}
    for language, text in readme_blocks().items():
        for large, small in smaller.items():
            text = text.replace(large, small)
        blocks[language] = text
    for name in ("parts", "whole"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "parts")
    for command in blocks["sh"].splitlines():
        assert main(command.split()[1:]) == 0
    exec(blocks["python"], {})
    monkeypatch.chdir(tmp_path / "whole")
    assert main(smaller["ARGUMENTS"].split()) == 0
    for name in OUTPUTS:
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


MEMORY = """
import json, sys
import nanobragg_numba as nb
from nanobragg_numba.engine import run
run._CHUNK_SECONDS = 1e-9
render_all = run._render_all
run._render_all = lambda progress, fewest, after_rows: render_all(progress, 1, after_rows)  # a row a chunk
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
marks = []
def after_rows(progress):
    marks.append(resident())
experiment = nb.experiment_from(sys.argv[1:]).experiment
for engine in ("row", "loop"):
    for repeat in range(3):
        before = len(marks)
        nb.render_experiment(experiment, threads=1, engine=engine, noise=True, after_rows=after_rows).noise.finish()
        if repeat == 0:
            del marks[before:]
    print(json.dumps(marks))
    marks.clear()
"""


def test_memory_stays_flat():
    """Renders in hundreds of chunks, with noise, by both engines: the memory of the process stays flat."""
    arguments = f"{CRYSTAL} -detpixels 256 -oversample 1 -seed 1".split()
    done = subprocess.run([sys.executable, "-c", MEMORY, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for marks in map(json.loads, done.stdout.splitlines()):
        assert len(marks) > 100
        assert max(marks) - marks[0] < 1 << 20  # the image and its noise are 384 KiB, touched as they grow


def in_a_terminal(arguments: list[str], folder: Path, columns: int, stdout_too: bool) -> tuple[str, str]:
    """What a command shows on its terminal, and what it writes into its standard output if that is no terminal."""
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (24, columns))
    process = subprocess.Popen(
        [sys.executable, "-m", "nanobragg_numba", *arguments], cwd=folder, stderr=end, stdin=end,
        stdout=end if stdout_too else subprocess.PIPE,
    )  # fmt: skip
    os.close(end)
    shown: list[bytes] = []

    def watch() -> None:
        try:
            while piece := os.read(terminal, 65536):
                shown.append(piece)
        except OSError:  # the other end is closed
            pass

    watcher = threading.Thread(target=watch)
    watcher.start()
    stdout, _ = process.communicate(timeout=120)
    watcher.join()
    os.close(terminal)
    assert process.returncode == 0
    return b"".join(shown).decode(), (stdout or b"").decode()


LONG = f"{CRYSTAL} -detpixels 96 -oversample 20 -engine loop -threads 1 -seed 1".split()
ESTIMATE = re.compile(r"\d+%\|.*\d+/96 \[\d\d:\d\d<\d\d:\d\d, .*row")


def test_a_terminal_shows_what_is_left(tmp_path):
    """A run on a terminal: a bar with the time that is left; `% done` lines only where standard output is none."""
    shown, _ = in_a_terminal(LONG, tmp_path, columns=90, stdout_too=True)
    assert ESTIMATE.search(shown) and "% done" not in shown
    shown, stdout = in_a_terminal(LONG, tmp_path, columns=0, stdout_too=False)
    assert ESTIMATE.search(shown) and "% done" not in shown
    assert "95% done\n" in stdout
