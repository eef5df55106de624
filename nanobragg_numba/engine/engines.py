"""Which engine renders a scene; they are imported when they are chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanobragg_numba.engine.names import DEFAULT, ENGINES, LOOP
from nanobragg_numba.engine.protocol import Engine
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.kernels import ready
from nanobragg_numba.kernels.row.guard import bounds_hold

if TYPE_CHECKING:
    from nanobragg_numba.kernels.loop.fixes import Fixes
    from nanobragg_numba.kernels.scene import Scene


def row_engine_can_render(scene: Scene, fixes: Fixes | None) -> bool:
    """Whether the row engine may do a scene: the premises of its bounds hold, and no defect of the loops is fixed."""
    return fixes is None and bounds_hold(scene)


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
    if name not in ENGINES:
        raise ExperimentError(f"no engine is called {name!r}: choose from {', '.join(ENGINES)}")
    if name != LOOP and row_engine_can_render(scene, fixes):
        if not ready.why_not("rows"):
            from nanobragg_numba.engine.native_engine import NativeRowEngine

            return NativeRowEngine(scene)
        from nanobragg_numba.engine.numba_engines import RowEngine

        return RowEngine(scene)
    from nanobragg_numba.engine.numba_engines import LoopEngine

    return LoopEngine(scene, fixes)
