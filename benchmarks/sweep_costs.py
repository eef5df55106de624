"""Measure what each part of a shot costs, and what a task costs besides: the numbers of docs/sweep_plan.md.

python benchmarks/sweep_costs.py                  # writes results/sweep_costs.json
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sweep import BASE, RESULTS

from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.engine.noise import NoiseImage
from nanobragg_numba.engine.run import render
from nanobragg_numba.formats.nexus.writer import NexusWriter
from nanobragg_numba.kernels.window import window_of
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache
from nanobragg_numba.programs.nanobragg.run import experiment_from
from nanobragg_numba.sweep.cluster import DaskPool
from nanobragg_numba.sweep.manifest import Manifest
from nanobragg_numba.sweep.plan import Plan, digest_of_file
from nanobragg_numba.sweep.pool import LocalPool
from nanobragg_numba.sweep.render import frame_record
from nanobragg_numba.sweep.results import Finished, ShotResult, Task
from nanobragg_numba.tools.machine import json_text, machine, versions

PIXELS = {512: "0.2", 4096: "0.025"}


def best(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Shortest time of some repetitions, and what came out."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - began)
    return min(times), result


def shot_costs(size: int, folder: Path) -> dict[str, float]:
    """Seconds of each part of a shot, and the bytes that it leaves."""
    base = BASE.replace("-pixel 0.2", f"-pixel {PIXELS[size]}").replace("-detpixels 512", f"-detpixels {size}")
    argv = [*base.split(), *"-misset 10 20 30 -N 20 -fluence 1e27 -seed 1 -noprogress".split()]
    factor_cache = FactorCache()
    experiment_from(argv, factor_cache)
    found: dict[str, float] = {}
    found["setup"], resolved = best(lambda: experiment_from(argv, factor_cache))
    flattening, scene = best(lambda: flatten(resolved.experiment))
    found["setup"] += flattening
    render(scene, 1)
    found["kernel"], progress = best(lambda: render(scene, 1))
    generator = resolved.generator
    noise = NoiseImage(window_of(scene), generator, resolved.experiment.run.adc)
    noise.rows_finished(progress.image, size)
    noise.finish()
    found["noise"] = noise.seconds
    task = Task(Plan((), (), "", 1, "", ""), str(folder), "stack", ())
    for kind, pixels in (("counts", noise.pixels), ("photons", progress.image)):
        found[f"digest_{kind}"], _ = best(lambda pixels=pixels: hashlib.sha256(pixels.data).hexdigest())

        path = folder / f"{kind}.nxs"
        truth = frame_record(task, resolved, 0, [], "")
        stack = NexusWriter(str(path), 3, kind)
        stack.hidden = np.zeros(pixels.shape, bool)
        found[f"write_{kind}"], _ = best(lambda stack=stack, pixels=pixels, truth=truth: stack.add(pixels, truth))
        found[f"finish_{kind}"], _ = best(stack.finish, 1)
        found[f"bytes_{kind}"] = path.stat().st_size / 3
        found[f"digest_{kind}"] += best(lambda path=path: digest_of_file(path))[0] / 3
    return found


def nothing(task: Task) -> Finished:
    """A task that does nothing but say so."""
    return Finished([ShotResult(shot, 1, 1.0, "0" * 64, "", task.name, 0) for shot, _ in task.shots])


def pool_cost(pool: Any, count: int) -> float:
    """Seconds of the parent for a task of 100 shots that does nothing."""
    task = Task(Plan((), (), "", 100, "", ""), "/", "stack", tuple((k, ["1.0 2.0 3.0", "1.3"]) for k in range(100)))
    try:
        pool.submit(nothing, task).result()
        began = time.perf_counter()
        for future in [pool.submit(nothing, task) for _ in range(count)]:
            future.result()
        return (time.perf_counter() - began) / count
    finally:
        pool.close()


def manifest_costs(folder: Path, count: int) -> dict[str, float]:
    """Seconds a shot for entering a table, and a task of 100 shots for recording it; bytes a shot."""
    plan = Plan((), ("misset", "lambda"), "", count, "", "")
    began = time.perf_counter()
    manifest = Manifest.create(folder, plan, (["10.0 20.0 30.0", "1.3"] for _ in range(count)))
    found = {"plan_shot": (time.perf_counter() - began) / count}
    began = time.perf_counter()
    for start in range(0, count, 100):
        name = f"stacks/stack_{start:06d}.nxs"
        shots = [ShotResult(k, 1, 1.0, "0" * 64, "", name, k) for k in range(start, start + 100)]
        manifest.record(Finished(shots, [(name, 10**7, "0" * 64)]))
    found["record_task"] = (time.perf_counter() - began) / (count / 100)
    manifest.close()
    found["bytes_shot"] = (folder / "manifest.sqlite").stat().st_size / count
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    result: dict[str, Any] = {"machine": machine(), "versions": versions(), "date": time.strftime("%Y-%m-%d"),
                              "load": os.getloadavg()[0]}  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="nb-sweep-") as name:
        for size in PIXELS:
            result[f"shot_{size}"] = shot_costs(size, Path(name))
            result[f"shot_{size}"]["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
        result["manifest"] = manifest_costs(Path(name), 100_000)
    result["task_local"] = pool_cost(LocalPool(1, 1), 300)
    result["task_dask"] = pool_cost(DaskPool("", 1, 1), 300)
    (options.results / "sweep_costs.json").write_text(json_text(result))
    print(json_text(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
