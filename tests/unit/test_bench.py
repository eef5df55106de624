"""nb-bench: workloads, a small run of everything, what an interruption leaves, tables and plots from stored results."""

import copy
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fake_programs import fake
from paths import ROOT

from nanobragg_numba.errors import FormatError, NanoBraggError
from nanobragg_numba.tools.bench import plots as bench_plots
from nanobragg_numba.tools.bench import run as bench_run
from nanobragg_numba.tools.bench.cli import main, read_results
from nanobragg_numba.tools.bench.measure import Commands, Kernel, Side, kernel_of, uses_threads
from nanobragg_numba.tools.bench.report import BEGIN, END, markdown, with_table
from nanobragg_numba.tools.bench.workloads import OTHERS, choose, names, still, write_inputs

STORED = ROOT / "benchmarks/results"


@pytest.fixture(scope="module")
def stored():
    return read_results(STORED / "results.json")


@pytest.fixture
def small(monkeypatch):
    """Cold starts and traced pixels cost seconds: in a small run they are measured on next to nothing."""
    monkeypatch.setattr(bench_run, "measure_cold", lambda plan, _: {"row": 1.5})
    monkeypatch.setattr(bench_run, "TRACED", bench_run.TRACED.replace("1024", "64").replace("-N 5", "-N 3"))
    monkeypatch.setattr(bench_run, "_TRACED_PIXEL", ("7", "9"))
    monkeypatch.setattr(bench_run, "_TRACED_RUNS", 1)


def test_a_small_run_of_everything(small, tmp_path, monkeypatch, cref_omp_binary, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["--workloads", "still,startup", "--sizes", "32", "--iterations", "1", "--threads", "1,2",
             "--c-bin", str(cref_omp_binary), "--outdir", "out", "--profile", "--keep-artifacts"]  # fmt: skip
    assert main(words) == 0
    out, err = capsys.readouterr()
    results = read_results(tmp_path / "out/results.json")
    assert results["complete"] and results["command"] == words
    assert [row["name"] for row in results["workloads"]] == ["still_32", "startup"]
    for row in results["workloads"][:1]:
        assert [(each["engine"], each["threads"]) for each in row["kernel"]] == [
            *(("loop", 1), ("row", 1), ("c", 1), ("loop", 2), ("row", 2), ("c", 2)),
        ]
        for each in row["kernel"]:
            assert len(each["seconds"]) == 1 and each["best"] == min(each["seconds"])
            assert each["ns_per_evaluation"] == pytest.approx(each["best"] / row["evaluations"] * 1e9)
    for row in results["workloads"]:
        assert {engine: found["bytes_equal"] for engine, found in row["parity"].items()} == {"loop": True, "row": True}
        assert {each["engine"]: len(each["seconds"]) for each in row["command"]} == {"loop": 1, "row": 1, "c": 1}
        assert all(each["peak_mib"] > 1 for each in row["command"])
    assert results["workloads"][0]["pixels"] == results["workloads"][0]["evaluations"] == 32 * 32
    ours = results["workloads"][1]["command"][0]
    assert {"imports", "render"} <= set(ours["phases"]) and sum(ours["phases"].values()) < ours["best"]
    tracing = results["tracing"]
    assert min(tracing["untapped"], tracing["with_one_traced"], tracing["tapped"]) > 0
    assert out == markdown(results) + f"\nresults in {tmp_path / 'out'}\n"
    assert (tmp_path / "out/table.md").read_text() == markdown(results)
    assert [line.split("  ")[-1] for line in err.splitlines()] == [
        *("compilation", "still_32", "startup", "tracing"),
    ]
    image = np.fromfile(tmp_path / "out/artifacts/still_32/c/floatimage.bin", np.float32)
    assert image.size == 32 * 32 and image.any()
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"results.json", "table.md", "artifacts"}


