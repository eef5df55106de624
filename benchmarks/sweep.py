"""Measure nb-sweep on stills of 1ORC: against its own kernels alone, single commands in a loop, and C with xargs.

python benchmarks/sweep.py                        # measure; write results/sweep.json and .md, and the README's table
python benchmarks/sweep.py --table                # write the table anew from results/sweep.json

Besides what nb-sweep needs, this takes the C program of `make -C cref` (or --c-bin).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from nanobragg_numba.formats.nexus.writer import NexusWriter
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.programs.nanobragg.simulation import render_pixels
from nanobragg_numba.sweep.manifest import Manifest
from nanobragg_numba.sweep.render import frame_record
from nanobragg_numba.sweep.results import Task
from nanobragg_numba.tools.c_program import find_c_program
from nanobragg_numba.tools.machine import git_commit, json_text, machine, versions

ROOT = Path(__file__).resolve().parents[1]
README, BEGIN, END = ROOT / "README.md", "<!-- sweep:begin -->", "<!-- sweep:end -->"
RESULTS = ROOT / "benchmarks" / "results"
CRYSTAL = ROOT / "examples" / "1orc"
BASE = (
    f"-mat {CRYSTAL}/1orc.mat -hkl {CRYSTAL}/1orc_P1.hkl -nointerpolate -distance 120 -pixel 0.2 "
    "-detpixels 512 -oversample 1 -water 3"
)
DRAWN = ["--seed", "7", "--orient", "random", "--vary", "lambda=normal(1.0,0.003)", "--vary",
         "fluence=lognormal(1e27,0.5)", "--vary", "N=uniform(10,40)"]  # fmt: skip
KINDS = {"counts": "with noise, uint16", "photons": "without noise, float32"}


def sweep(*arguments: str) -> list[str]:
    """The command."""
    return [sys.executable, "-m", "nanobragg_numba.tools.sweep", *arguments]


def _alone(folder: str, shots: range, gate: Any, times: Any) -> None:
    """Kernels and writing of some shots, everything else done beforehand; puts seconds a shot."""
    manifest = Manifest(Path(folder))
    plan = manifest.plan
    ready = []
    for shot in shots:
        row = manifest.row(shot)
        ready.append((shot, row, experiment_from(plan.input_arguments(shot, row))))
    task = Task(plan, folder, "alone", ())

    def render(resolved: Any) -> Any:
        return render_pixels(resolved.experiment, threads=1, counts=plan.counts, generator=resolved.generator)

    render(experiment_from(plan.input_arguments(0, manifest.row(0))))
    with tempfile.TemporaryDirectory(dir=folder) as place:
        gate.wait()
        began = time.perf_counter()
        stack = NexusWriter(f"{place}/alone.nxs", len(ready), "counts")
        for shot, row, resolved in ready:
            stack.add(render(resolved), frame_record(task, resolved, shot, row, ""))
        stack.discard()
        times.put((time.perf_counter() - began) / len(ready))


def alone(folder: Path, workers: int, shots: int) -> float:
    """Shots per second of so many processes at once that do nothing but kernels and writing."""
    context = multiprocessing.get_context("spawn")
    gate, times = context.Barrier(workers), context.Queue()
    parts = [range(i * shots, (i + 1) * shots) for i in range(workers)]
    processes = [context.Process(target=_alone, args=(str(folder), part, gate, times)) for part in parts]
    for process in processes:
        process.start()
    found = [times.get() for _ in processes]
    for process in processes:
        process.join()
    return sum(1.0 / seconds for seconds in found)


class Memory:
    """Resident memory of a process and its children, sampled."""

    def __init__(self, pid: int) -> None:
        self.samples: list[float] = []
        self._pid = pid
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while total := self._resident():
            self.samples.append(total)
            time.sleep(0.25)

    def _resident(self) -> float:
        total = 0
        try:
            lists = [path.read_text() for path in Path(f"/proc/{self._pid}/task").glob("*/children")]
            for pid in [self._pid, *(int(word) for text in lists for word in text.split())]:
                for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                    if line.startswith("VmRSS"):
                        total += int(line.split()[1])
        except OSError:
            return self.samples[-1] if Path(f"/proc/{self._pid}").exists() and self.samples else 0.0
        return total / 1024.0


def timed(command: list[str]) -> tuple[float, Memory]:
    """Seconds of a command, and the memory that it took, MiB."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    memory = Memory(process.pid)
    _, stderr = process.communicate()
    if process.returncode:
        raise SystemExit(f"{shlex.join(command)}: {stderr.decode()}")
    return time.perf_counter() - began, memory


