"""Measure noisify beside the C program of cref: whole commands, taking turns.

python benchmarks/noisify.py                      # measure; write results/noisify.json and .md
python benchmarks/noisify.py --side 1024          # smaller images

The C program is cref's, compiled with -O3 (--cc for another compiler). Seconds are those of the processor, user and
system together, and those of the clock; the least of the turns counts.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from nanobragg_numba.tools.machine import git_commit, json_text, machine, versions

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
SMALL = 256
WORKLOADS = {
    "start-up, 256 x 256": (f"-detpixels {SMALL}", ""),
    "default: calibration errors of 3 %": ("", ""),
    "no calibration errors": ("-calibration 0", ""),
    "read-out noise": ("-readout 3", ""),
    "few photons (mean 6)": ("-scale 0.03", ""),
    "Gaussian point spread alone": ("-nonoise -nopgm -psf gauss", "-nonoise -nopgm"),
    "fiber point spread alone, a radius of 30": ("-nonoise -nopgm -psf fiber -psf_radius 30", "-nonoise -nopgm"),
}
"""Arguments, and those of the run that is taken off, so that a part is left."""


def photons(side: int) -> np.ndarray:
    """Of a pattern with a mean near 200, a few thousand spots and four pixels of millions; the same each time."""
    draw = np.random.default_rng(1)
    y, x = np.mgrid[:side, :side] / side - 0.5
    image = (150.0 * np.exp(-8.0 * (x * x + y * y)) + 60.0).astype(np.float32)
    image.ravel()[draw.integers(0, image.size, image.size // 50)] += draw.exponential(5000, image.size // 50)
    image.ravel()[draw.integers(0, image.size, 4)] = 3e6
    return image


def compiled(folder: Path, cc: str) -> Path:
    """The C program."""
    source, program = ROOT / "cref", folder / "noisify_ref"
    files = [source / "common" / f"{name}.c" for name in ("errors", "random", "images", "text_files")]
    files += [source / "noisify" / f"{name}.c" for name in ("main", "options", "usage", "image", "psf")]
    flags = f"-std=c99 -D_POSIX_C_SOURCE=200809L -O3 -ffp-contract=off -I{source / 'common'}"
    subprocess.run([cc, *shlex.split(flags), "-o", str(program), *map(str, files), "-lm"], check=True)
    return program


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds of the processor and of the clock."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{shlex.join(command)}: {done.stderr.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds


def best(programs: dict[str, list[str]], arguments: str, folder: Path, turns: int) -> dict[str, list[float]]:
    """The least seconds of each program, which must agree about the image."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    images = set()
    for _ in range(turns):
        for name, program in programs.items():
            found[name].append(timed([*program, *shlex.split(arguments)], folder))
            images.add((folder / "intimage.img").read_bytes())
            noise = folder / "noiseimage.img"
            images.add(noise.read_bytes() if noise.exists() else b"")
    if len(images) > 2:
        raise SystemExit(f"the programs disagree: {arguments}")
    return {name: [min(column) for column in zip(*runs)] for name, runs in found.items()}


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All workloads."""
    programs = {
        "c": [str(compiled(folder, options.cc))],
        "ours": [sys.executable, "-m", "nanobragg_numba.programs.noisify", "-threads", str(options.threads)],
    }
    rows = []
    for name, (arguments, without) in WORKLOADS.items():
        side = SMALL if str(SMALL) in arguments else options.side // (4 if "radius" in arguments else 1)
        photons(side).tofile(folder / "floatimage.bin")
        row: dict[str, Any] = {"name": name, "side": side, "arguments": arguments}
        for key, words in (("whole", arguments), *((("rest", without),) if without else ())):
            (folder / "noiseimage.img").unlink(missing_ok=True)
            row[key] = best(programs, f"floatimage.bin -seed 1 {words}", folder, options.turns)
        rows.append(row)
        print(line(row), flush=True)
    return {
        "machine": machine(), "versions": versions(), "commit": git_commit(), "date": time.strftime("%Y-%m-%d"),
        "threads": options.threads, "turns": options.turns, "workloads": rows,
    }  # fmt: skip


def line(row: dict[str, Any]) -> str:
    """A workload as a row of the table."""
    def seconds(who: str, which: int) -> float:
        return row["whole"][who][which] - (row["rest"][who][which] if "rest" in row else 0.0)

    cells = [f"{row['name']}, {row['side']} x {row['side']}" if str(SMALL) not in row["name"] else row["name"]]
    for which in (0, 1):
        c, ours = seconds("c", which), seconds("ours", which)
        cells += [f"{c:.2f} s", f"{ours:.2f} s", f"{c / max(ours, 1e-9):.1f} x"]
    return f"| {' | '.join(cells)} |"


def table(result: dict[str, Any]) -> str:
    """The measurements as Markdown."""
    where = result["machine"]
    return "\n".join([
        f"noisify, {result['threads']} threads, and C (`noisify_ref` compiled with -O3; it has no threads): "
        f"{where['cpu']}, {where['cores']} cores; {result['date']}, the least of {result['turns']}.", "",
        "| whole command | C, processor | ours | gain | C, clock | ours | gain |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |", *map(line, result["workloads"]), "",
    ])  # fmt: skip


def main() -> None:
    """Measure, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--cc", default=shutil.which("cc") or "gcc")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="noisify-") as folder:
        result = measure(options, Path(folder))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "noisify.json").write_text(json_text(result))
    (options.out / "noisify.md").write_text(table(json.loads((options.out / "noisify.json").read_text())))


if __name__ == "__main__":
    main()
