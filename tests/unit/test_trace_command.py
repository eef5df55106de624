"""nb-trace as a command: the bundle it makes, and what it refuses."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from paths import GOLDEN

from nanobragg_numba.tools.trace.bundle import tracked_files
from nanobragg_numba.tools.trace.cli import main
from nanobragg_numba.trace.owners import owner
from nanobragg_numba.trace.tokens import BY_KEY

CRYSTAL = shlex.split(
    "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 -pixel 0.4 -detpixels 96"
)
ALL_TAPS = "aggregate,omega,f_cell,hkl,intensity"


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """An empty folder with the reference inputs, and no C program unless a test names one."""
    shutil.copytree(GOLDEN / "inputs", tmp_path / "inputs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB_C_BIN", raising=False)
    monkeypatch.setattr("nanobragg_numba.tools.c_program.OWN", tmp_path / "none")


def program(path, body):
    """Write a stand-in for a C program."""
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(0o755)
    return path


def made(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_bundle(tmp_path, capsys):
    words = ["--pixel", "40", "52", "--pixel", "0", "0", "--tag", "demo", "--taps", "omega"]
    assert main([*words, "--oversample", "2", "--out-dir", "out", "--", *CRYSTAL]) == 0
    assert made(tmp_path / "out") == [
        "commands.txt",
        "env/trace_env.json",
        "omega_analysis.md",
        "py_traces/demo_pixel_0_0.log",
        "py_traces/demo_pixel_40_52.log",
        "summary.md",
        "taps/demo_pixel_0_0.json",
        "taps/demo_pixel_40_52.json",
    ]
    lines = (tmp_path / "out/commands.txt").read_text().splitlines()
    assert lines[1].startswith("nb-trace --pixel 40 52 --pixel 0 0 --tag demo")
    assert lines[2] == "# py_traces/demo_pixel_40_52.log"
    assert lines[3] == shlex.join(
        ["nanoBragg", *CRYSTAL, "-oversample", "2", "-trace_pixel", "40", "52"]
    )
    summary = (tmp_path / "out/summary.md").read_text()
    log = (tmp_path / "out/py_traces/demo_pixel_40_52.log").read_text()
    for token in ("I_pixel_final", "floatimage_accumulated", "omega_pixel"):
        assert re.search(rf"{token} (\S+)\n", log)[1] in summary
    assert "Not all traced intensities are zero." in summary
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("pixel 40 52: I_pixel_final ")
    assert out[-1] == "traces and summary in out"


def test_the_environment_of_a_bundle(tmp_path):
    assert main(["--pixel", "40", "52", "--roi", "50", "60", "30", "45", "--", *CRYSTAL]) == 0
    environment = json.loads((tmp_path / "trace_bundle/env/trace_env.json").read_text())
    assert environment["roi"] == [50, 60, 30, 45]
    assert environment["threads"] >= 1
    assert environment["c_program_sha256"] is None
    for name in ("git_commit", "python", "numba", "numpy", "cpu", "data_type"):
        assert name in environment


def test_the_parity_command_is_traced_by_default(capsys):
    words = ["--pixel", "0", "0", "--pixel", "4095", "4095", "--oversample", "2"]
    assert main([*words, "--taps", "omega", "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["command"].startswith("-default_F 100 -cell 100 100 100 90 90 90 -N 5")
    reference = (GOLDEN / "traces/cubic_4096_oversample/pixel_0_0.log").read_text()
    used = float(re.search(r" omega_pixel (\S+)\n", reference)[1])
    for pixel in summary["pixels"]:
        omega = pixel["taps"]["omega"]
        own = [row["omega"] for row in omega["subpixels"]]
        # The mean of four doubles, however it is summed: a few units in the last place.
        assert omega["mean"] == pytest.approx(sum(own) / 4, rel=1e-15)
        assert omega["used"] == omega["first"] == own[0]
        # The difference of two numbers that agree to 3e-4 loses that much of its precision.
        assert omega["relative_difference"] == pytest.approx(own[0] / omega["mean"] - 1, rel=1e-11)
    assert f"{summary['pixels'][0]['taps']['omega']['used']:.15g}" == f"{used:.15g}"
    table = Path("trace_bundle/omega_analysis.md").read_text()
    assert "| 0 0 | 3.47273737944235e-08 | 3.47387367521807e-08 |" in table
    assert "| 4095 4095 |" in table


def test_json_has_every_tap(capsys):
    assert main(["--pixel", "40", "52", "--taps", ALL_TAPS, "--json", "--", *CRYSTAL]) == 0
    (pixel,) = json.loads(capsys.readouterr().out)["pixels"]
    assert list(pixel["taps"]) == ALL_TAPS.split(",")
    written = json.loads(Path("trace_bundle/taps/trace_pixel_40_52.json").read_text())
    assert {name: written[name] for name in pixel["taps"]} == pixel["taps"]


def test_dark_pixels_get_a_hint(capsys):
    case = shlex.split((GOLDEN / "cases/interpolate_leaves_range/args").read_text())
    assert main(["--pixel", "30", "40", "--pixel", "60", "20", "--json", "--", *case]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["all_zero"] is True
    slow, fast = summary["brightest"]["slow"], summary["brightest"]["fast"]
    stdout = (GOLDEN / "cases/interpolate_leaves_range/stdout.txt").read_text()
    peak = re.search(r"max_I = (\S+)  at (\S+) (\S+)", stdout)
    assert f"{summary['brightest']['value']:g}" == peak[1]
    # The report gives the peak in metres, x along the fast axis, in the middle of its pixel.
    pixel_size = 0.3e-3
    assert [int(float(peak[2]) / pixel_size), int(float(peak[3]) / pixel_size)] == [fast, slow]
    assert f"--pixel {slow} {fast}" in Path("trace_bundle/summary.md").read_text()


def test_a_c_program_is_traced_and_compared(tmp_path, capsys, monkeypatch):
    folder = GOLDEN / "traces/polar"
    arguments = shlex.split((folder / "args").read_text())
    log = folder / "pixel_10_80.log"
    record = tmp_path / "record.txt"
    c = program(
        tmp_path / "c_nanobragg",
        f"open({str(record)!r}, 'w').write('\\n'.join(sys.argv[1:]))\n"
        f"print('other output')\nsys.stdout.write(open({str(log)!r}, encoding='utf-8').read())",
    )
    monkeypatch.setenv("NB_C_BIN", str(c))
    assert main(["--pixel", "10", "80", "--", *arguments]) == 0
    assert "C: all 78 tokens agree" in capsys.readouterr().out
    assert Path("trace_bundle/c_traces/trace_pixel_10_80.log").read_text() == log.read_text()
    ran = record.read_text().splitlines()
    assert ran[: len(arguments)] == arguments
    assert ran[-3:] == ["-trace_pixel", "10", "80"]
    assert shlex.join([str(c), *ran]) in Path("trace_bundle/commands.txt").read_text()
    environment = json.loads(Path("trace_bundle/env/trace_env.json").read_text())
    assert environment["c_program"] == str(c)
    assert len(environment["c_program_sha256"]) == 64
    assert main(["--pixel", "10", "80", "--c-bin", str(c), "--", *arguments, "-N", "6"]) == 0
    assert "C: first divergence F_latt_a" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("print('no trace')", "prints nothing for -printout_pixel either"),
        ("sys.exit('broken inside')", "failed, status 1: broken inside"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "failed, status -11"),
    ],
)
def test_our_side_is_written_when_the_c_program_fails(body, message, tmp_path, capsys):
    c = program(tmp_path / "c_nanobragg", body)
    assert main(["--pixel", "10", "80", "--pixel", "3", "3", "--c-bin", str(c), "--", *CRYSTAL]) == 3
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and message in captured.err and "ours is complete" in captured.err
    assert "; C: no trace" in captured.out
    assert made(tmp_path / "trace_bundle") == [
        "commands.txt", "env/trace_env.json", "py_traces/trace_pixel_10_80.log", "py_traces/trace_pixel_3_3.log",
        "summary.md",
    ]  # fmt: skip
    assert message in Path("trace_bundle/summary.md").read_text()


PRINTING = f"""
import subprocess
words = sys.argv[1:]
if "-trace_pixel" in words:
    place = words.index("-trace_pixel")
    del words[place : place + 3]
