"""Every reference log of the instrumented C program, reproduced token by token (exact text)."""

import shlex
import shutil
import subprocess

import numpy as np
import pytest
from paths import GOLDEN, TRACES
from trace_text import LOG_IDS, LOGS, unsigned_zeros

from nanobragg_numba.programs.nanobragg.cli import main as nanobragg
from nanobragg_numba.tools.trace.cli import main as nb_trace
from nanobragg_numba.tools.trace.diff_cli import main as nb_trace_diff
from nanobragg_numba.trace.parse import CONFIG_KEY, parse_log

FOLDERS = sorted({path.parent for path in LOGS})
CROWDED = GOLDEN / "traces/orc_still"


def arguments_of(folder):
    return shlex.split((folder / "args").read_text())


def pixels_of(folder):
    logs = (path for path in LOGS if path.parent == folder)
    return {tuple(int(word) for word in path.stem.split("_")[1:]): path for path in logs}


def enter(folder, monkeypatch):
    """Stand in an empty folder that has the inputs of the reference runs."""
    folder.mkdir(exist_ok=True)
    shutil.copytree(GOLDEN / "inputs", folder / "inputs", dirs_exist_ok=True)
    monkeypatch.chdir(folder)


def trace_arguments(pixels):
    return [word for slow, fast in pixels for word in ("-trace_pixel", str(slow), str(fast))]


def logs_in(stdout):
    """Take the trace lines out of a standard output: the setup, and what each pixel adds."""
    entries = parse_log(stdout.encode()).entries
    starts = [i for i, entry in enumerate(entries) if entry.key == CONFIG_KEY]
    setup = [entry.text for entry in entries[: starts[0]]]
    blocks = {}
    for start, stop in zip(starts, [*starts[1:], len(entries)], strict=True):
        place = tuple(int(value) for value in entries[start].values)
        blocks[place] = [entry.text for entry in entries[start:stop]]
    return setup, blocks


@pytest.mark.parametrize("native", [True, False], ids=["native", "numba"])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_command_prints_the_reference_traces(folder, native, tmp_path, monkeypatch, capsys, request):
    if not native:
        request.getfixturevalue("numba_alone")
    enter(tmp_path / "run", monkeypatch)
    pixels = pixels_of(folder)
    traced = trace_arguments(pixels)
    assert nanobragg([*arguments_of(folder), *traced, "-trace_prefix", "TRACE_C"]) == 0
    setup, blocks = logs_in(capsys.readouterr().out)
    assert sorted(blocks) == list(blocks) == sorted(pixels)
    image = np.fromfile("floatimage.bin", np.float32)
    side = int(len(image) ** 0.5)
    for (slow, fast), path in pixels.items():
        expected = path.read_text().splitlines()
        assert unsigned_zeros([*setup, *blocks[slow, fast]]) == unsigned_zeros(expected)
        accumulated = blocks[slow, fast][-1].split(" ")[-1]
        assert f"{float(image[slow * side + fast]):.15g}" == accumulated


@pytest.mark.parametrize("path", LOGS, ids=LOG_IDS)
def test_nb_trace_writes_the_reference_traces(path, tmp_path, monkeypatch, no_c_program):
    enter(tmp_path / "run", monkeypatch)
    slow, fast = path.stem.split("_")[1:]
    out = tmp_path / "bundle"
    own = ["--pixel", slow, fast, "--out-dir", str(out), "--tag", "golden"]
    assert nb_trace([*own, "--", *arguments_of(path.parent), "-trace_prefix", "TRACE_C"]) == 0
    log = out / "py_traces" / f"golden_pixel_{slow}_{fast}.log"
    assert unsigned_zeros(log.read_text().splitlines()) == unsigned_zeros(
        path.read_text().splitlines()
    )
    assert nb_trace_diff([str(path), str(log)]) == 0


@pytest.fixture
def no_c_program(monkeypatch, tmp_path):
    """Trace with this program alone, whatever is built or named outside."""
    monkeypatch.delenv("NB_C_BIN", raising=False)
    monkeypatch.setattr("nanobragg_numba.tools.c_program.OWN", tmp_path / "none")


