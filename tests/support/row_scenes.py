"""Scenes from command lines, for comparing the two engines; run as a program it prints digests of row images.

`python row_scenes.py THREADS SCALE` prints one digest a line, for the commands of VARIED, as a process of its
own sees them: with its NUMBA_ settings.
"""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from paths import GOLDEN
from remarks import add_remarked_inputs

BASE = "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -lambda 1.5 -distance 50 -pixel 0.4 -detpixels 61 -seed 1"
ORC = (
    "-cell 34.77 39.17 48.31 90 90 90 -hkl inputs/1orc_P1.hkl -lambda 1 -misset 10 20 30 -distance 60 "
    "-pixel 0.4 -detpixels 61"
)
SMALL = "-cell 40 50 60 90 90 90 -hkl inputs/small.hkl -N 2 -lambda 1 -distance 60 -pixel 0.6 -detpixels 61"

VARIED = (
    f"{BASE} -oversample 1",
    f"{BASE} -oversample 2 -osc 1 -phisteps 3 -mosaic 0.4 -mosaic_domains 4 -divergence 1 -divsteps 2",
    f"{BASE} -osc 1 -phisteps 4 -dmin 5 -oversample 1",
    f"{BASE} -round_xtal -fudge 0.3 -misset 3 4 5",
    f"{BASE} -gauss_xtal -fudge 1e-5 -oversample_polar -oversample 2",
    f"{BASE} -tophat_spots -fudge 1e-6 -water 3 -oversample_omega -oversample 2",
    f"{BASE} -polar 0.95 -divergence 2 -divsteps 3 -curved_det",
    f"{BASE} -polar 1 -oversample_polar -nopolar -oversample 2",
    f"{BASE} -detector_thick 450 -detector_abs 300 -thicksteps 3 -oversample_thick -oversample 2",
    f"{BASE} -detector_thick 450 -detector_abs 300 -thicksteps 3 -point_pixel -roi 7 50 11 44",
    f"{ORC} -N 10 -nointerpolate -default_F 7",
    f"{ORC} -N 4 -interpolate -oversample 2",
    f"{SMALL} -default_F 3",
)


@contextmanager
def inputs_folder() -> Iterator[None]:
    """Work in an empty folder with the input files of the reference cases."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(GOLDEN / "inputs", Path(folder) / "inputs")
        add_remarked_inputs(Path(folder))
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def scene_of(arguments: str | list[str]):
    """The flattened experiment of a command line; in a folder with its inputs."""
    from nanobragg_numba.engine.flatten import flatten
    from nanobragg_numba.programs.nanobragg.prepare import prepare
    from nanobragg_numba.programs.nanobragg.resolve.pipeline import resolve

    argv = arguments.split() if isinstance(arguments, str) else arguments
    prepared = prepare(argv)
    resolved = resolve(prepared.options, prepared.mask, prepared.notes, write_dump=False)
    return flatten(resolved.experiment)


def both(scene, threads: int = 2):
    """What the row engine and the loop kernel make of a scene."""
    from nanobragg_numba.engine.run import render

    return render(scene, threads, "row"), render(scene, threads, "loop")


def differing(row, loop) -> int:
    """Number of pixels whose bytes differ."""
    return int(np.count_nonzero(row.image.view(np.uint32) != loop.image.view(np.uint32)))


def digests(engine: str, threads: int) -> list[str]:
    """Digests of the images of all VARIED commands."""
    from nanobragg_numba.engine.run import render

    with inputs_folder():
        return [
            hashlib.sha256(render(scene_of(command), threads, engine).image.tobytes()).hexdigest() for command in VARIED
        ]


if __name__ == "__main__":
    print("\n".join(digests("row", int(sys.argv[1]))))
