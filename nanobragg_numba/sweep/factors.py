"""Structure factors that all workers share: the first one to need them reads the list, the others map its grid."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.experiment.crystal import StructureFactors
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache, FactorKey
from nanobragg_numba.sweep.locks import in_turn
from nanobragg_numba.version import __version__


class SharedFactors(FactorCache):
    """Grids in a folder, mapped copy-on-write: the processes of a machine have one between them in memory.

    Parameters
    ----------
    folder : Path
        Made when it is needed. A worker that cannot write there keeps a grid of its own.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def make(self, key: FactorKey, read: Callable[[], StructureFactors]) -> StructureFactors:
        """Map a grid; where there is none yet, read the list and leave one."""
        name = hashlib.sha256(repr((__version__, key)).encode()).hexdigest()[:32]
        own: StructureFactors | None = None
        try:
            self._folder.mkdir(exist_ok=True)
            with in_turn(self._folder / f"{name}.lock"):
                if not (self._folder / f"{name}.json").exists():
                    own = read()
                    self._leave(name, own)
            return self._map(name)
        except (OSError, FormatError, ValueError, TypeError):
            return read() if own is None else own

    def _leave(self, name: str, factors: StructureFactors) -> None:
        """Write a grid, and then what makes it valid."""
        values = asdict(replace(factors, grid=None))
        if factors.grid is not None:
            with atomic_output(self._folder / f"{name}.npy") as file:
                np.save(file, factors.grid)
        with atomic_output(self._folder / f"{name}.json") as file:
            file.write(json.dumps(values).encode())

    def _map(self, name: str) -> StructureFactors:
        values = json.loads((self._folder / f"{name}.json").read_bytes())
        path = self._folder / f"{name}.npy"
        # Copy-on-write, since kernels are compiled for arrays that can be written.
        grid = np.asarray(np.load(path, mmap_mode="c")) if path.exists() else None
        return StructureFactors(**{**values, "grid": grid})

