"""Which engine renders a scene; they are imported when they are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanobragg_numba.engine.names import DEFAULT, ENGINES, LOOP
from nanobragg_numba.engine.protocol import Engine
from nanobragg_numba.errors import ExperimentError

if TYPE_CHECKING:
    from nanobragg_numba.kernels.loop.fixes import Fixes
    from nanobragg_numba.kernels.scene import Scene


def engine_for(scene: Scene, name: str = DEFAULT, fixes: Fixes | None = None) -> Engine:
    """The engine of this name, or the loop kernel where that one cannot do the scene.

    Parameters
    ----------
    scene : Scene
    name : str
        One of ENGINES.
    fixes : Fixes, optional
        Defects that are fixed.

    Raises
    ------
    ExperimentError
        Another name.
    """
    from nanobragg_numba.engine.numba_engines import LoopEngine, RowEngine

    if name not in ENGINES:
        raise ExperimentError(f"no engine is called {name!r}: choose from {', '.join(ENGINES)}")
    if name != LOOP and RowEngine.suits(scene, fixes):
        return RowEngine(scene)
    return LoopEngine(scene, fixes)