def test_engines_take_turns(monkeypatch, tmp_path):
    turns = []
    monkeypatch.setattr(Kernel, "run", lambda self, side: turns.append(side) or _Progress())
    monkeypatch.setattr(Commands, "run", lambda self, side, *_: turns.append(side) or bench_run.Timed(1.0, 2.0))
    monkeypatch.setattr(Commands, "image", lambda self: np.zeros(4, np.float32))
    plan = bench_run.Plan(["loop", "row", "c"], [1, 3], 2)
    row = bench_run.measure_workload(still(8), plan, Commands(tmp_path, Path("/c")))
    most = [Side("loop", 3), Side("row", 3), Side("c", 3)]
    kernel = [Side(engine, threads) for threads in (1, 3) for engine in ("loop", "row", "c")]
    # the untimed run; then in each repetition the loops, C with one pixel, and our whole commands
    assert turns == most + 2 * (kernel + [Side("c", 1)] + most[:2])
    assert row["kernel"][0]["seconds"] == [0.5, 0.5]


class _Progress:
    render_seconds = 0.5
    recomputed = 0


def test_c_without_threads_is_measured_once():
    plan = bench_run.Plan(["row", "c"], [1, 2], 1, c_threaded=False)
    assert plan.sides == [Side("row", 1), Side("c", 1), Side("row", 2)]
    assert plan.most == [Side("row", 2), Side("c", 1)]


def test_threads_of_a_program(cref_binary, cref_omp_binary):
    assert uses_threads(cref_omp_binary) and not uses_threads(cref_binary)


