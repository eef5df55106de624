"""nb-trace-diff as a command: arguments, complete output, exit code, files made."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from paths import GOLDEN

import nanobragg_numba
from nanobragg_numba.tools.trace.diff_cli import known_command, main
from nanobragg_numba.trace.owners import owner
from nanobragg_numba.trace.tokens import BY_KEY

POLAR = GOLDEN / "traces/polar/pixel_10_80.log"


@pytest.fixture
def logs(tmp_path, monkeypatch):
    """A folder with a log, and one that differs from it in two tokens."""
    monkeypatch.chdir(tmp_path)
    text = POLAR.read_text()
    (tmp_path / "a.log").write_text(text)
    changed = text.replace("r_e_sqr 7.94079248018965e-30", "r_e_sqr 7.94079248018966e-30")
    changed = changed.replace("steps 1", "steps 2").replace("TRACE_C", "TRACE_PY")
    (tmp_path / "b.log").write_text(changed)
    return tmp_path


def test_same(logs, capsys):
    assert main(["a.log", "a.log"]) == 0
    assert capsys.readouterr().out == (
        "A: a.log (78 tokens, TRACE_C, pixel 10 80)\n"
        "B: a.log (78 tokens, TRACE_C, pixel 10 80)\n"
        "tokens: 78 agreed, 0 differed, 0 only in A, 0 only in B\n"
        "SAME\n"
    )


def test_different(logs, capsys):
    assert main(["a.log", "b.log"]) == 1
    assert capsys.readouterr().out == (
        "A: a.log (78 tokens, TRACE_C, pixel 10 80)\n"
        "B: b.log (78 tokens, TRACE_PY, pixel 10 80)\n"
        "\n"
        "first divergence: r_e_sqr\n"
        "  A line 67 (number 1 of its name): TRACE_C: r_e_sqr 7.94079248018965e-30\n"
        "  B line 67 (number 1 of its name): TRACE_PY: r_e_sqr 7.94079248018966e-30\n"
        "  value 1: A 7.94079248018965e-30, B 7.94079248018966e-30, A-B -9.81e-45, "
        "relative 1.24e-15, 7 units in the last place\n"
        "  loop level: once a pixel, after the loops\n"
        f"  owner: {owner(BY_KEY['r_e_sqr'])}\n"
        "\n"
        "tokens: 76 agreed, 2 differed, 0 only in A, 0 only in B\n"
        "DIFFERENT\n"
    )


def test_tolerances_are_options(logs):
    assert main(["a.log", "b.log", "--rtol", "1e-14"]) == 1
    assert main(["a.log", "b.log", "--rtol", "0.5"]) == 0
    assert main(["a.log", "b.log", "--atol", "1"]) == 0


def test_report(logs, capsys):
    (logs / "args").write_text("-N 5\n")
    (logs / "a.log").rename(logs / "pixel_10_80.log")
    assert main(["pixel_10_80.log", "b.log", "-o", "first.md"]) == 1
    report = (logs / "first.md").read_text()
    for part in (
        "# First divergence",
        "made by `nanoBragg -N 5 -trace_pixel 10 80`",
        "first divergence: r_e_sqr",
        "tokens: 76 agreed, 2 differed",
        "| steps | 1 |",
    ):
        assert part in report


def test_json(logs, capsys):
    assert main(["a.log", "b.log", "--json"]) == 1
    result = json.loads(capsys.readouterr().out)
    assert result["same"] is False
    assert (result["agreed"], result["differed"]) == (76, 2)
    first = result["first_divergence"]
    assert (first["token"], first["a"]["line"], first["b"]["line"]) == ("r_e_sqr", 67, 67)
    assert first["differences"][0]["ulps"] == 7
    assert main(["a.log", "a.log", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["first_divergence"] is None


def test_json_has_no_bare_nan(logs, capsys):
    (logs / "c.log").write_text("T: polar nan\n")
    (logs / "d.log").write_text("T: polar 1\n")
    assert main(["c.log", "d.log", "--json"]) == 1

    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    result = json.loads(capsys.readouterr().out, parse_constant=refuse)
    assert result["first_divergence"]["differences"][0]["a"] == "nan"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.log", b"", "empty.log is empty"),
        ("binary.log", bytes(range(256)), "binary.log is no text file"),
        ("cut.log", POLAR.read_bytes()[:2000], "cut.log is cut off"),
        ("other.log", POLAR.read_bytes().replace(b"fpixel=80", b"fpixel=81"), "different pixels"),
        ("prose.log", b"nothing of the kind\n", "prose.log holds no trace line"),
        ("missing.log", None, "cannot read the trace log missing.log"),
    ],
)
def test_what_cannot_be_compared(logs, capsys, name, content, message):
    if content is not None:
        (logs / name).write_bytes(content)
    for arguments in (["a.log", name], [name, "a.log"]):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("nb-trace-diff: ")
        assert message in captured.err
        assert captured.err.count("\n") == 1


def test_a_report_that_cannot_be_written_is_said(logs, capsys):
    assert main(["a.log", "b.log", "-o", "no/such/folder.md"]) == 2
    assert "no/such" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["a.log"], ["a.log", "b.log", "--rtol", "-1"], ["a.log", "b.log", "--what"]]
)
def test_bad_usage(logs, arguments):
    assert main(arguments) == 2


def test_the_command_of_a_bundle_is_found(tmp_path):
    (tmp_path / "py_traces").mkdir()
    (tmp_path / "commands.txt").write_text("# py_traces/x_pixel_1_2.log\nnanoBragg -N 3\n")
    assert known_command(tmp_path / "py_traces" / "x_pixel_1_2.log") == "nanoBragg -N 3"
    assert known_command(tmp_path / "py_traces" / "x_pixel_1_3.log") == ""


def run_program(*words, **options):
    """Start the program by itself."""
    environment = {"PYTHONPATH": str(Path(nanobragg_numba.__file__).parent.parent)}
    return subprocess.run(
        [sys.executable, *words],
        stderr=subprocess.PIPE,
        check=False,
        env=os.environ | environment | options.pop("env", {}),
        **options,
    )


MODULE = ("-m", "nanobragg_numba.tools.trace.diff_cli")


def test_as_a_program_and_without_the_compiler(logs):
    code = (
        "import sys; from nanobragg_numba.tools.trace.diff_cli import main; "
        "status = main(['a.log', 'b.log']); "
        "print('compiler', any(name.split('.')[0] in ('numba', 'numpy') for name in sys.modules)); "
        "sys.exit(status)"
    )
    done = run_program("-c", code, stdout=subprocess.PIPE)
    assert done.returncode == 1, done.stderr
    assert done.stdout.endswith(b"DIFFERENT\ncompiler False\n")


def test_a_reader_that_leaves_early_is_no_error(logs):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = run_program(*MODULE, "a.log", "b.log", stdout=closed)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_terminal_without_the_letters_gets_escapes(logs):
    text = (logs / "a.log").read_text(encoding="utf-8")
    changed = text.replace("(+0.5px)", "(+1px)")
    (logs / "c.log").write_text(changed, encoding="utf-8")
    done = run_program(
        *MODULE, "a.log", "c.log", stdout=subprocess.PIPE, env={"PYTHONIOENCODING": "ascii"}
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"Fbeam\\u2190Ybeam_mm" in done.stdout
