"""How nb-bench measures: the pixel loops in this process, whole commands in processes of their own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nanobragg_numba.engine.names import ENGINES, ROW
from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.tools.bench.workloads import Workload
from nanobragg_numba.tools.compare.metrics import correlation, ulps
from nanobragg_numba.tools.compare.run import our_program

NOT_POSSIBLE = 1
FLOAT_FILE = "floatimage.bin"
C_OF_NONBRAGG = "nonbragg_ref"
_NONBRAGG = "from nanobragg_numba.programs.nonbragg.cli import main; main()"
_PHASE = re.compile(r"^(?:nanoBragg|nonBragg): +([0-9.]+) s +(.+)$", re.MULTILINE)

# A process inherits the peak memory of the one that starts it. This one is small: what is measured
# never reads below its own size, which is that of a bare interpreter.
_LAUNCHER = """
import json, os, sys, time
command, out, err = json.loads(sys.argv[1])
flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
actions += [(os.POSIX_SPAWN_OPEN, fd, name, flags, 0o644) for fd, name in ((1, out), (2, err))]
began = time.perf_counter()
pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
_, status, usage = os.wait4(pid, 0)
seconds = time.perf_counter() - began
print(json.dumps([seconds, os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024]))
"""


@dataclass(frozen=True)
class Side:
    """An engine with a number of threads.

    Attributes
    ----------
    engine : str
        loop, row or c.
    threads : int
    """

    engine: str
    threads: int


@dataclass
class Timed:
    """One run of a whole command: seconds, peak memory in MiB, and our own phases in seconds."""

    seconds: float
    peak_mib: float
    phases: dict[str, float] = field(default_factory=dict)


class Commands:
    """Runs whole commands in a folder of their own.

    Parameters
    ----------
    folder : Path
        Present folder of the commands; inputs lie there.
    c_program : Path or None
    program : str
        nanoBragg or nonBragg.
    """

    def __init__(self, folder: Path, c_program: Path | None, program: str = "nanoBragg") -> None:
        self.folder = folder
        self.c_program = c_program
        ours = our_program()
        self._ours, self._environment = list(ours.command), {**os.environ, **ours.environment}
        if program == "nonBragg":
            self._ours = [sys.executable, "-c", _NONBRAGG]

    def of(self, program: str) -> Commands:
        """Those of nanoBragg or nonBragg, whose C program stands beside that of nanoBragg.

        Parameters
        ----------
        program : str

        Raises
        ------
        NanoBraggError
            There is none.
        """
        if program == "nanoBragg":
            return self
        c_program = self.c_program and self.c_program.with_name(C_OF_NONBRAGG)
        if c_program is not None and not os.access(c_program, os.X_OK):
            raise NanoBraggError(f"there is no {c_program}: build it with make -C cref", NOT_POSSIBLE)
        return Commands(self.folder, c_program, program)

    def run(self, side: Side, arguments: Sequence[str], environment: dict[str, str] | None = None) -> Timed:
        """Run a command once.

        Parameters
        ----------
        side : Side
        arguments : sequence of str
            nanoBragg's.
        environment : dict, optional
            Variables to set besides.

        Raises
        ------
        NanoBraggError
            With exit code 2, if it fails.
        """
        settings = {**self._environment, **(environment or {})}
        if side.engine == "c":
            command = [str(self.c_program), *arguments]
            settings["OMP_NUM_THREADS"] = str(side.threads)
        else:
            command = [*self._ours, *arguments, "-engine", side.engine, "-threads", str(side.threads), "-verbose"]
        seconds, code, peak = self._launch(command, settings)
        stderr = (self.folder / "stderr.txt").read_text(errors="replace")
        if code != 0:
            last = (stderr.strip().splitlines() or ["no message"])[-1]
            raise NanoBraggError(f"{Path(command[0]).name} failed with exit code {code}: {last}", NOT_POSSIBLE)
        return Timed(seconds, peak, {name: float(value) for value, name in _PHASE.findall(stderr)})

    def _launch(self, command: list[str], environment: dict[str, str]) -> tuple[float, int, float]:
        names = [str(self.folder / name) for name in ("stdout.txt", "stderr.txt")]
        words = [sys.executable, "-S", "-E", "-c", _LAUNCHER, json.dumps([command, *names])]
        try:
            done = subprocess.run(words, cwd=self.folder, env=environment, capture_output=True, text=True, check=True)
        except subprocess.CalledProcessError as error:
            last = (error.stderr.strip().splitlines() or ["no message"])[-1]
            raise NanoBraggError(f"cannot run {command[0]}: {last}", NOT_POSSIBLE) from error
        seconds, code, peak = json.loads(done.stdout)
        return seconds, code, peak

    def image(self) -> np.ndarray:
        """The float image of the last command, as one row of pixels."""
        return np.fromfile(self.folder / FLOAT_FILE, np.float32)

    def cold(self, engine: str, arguments: Sequence[str]) -> float:
        """Seconds of a first run, with nothing compiled before: its kernels go into a new folder."""
        empty = tempfile.mkdtemp(prefix="cold-", dir=self.folder)
        try:
            return self.run(Side(engine, 1), arguments, {"NANOBRAGG_NUMBA_CACHE_DIR": empty}).seconds
        finally:
            shutil.rmtree(empty)


class Kernel:
    """The pixel loops of one workload in this process, on arrays that are set up once.

    Parameters
    ----------
    workload : Workload
    folder : Path
        Where its inputs lie.
    """

    def __init__(self, workload: Workload, folder: Path) -> None:
        from nanobragg_numba.engine.flatten import flatten
        from nanobragg_numba.programs.nanobragg.run import experiment_from

        with chdir(folder):
            self.scene = flatten(experiment_from(workload.args).experiment)
        s = self.scene
        self.pixels = (s.roi_xmax - s.roi_xmin + 1) * (s.roi_ymax - s.roi_ymin + 1)
        self.evaluations = self.pixels * int(s.steps)

    def run(self, side: Side) -> Any:
        """Render once; the Progress has the image and the seconds."""
        from nanobragg_numba.engine.run import render

        return render(self.scene, side.threads, side.engine)

    def warm_up(self, engine: str) -> None:
        """Load the kernels, or compile them, and start the threads, on two rows."""
        from nanobragg_numba.engine.run import render

        rows = self.scene._replace(spixels=2, roi_ymin=0, roi_ymax=1)
        render(rows, 1, engine)

    def tapped_seconds(self, pixels: int) -> float:
        """Seconds per pixel that records its inner numbers."""
        from nanobragg_numba.engine.engines import engine_for
        from nanobragg_numba.engine.names import LOOP
        from nanobragg_numba.engine.run import Progress, start_pixel, tap_pixel

        engine = engine_for(self.scene, LOOP)
        progress = Progress(np.zeros((0, 0), np.float32), engine, start_pixel=start_pixel(self.scene))
        tap_pixel(progress, 0, 0)
        began = time.perf_counter()
        for place in range(pixels):
            tap_pixel(progress, 1 + place // self.scene.fpixels, place % self.scene.fpixels)
        return (time.perf_counter() - began) / pixels


class AmorphousKernel:
    """The same for a workload of nonBragg.

    Parameters
    ----------
    workload : Workload
    folder : Path
        Where its inputs lie.
    """

    def __init__(self, workload: Workload, folder: Path) -> None:
        from nanobragg_numba.engine.amorphous import AmorphousRender
        from nanobragg_numba.programs.nonbragg.run import Run

        with chdir(folder):
            experiment = Run(workload.args).resolve().experiment
        self._renders = {engine: AmorphousRender(experiment, engine) for engine in ENGINES}
        self.scene = s = self._renders[ROW].scene
        self.pixels = (s.roi_xmax - s.roi_xmin + 1) * (s.roi_ymax - s.roi_ymin + 1)
        self.evaluations = self.pixels * int(s.steps)

    def run(self, side: Side) -> Any:
        """Render once; the progress has the image and the seconds."""
        return self._renders[side.engine].run(side.threads)

    def warm_up(self, engine: str) -> None:
        """Load the kernels, or compile them."""
        render = self._renders[engine]
        render.rows(render.new_progress(), 2, 1)


AnyKernel = Kernel | AmorphousKernel


def kernel_of(workload: Workload, folder: Path) -> AnyKernel:
    """The pixel loops of a workload whose inputs lie in a folder."""
    return AmorphousKernel(workload, folder) if workload.program == "nonBragg" else Kernel(workload, folder)


def parity(c: np.ndarray, ours: np.ndarray) -> dict[str, Any]:
    """How far an image of ours is from C's.

    Parameters
    ----------
    c, ours : (n,) float32
    """
    if c.shape != ours.shape:
        return {"bytes_equal": False, "correlation": float("nan"), "differing": max(c.size, ours.size), "max_ulp": -1}
    differing = int(np.count_nonzero(c.view(np.int32) != ours.view(np.int32)))
    same = differing == 0
    return {
        "bytes_equal": same,
        "correlation": 1.0 if same else correlation(c.astype(np.float64), ours.astype(np.float64)),
        "differing": differing,
        "max_ulp": 0 if same else int(ulps(c, ours).max()),
    }


def uses_threads(program: Path) -> bool:
    """Whether a C program was built with OpenMP."""
    data = program.read_bytes()
    return b"libgomp" in data or b"libomp" in data or b"libiomp" in data


def compiler(program: Path) -> str:
    """The compiler that a program names in itself; empty if it names none."""
    found = re.search(rb"(GCC: \([^)]{1,60}\) [0-9.]+|clang version [0-9.]+)", program.read_bytes())
    return found[1].decode() if found else ""