def test_an_image_that_differs_from_c_is_exit_3(small, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    program = str(fake(tmp_path, "good"))
    words = ["--workloads", "still_16", "--sizes", "16", "--iterations", "1", "--threads", "1", "--engines", "row,c"]
    assert main([*words, "--c-bin", program, "--outdir", "out"]) == 3
    out, err = capsys.readouterr()
    assert err.endswith("nb-bench: images differ from C's: still_16 (row)\n")
    assert "| correlation nan |" in out
    found = read_results(tmp_path / "out/results.json")["workloads"][0]["parity"]["row"]
    assert found["bytes_equal"] is False and found["differing"] == 256


def test_a_c_program_that_fails_is_exit_1(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    program = str(fake(tmp_path, "crash"))
    assert main(["--workloads", "still_16", "--sizes", "16", "--engines", "c", "--c-bin", program]) == 1
    assert capsys.readouterr().err == "nb-bench: crash failed with exit code 7: the lattice fell over\n"


def test_without_a_c_program(tmp_path, monkeypatch, capsys):
    from nanobragg_numba.tools import c_program
    from nanobragg_numba.tools.bench import cli as bench

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB_C_BIN", raising=False)
    monkeypatch.setattr(c_program, "OWN", tmp_path / "none")
    monkeypatch.setattr(bench, "OPENMP", tmp_path / "none_omp")
    monkeypatch.setattr(bench, "_run", lambda options, workloads, results, *_: results["workloads"].clear() or 0)
    words = ["--sizes", "16", "--threads", "1", "--iterations", "1", "--outdir", "out"]
    assert main(words) == 0
    message = "no C program: name one with --c-bin or NB_C_BIN, or build ours with make -C cref"
    assert capsys.readouterr().err == f"nb-bench: {message}; measuring without\n"
    assert read_results(tmp_path / "out/results.json")["engines"] == ["loop", "row"]
    assert main([*words, "--engines", "row,c"]) == 1
    assert capsys.readouterr().err == f"nb-bench: {message}\n"


@pytest.mark.parametrize("words", ["--workloads nonsense", "--engines fortran", "--threads 0", "--sizes x",
                                   "--iterations 0"])  # fmt: skip
def test_usage(words, capsys):
    assert main(words.split()) == 2
    error = capsys.readouterr().err
    assert error.startswith("nb-bench: ") and error.count("\n") == 1


def test_an_interrupted_run_keeps_what_it_has(tmp_path, cref_omp_binary):
    """Of C alone, so that the first pieces are there soon; the last one takes long."""
    words = ["--workloads", "still", "--sizes", "16,32,5000", "--engines", "c", "--iterations", "2", "--threads", "1"]
    command = [sys.executable, "-m", "nanobragg_numba.tools.bench.cli", *words, "--c-bin", str(cref_omp_binary)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*command, "--outdir", "out"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    ) as running:  # fmt: skip
        path = tmp_path / "out/results.json"
        deadline = time.monotonic() + 60
        while not (path.exists() and len(read_results(path)["workloads"]) == 2):
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)  # what the keyboard does
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert f"nb-bench: interrupted; 2 of 3 workloads are kept in {tmp_path / 'out'}\n" in err
    assert "Traceback" not in err
    results = read_results(path)
    assert not results["complete"] and len(results["workloads"]) == 2
    assert "**This run was interrupted: it is not complete.**" in out
    assert (tmp_path / "out/table.md").is_file()


def test_a_cold_start_compiles_into_a_folder_of_its_own(tmp_path, monkeypatch):
    write_inputs(tmp_path)
    seen = {}

    def run(self, side, arguments, environment):
        seen.update(environment)
        assert os.listdir(environment["NANOBRAGG_NUMBA_CACHE_DIR"]) == []
        return bench_run.Timed(3.5, 100.0)

    monkeypatch.setattr(Commands, "run", run)
    assert Commands(tmp_path, None).cold("row", bench_run.COLD.split()) == 3.5
    assert not os.path.exists(seen["NANOBRAGG_NUMBA_CACHE_DIR"])


def test_workloads_have_names():
    everything = choose(["all"], [256, 512])
    assert [each.name for each in everything[:2]] == ["still_256", "still_512"]
    usual = [each for each in OTHERS if each.usual]
    assert not any(each.program == "nonBragg" for each in everything)
    assert len({each.name for each in everything}) == len(everything) == len(usual) + 2
    assert [each.name for each in choose(["rotation_500"], [])] == ["rotation_500"]
    assert [each.name for each in choose(["noise", "still_512"], [256, 512])] == ["still_512", "noise"]
    for name in names():
        assert choose([name], [64])
    with pytest.raises(KeyError):
        choose(["still_512"], [256])


@pytest.mark.parametrize("workload", choose(["all"], [256]), ids=lambda each: each.name)
def test_every_workload_can_be_set_up(workload, tmp_path):
    """And says of itself what it is."""
    write_inputs(tmp_path)
    kernel = Kernel(workload, tmp_path)
    scene = kernel.scene
    assert kernel.evaluations % kernel.pixels == 0
    assert f"{scene.fpixels} x {scene.spixels}" in workload.about
    factors = {
        "beam": len(scene.wavelengths), "rotation_mosaic": scene.abc.shape[0] * scene.abc.shape[1],
        "oversample": scene.oversample**2, "interpolation": scene.interpolate,
    }  # fmt: skip
    if workload.name in factors:
        assert kernel.evaluations // kernel.pixels == factors[workload.name]
        assert scene.interpolate == (workload.name == "interpolation")
    if workload.name == "beam":
        assert f"{factors['beam']} sources" in workload.about


@pytest.mark.parametrize("workload", choose(["nonbragg"], []), ids=lambda each: each.name)
def test_every_workload_of_nonbragg_can_be_set_up(workload, tmp_path):
    write_inputs(tmp_path)
    kernel = kernel_of(workload, tmp_path)
    assert f"{kernel.scene.fpixels} x {kernel.scene.spixels}" in workload.about
    assert kernel.evaluations // kernel.pixels == (6 if workload.name == "amorphous_beam" else 1)
    progress = kernel.run(Side("row", 1)) if workload.kernel else None
    assert progress is None or (progress.engine == "row" and progress.render_seconds > 0.0)


def test_c_of_nonbragg_stands_beside_that_of_nanobragg(tmp_path):
    with pytest.raises(NanoBraggError, match="nonbragg_ref"):
        Commands(tmp_path, tmp_path / "nanobragg_ref").of("nonBragg")
    (tmp_path / "nonbragg_ref").write_text("#!/bin/sh\n")
    (tmp_path / "nonbragg_ref").chmod(0o755)
    assert Commands(tmp_path, tmp_path / "nanobragg_ref").of("nonBragg").c_program == tmp_path / "nonbragg_ref"


def test_peak_memory_is_not_that_of_this_process(tmp_path):
    ballast = np.ones(40_000_000)  # 305 MiB
    program = tmp_path / "idle"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    assert Commands(tmp_path, program).run(Side("c", 1), []).peak_mib < 100 < ballast.nbytes / 2**20


def test_the_readme_shows_the_stored_run(stored):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_table(page, markdown(stored), "README.md") == page, (
        "the table is stale: nb-bench --update-readme README.md"
    )
    assert (STORED / "table.md").read_text(encoding="utf-8") == markdown(stored)


def test_the_stored_run_is_complete_and_equal_to_c(stored):
    assert stored["complete"] and stored["engines"] == ["loop", "row", "c"]
    assert {row["name"] for row in stored["workloads"]} == {
        each.name for each in choose(["all", "rotation_500", "rotation_500_hkl"], [256, 512, 1024, 2048, 4096])
    }
    assert all(found["bytes_equal"] for row in stored["workloads"] for found in row["parity"].values())
    assert list(stored["cold_seconds"]) == ["row"] and stored["tracing"]


def test_the_table_says_where_c_is_faster(stored):
    text = markdown(stored)
    assert "C is faster where little is computed: " in text
    changed = copy.deepcopy(stored)
    for row in changed["workloads"]:
        for each in [*row["command"], *row.get("kernel", [])]:
            if each["engine"] == "c":
                each["best"] *= 1e6
    assert "In no workload of this run was C faster." in markdown(changed)


def test_the_table_of_one_engine_and_of_none(stored):
    changed = copy.deepcopy(stored)
    changed["engines"] = ["c"]
    for row in changed["workloads"]:
        row["parity"] = {}
        row["command"] = [each for each in row["command"] if each["engine"] == "c"]
        if "kernel" in row:
            row["kernel"] = [each for each in row["kernel"] if each["engine"] == "c"]
    assert "| ns per evaluation | evaluations | C 1 | C 2 |" in markdown(changed)
    changed["workloads"] = []
    assert markdown(changed).startswith(stored["machine"]["cpu"])


def test_a_stored_table_is_printed(stored, capsys):
    assert main(["--table", str(STORED / "results.json")]) == 0
    assert capsys.readouterr().out == markdown(stored)


def test_update_readme(stored, tmp_path, capsys):
    page = tmp_path / "README.md"
    page.write_text(f"Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n")
    assert main(["--outdir", str(STORED), "--update-readme", str(page)]) == 0
    assert page.read_text() == f"Before\n\n{BEGIN}\n{markdown(stored)}{END}\n\nAfter\n"
    page.write_text("no markers")
    assert main(["--outdir", str(STORED), "--update-readme", str(page)]) == 1
    assert "the markers" in capsys.readouterr().err
    assert main(["--outdir", str(tmp_path / "none"), "--update-readme", str(page)]) == 1


@pytest.mark.parametrize("page", ["", END + BEGIN, BEGIN, BEGIN + END + END, BEGIN + BEGIN + END])
def test_markers_must_stand_once_each(page):
    with pytest.raises(FormatError):
        with_table(page, "table\n", "page")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_results_that_are_none(text, tmp_path):
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(FormatError, match="not the results of a run"):
        read_results(path)


def test_plots_of_the_stored_run(stored, tmp_path):
    assert bench_plots.write_plots(tmp_path, stored) == ["size.png", "domains.png", "threads.png"]
    changed = copy.deepcopy(stored)
    changed["workloads"] = []
    assert bench_plots.write_plots(tmp_path, changed) == []
    assert list(tmp_path.iterdir()) == []


def test_every_line_of_a_plot_has_the_points_of_the_table(stored):
    figure = bench_plots._growth(stored, "domains", "title", "mosaic domains")
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("mosaic domains", "seconds")
    rows = [row for row in stored["workloads"] if row["family"] == "domains"]
    for line, engine in zip(axes.get_lines(), ("c", "loop", "row")):
        most = [max((e for e in row["kernel"] if e["engine"] == engine), key=lambda e: e["threads"]) for row in rows]
        assert list(line.get_xdata()) == [1, 10, 100, 1000]
        assert list(line.get_ydata()) == [each["best"] for each in most]


def test_results_name_no_folder(stored):
    """What is stored and shown is about the machine, not about whose it is."""
    text = json.dumps(stored)
    assert "/home" not in text and "/tmp" not in text and str(ROOT) not in text