words += %s
done = subprocess.run([{sys.executable!r}, "-m", "nanobragg_numba", *words], check=True)
"""
"""A nanoBragg that does not know -trace_pixel, as the ordinary C program, with more options."""


@pytest.mark.parametrize("more", ["-oversample 3", "-polar 0.9 -oversample 1", "-water 3 -oversample 2"])
def test_a_c_program_that_cannot_trace_prints_instead(tmp_path, capsys, more):
    c = program(tmp_path / "c_nanobragg", PRINTING % "[]")
    words = ["--pixel", "40", "52", "--c-bin", str(c), "--", *CRYSTAL, *more.split()]
    assert main(words) == 3
    captured = capsys.readouterr()
    assert "C: no trace; the 15 values that it prints agree" in captured.out
    assert captured.err.count("\n") == 1 and "does not know -trace_pixel" in captured.err
    text = Path("trace_bundle/c_printout/trace_pixel_40_52.txt").read_text()
    assert text.startswith("  52   40 : stol = ") and text.splitlines()[-1].startswith("Z: ")
    assert "-printout_pixel 52 40" in Path("trace_bundle/commands.txt").read_text()
    assert "15 values" in Path("trace_bundle/summary.md").read_text()
    assert Path("trace_bundle/py_traces/trace_pixel_40_52.log").exists()


def test_what_it_prints_is_compared(tmp_path, capsys):
    c = program(tmp_path / "c_nanobragg", PRINTING % "['-polar', '0.5']")
    assert main(["--pixel", "40", "52", "--c-bin", str(c), "--json", "--", *CRYSTAL]) == 3
    (pixel,) = json.loads(capsys.readouterr().out)["pixels"]
    assert pixel["printout"]["first"] == "polar"
    assert (pixel["printout"]["agreed"], pixel["printout"]["differed"]) == (13, 2)  # polar and pixel
    printed = pixel["printout"]["values"]["polar"]
    assert float(printed["py"]) == pytest.approx(pixel["values"]["polar"], rel=1e-9)
    assert float(printed["c"]) != pytest.approx(pixel["values"]["polar"], rel=1e-3)


@pytest.mark.parametrize(
    ("words", "message", "code"),
    [
        (["--pixel", "96", "0", "--", *CRYSTAL], "pixel 96 0 is not on the detector of 96 x 96", 1),
        (["--pixel", "5", "5", "--roi", "9", "20", "0", "20", "--", *CRYSTAL], "is not rendered", 1),
        (["--pixel", "5", "5", "--", "-lambda", "1"], "nothing to render", 1),
        (["--pixel", "5", "5", "--", "-trace_pixel", "1", "2"], "--pixel, not with -trace_pixel", 2),
        (["--pixel", "5", "5", "--c-bin", "no/such", "--", *CRYSTAL], "--c-bin names no/such", 1),
        (["--pixel", "5", "5", "--oversample", "9999", "--", *CRYSTAL], "a trace of", 1),
        (
            ["--pixel", "5", "5", "--taps", "f_cell", "--", *CRYSTAL]
            + ["-mosaic", "1", "-mosaic_domains", "2001", "-oversample", "101"],
            "would record 20412201 terms", 1,
        ),
    ],
)
def test_what_is_refused(words, message, code, capsys):
    assert main(words) == code
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert not Path("trace_bundle").exists()


@pytest.mark.parametrize(
    "words",
    [[], ["--pixel", "1"], ["--pixel", "a", "b"], ["--pixel", "1", "2", "--taps", "nonsense"],
     ["--pixel", "1", "2", "--tag", "../x"], ["--pixel", "1", "2", "--oversample", "0"]],
)  # fmt: skip
def test_bad_usage(words, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith("nb-trace: ") and error.count("\n") == 1


def test_a_tracked_folder_is_refused(tmp_path, monkeypatch, capsys):
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin/git", "print('README.md' if 'ls-files' in sys.argv else '')")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    assert main(["--pixel", "1", "2", "--out", "out", "--", *CRYSTAL]) == 1
    assert "out holds files under version control" in capsys.readouterr().err
    assert not Path("out").exists()


def test_without_git_no_folder_is_tracked(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not tracked_files(tmp_path / "out" / "deeper")


def test_a_folder_that_cannot_be_made(capsys):
    Path("taken").write_text("a file")
    assert main(["--pixel", "1", "2", "--out", "taken/out", "--", *CRYSTAL]) == 1
    assert "cannot make the folder" in capsys.readouterr().err


def test_list_taps_names_every_token_and_tap(capsys):
    assert main(["--list-taps"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for key, token in BY_KEY.items():
        (line,) = [line for line in lines if line.startswith(f"{key}  ")]
        for cell in (token.unit, token.level, str(owner(token)), token.meaning):
            assert cell in line
    for name in ALL_TAPS.split(","):
        assert any(line.startswith(f"{name} ") for line in lines)
