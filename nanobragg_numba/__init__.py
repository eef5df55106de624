"""nanobragg_numba: the diffraction images of nanoBragg, byte for byte, many times faster.

>>> import nanobragg_numba as nb
>>> result = nb.simulate("-cell 100 100 100 90 90 90 -default_F 100 -N 5 -lambda 6.2 -detpixels 64")
>>> result.image.shape  # slow, fast; photons
(64, 64)

Public names: `simulate`, `amorphous`, `experiment_from`, `render_experiment`, `noisify`, `Experiment`, `Simulation`,
`NanoBraggError`, `NanoBraggWarning`. They are loaded when they are first used, so that the command starts quickly.
"""

from typing import Any

from nanobragg_numba.errors import NanoBraggError, NanoBraggWarning
from nanobragg_numba.version import __version__

_HOMES = {
    "simulate": "programs.nanobragg.api",
    "amorphous": "programs.nonbragg.api",
    "experiment_from": "programs.nanobragg.api",
    "render_experiment": "programs.nanobragg.api",
    "noisify": "programs.noisify.api",
    "Simulation": "programs.nanobragg.api",
    "Experiment": "experiment.experiment",
}

__all__ = ["NanoBraggError", "NanoBraggWarning", "__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