def measure_kind(kind: str, base: Path, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The sweep and its ideal, for one kind of pixels."""
    drawn = [str(base), "--count", str(options.shots), *DRAWN, "--pixels", kind, "--workers", str(options.workers)]
    start, _ = timed(sweep(str(base), "--count", str(options.workers), *DRAWN, "--chunk", "1", "--pixels", kind,
                           "--workers", str(options.workers), "--out", str(folder / f"{kind}-start")))  # fmt: skip
    rounds = []
    for _ in range(options.rounds):
        out = folder / kind
        seconds, memory = timed(sweep(*drawn, "--chunk", "50", "--out", str(out), "--new"))
        ideal = alone(out, options.workers, options.sample)
        tenth = max(1, len(memory.samples) // 10)
        rounds.append({
            "ideal_shots_per_s": ideal, "seconds": seconds, "shots_per_s": options.shots / seconds,
            "efficiency": options.shots / seconds / ideal,
            "memory_mib": [round(max(memory.samples[i * tenth : (i + 1) * tenth] or [0.0]), 1) for i in range(10)],
        })  # fmt: skip
    size = sum(path.stat().st_size for path in (folder / kind / "stacks").iterdir())
    return {"start_s": start, "rounds": rounds, "bytes_a_shot": size / options.shots}


def commands(out: Path, count: int) -> list[list[str]]:
    """The single commands of the first shots."""
    manifest = Manifest(out)
    return [shlex.split(manifest.plan.command(shot, manifest.row(shot)))[1:] for shot in range(count)]


def measure_singles(out: Path, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Single commands one after the other, and C as many at a time as there are cores; shots per second."""
    place = folder / "singles"
    place.mkdir(exist_ok=True)
    program = [sys.executable, "-m", "nanobragg_numba"]
    began = time.perf_counter()
    for arguments in commands(out, options.singles):
        subprocess.run([*program, *arguments], cwd=place, stdout=subprocess.DEVNULL, check=True, stderr=subprocess.PIPE)
    found = {"loop_shots_per_s": options.singles / (time.perf_counter() - began), "loop_shots": options.singles}
    c_program = find_c_program(options.c_bin)
    if c_program is None:
        return found
    count = min(options.shots, 4 * options.singles)
    lines = "\n".join(shlex.join([str(c_program), *arguments]) for arguments in commands(out, count))
    began = time.perf_counter()
    subprocess.run(["xargs", "-P", str(options.workers), "-I", "{}", "sh", "-c", "{} >/dev/null 2>&1"], cwd=place,
                   input=lines.encode(), check=True)  # fmt: skip
    return {**found, "c_shots_per_s": count / (time.perf_counter() - began), "c_shots": count}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Everything."""
    result: dict[str, Any] = {
        "machine": machine(), "versions": versions(), "commit": git_commit(), "date": time.strftime("%Y-%m-%d"),
        "shots": options.shots, "workers": options.workers, "base": BASE.replace(str(ROOT), "."), "drawn": DRAWN,
        "load_before": os.getloadavg()[0],
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="nb-sweep-") as name:
        folder = Path(name)
        for kind in KINDS:
            base = folder / f"{kind}.args"
            base.write_text(BASE + (" -nonoise" if kind == "photons" else ""))
            result[kind] = measure_kind(kind, base, folder, options)
            result[kind].update(measure_singles(folder / kind, folder, options))
    result["load_after"] = os.getloadavg()[0]
    return result


def _runs(result: dict[str, Any]) -> str:
    count = len(result["counts"]["rounds"])
    return f"The median of {count} runs." if count > 1 else "One run."


def table(result: dict[str, Any]) -> str:
    """The measurements as Markdown."""
    where = result["machine"]
    lines = [
        f"{result['shots']} stills of 1ORC, 512 x 512 pixels, {result['workers']} workers; {where['cpu']}, "
        f"{where['cores']} cores; {result['date']}. {_runs(result)} "
        f"Load of the machine before it began: {result['load_before']:.1f}.",
        "",
        "| shots per second | kernels and writing alone | nb-sweep | efficiency | once started | start "
        "| single commands in a loop | C with xargs | nb-sweep over loop | over C | memory, MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for kind, about in KINDS.items():
        found = result[kind]
        middle = sorted(found["rounds"], key=lambda each: each["efficiency"])[len(found["rounds"]) // 2]
        rate, c_rate = middle["shots_per_s"], found.get("c_shots_per_s", float("nan"))
        memory = middle["memory_mib"]
        started = result["shots"] / (middle["seconds"] - found["start_s"]) / middle["ideal_shots_per_s"]
        lines.append(
            f"| {about} | {middle['ideal_shots_per_s']:.1f} | {rate:.1f} | {100 * middle['efficiency']:.0f} % "
            f"| {100 * started:.0f} % | {found['start_s']:.1f} s | {found['loop_shots_per_s']:.2f} | {c_rate:.1f} "
            f"| {rate / found['loop_shots_per_s']:.0f} x | {rate / c_rate:.1f} x "
            f"| {memory[2]:.0f} ... {memory[-2]:.0f} |"
        )
    lines += ["", "Efficiency is of the whole command, start included: against as many processes at once that do "
              "nothing but kernels and writing, for 100 shots each; once started, without the start, which is that of "
              "a sweep of one shot a worker. Memory is that of the command "
              "and all its workers, after a fifth of the time and near the end."]  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--sample", type=int, default=100, help="shots of each process that measures the ideal")
    parser.add_argument("--singles", type=int, default=25, help="single commands; four times as many of C")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--c-bin")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    path = options.results / "sweep.json"
    if not options.table:
        path.write_text(json_text(measure(options)))
    text = table(json.loads(path.read_text()))
    path.with_suffix(".md").write_text(text)
    if options.results == RESULTS:
        before, _, rest = README.read_text().partition(BEGIN)
        README.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