def run(capsys, *arguments):
    assert nanobragg([*arguments_of(CROWDED), *arguments]) == 0
    return capsys.readouterr().out


def test_plain_diff_agrees_once_the_sign_of_zero_is_set_aside(tmp_path, monkeypatch, capsys):
    enter(tmp_path / "run", monkeypatch)
    reference = CROWDED / "pixel_40_52.log"
    stdout = run(capsys, "-trace_pixel", "40", "52", "-trace_prefix", "TRACE_C")
    (tmp_path / "ours.txt").write_text(stdout)
    # The commands of traces/README.md.
    script = r"""
        plain() { sed -E ':a; s/([ :=[])-0([] ;]|$)/\10\2/; ta' "$1"; }
        grep -E '^(TRACE_|DETECTOR_)' "$1" > "$1.log"
        diff <(plain "$2") <(plain "$1.log")
    """
    command = ["bash", "-c", script, "bash", str(tmp_path / "ours.txt"), str(reference)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "([ :=[])-0([] ;]|$)" in (TRACES / "README.md").read_text()


def test_tracing_adds_lines_and_changes_nothing_else(tmp_path, monkeypatch, capsys):
    enter(tmp_path / "run", monkeypatch)
    plain = run(capsys, "-threads", "1")
    untraced = {path.name: path.read_bytes() for path in tmp_path.joinpath("run").glob("*.*")}
    once = run(capsys, "-threads", "1", "-trace_pixel", "40", "52")
    again = run(capsys, "-threads", "2", "-trace_pixel", "40", "52")
    traced = {path.name: path.read_bytes() for path in tmp_path.joinpath("run").glob("*.*")}
    assert traced == untraced
    assert again == once
    lines = once.splitlines()
    trace = [entry.text for entry in parse_log(once.encode()).entries]
    assert [line for line in lines if line not in trace] == plain.splitlines()
    assert all(line.startswith(("TRACE_PY", "TRACE_CONFIG", "DETECTOR_")) for line in trace)


def test_the_environment_adds_a_pixel(tmp_path, monkeypatch, capsys):
    enter(tmp_path / "run", monkeypatch)
    _, named = logs_in(run(capsys, "-trace_pixel", "40", "52", "-trace_pixel", "60", "20"))
    monkeypatch.setenv("NB_TRACE_EDGE_PIXEL", "60,20")
    _, added = logs_in(run(capsys, "-trace_pixel", "40", "52"))
    assert added == named
    _, alone = logs_in(run(capsys))
    assert alone == {(60, 20): named[60, 20]}


@pytest.mark.parametrize("value", ["60", "60,20,1", "a,b", "-1,3", "1e1,3"])
def test_a_pixel_in_the_environment_that_is_none_is_an_error(value, tmp_path, monkeypatch, capsys):
    enter(tmp_path / "run", monkeypatch)
    monkeypatch.setenv("NB_TRACE_EDGE_PIXEL", value)
    assert nanobragg(arguments_of(CROWDED)) == 2
    assert "NB_TRACE_EDGE_PIXEL" in capsys.readouterr().err


def test_a_pixel_in_the_environment_has_to_be_on_the_detector(tmp_path, monkeypatch, capsys):
    enter(tmp_path / "run", monkeypatch)
    monkeypatch.setenv("NB_TRACE_EDGE_PIXEL", "60,96")
    assert nanobragg(arguments_of(CROWDED)) == 1
    assert "pixel 60 96 (slow fast)" in capsys.readouterr().err


@pytest.mark.parametrize("pixel", [("96", "0"), ("0", "96"), ("-1", "5")])
def test_a_pixel_off_the_detector_is_an_error(pixel, tmp_path, monkeypatch, capsys):
    enter(tmp_path / "run", monkeypatch)
    assert nanobragg([*arguments_of(CROWDED), "-trace_pixel", *pixel]) == 1
    assert "-trace_pixel" in capsys.readouterr().err


def test_a_pixel_that_is_not_rendered_prints_no_tokens(tmp_path, monkeypatch, capsys):
    enter(tmp_path / "run", monkeypatch)
    stdout = run(capsys, "-roi", "0", "10", "0", "10", "-trace_pixel", "40", "52")
    assert "pix0_vector_meters" not in stdout
