"""An experiment on amorphous matter laid out for the kernels.

The polarization vector is normalized in place at every call, so the first calls of a run find other last bits in it
than those after; see `polarization_axes`.
"""

from typing import Any

import numpy as np

from nanobragg_numba.constants import R_E_SQR
from nanobragg_numba.engine.flatten import clipped_window, surface_kind
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.amorphous import AmorphousExperiment, ScatteringTable
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.amorphous.table import BEHIND, FRONT
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.vectors import unit
from nanobragg_numba.kernels.window import Window

_MOST_CALLS = 1 << 24


def polarization_axes(vector: tuple[float, ...], calls: int) -> tuple[np.ndarray, int]:
    """The polarization vector in the first calls of a run that normalize it in place, until it repeats.

    Most vectors come to rest after a few calls; about 1 in 175 ends in a cycle of two, and a few creep by a last bit
    for hundreds or millions of calls.

    Parameters
    ----------
    vector : (3,)
        As the set-up has left it.
    calls : int
        How many there will be.

    Returns
    -------
    axes : (n, 3) float64
        What each call finds after its own normalization.
    repeat : int
        So many of the last ones, 1 or 2, are repeated for ever.

    Raises
    ------
    ExperimentError
        A vector that creeps for more calls than memory is made for.
    """
    normalize = uncompiled(unit)
    axes = [normalize(*vector)[:3]]
    while len(axes) < calls:
        following = normalize(*axes[-1])[:3]
        if following == axes[-1]:
            return np.array(axes), 1
        if len(axes) > 1 and following == axes[-2]:
            return np.array(axes), 2
        if len(axes) == _MOST_CALLS:
            raise ExperimentError("-polar_vector does not come to rest: change it in its last digit")
        axes.append(following)
    return np.array(axes), 1


def _padded(values: np.ndarray) -> np.ndarray:
    padded = np.full(FRONT + len(values) + BEHIND, np.nan)
    padded[FRONT : FRONT + len(values)] = values
    return padded


def _axes_of(experiment: AmorphousExperiment, window: Window) -> tuple[np.ndarray, int]:
    """The polarization vector in every call of a run; see `polarization_axes`."""
    beam = experiment.beam
    width, height = window.roi_xmax - window.roi_xmin + 1, window.roi_ymax - window.roi_ymin + 1
    steps = experiment.oversample * experiment.oversample * len(experiment.sources.weights)
    without_influence = beam.nopolar or beam.kahn == 0.0
    return polarization_axes(beam.polarization_axis, 1 if without_influence else max(width, 0) * max(height, 0) * steps)


def _panel_fields(experiment: AmorphousExperiment) -> dict[str, Any]:
    panel, centres, oversample = experiment.detector.panel, experiment.detector.centres, experiment.oversample
    return dict(
        pixel_size=panel.pixel_size, subpixel_size=panel.pixel_size / oversample, oversample=oversample,
        fdet=np.array(panel.fdet), sdet=np.array(panel.sdet), odet=np.array(panel.odet), pix0=np.array(panel.pix0),
        beam=np.array(experiment.beam.direction), distance=centres.distance, close_distance=centres.close_distance,
        curved=surface_kind(experiment.detector, experiment.defects), Fbeam=centres.Fbeam, Sbeam=centres.Sbeam,
        point_pixel=int(panel.point_pixel),
    )  # fmt: skip


def _table_fields(table: ScatteringTable) -> dict[str, Any]:
    return dict(
        stol=_padded(table.stol), F=_padded(table.F), points=len(table.stol), increasing=int(table.is_increasing),
        end_values=int(table.end_values),
    )  # fmt: skip


def flatten_amorphous(experiment: AmorphousExperiment) -> AmorphousScene:
    """Lay an experiment out for the kernels."""
    beam, sources = experiment.beam, experiment.sources
    normalize = uncompiled(unit)
    incident = np.array([normalize(*(-position))[:3] for position in sources.positions])
    window = clipped_window(experiment.detector)
    axes, repeat = _axes_of(experiment, window)
    return AmorphousScene(
        **window._asdict(),
        **_panel_fields(experiment),
        incident=incident,
        incident_again=np.array([normalize(*direction)[:3] for direction in incident]),
        wavelengths=sources.wavelengths,
        weights=sources.weights,
        nopolar=int(beam.nopolar),
        kahn=beam.kahn,
        axes=axes,
        axes_repeat=repeat,
        fluence=beam.fluence,
        r_e_sqr=R_E_SQR,
        molecules=experiment.sample.molecules,
        steps=float(len(incident) * experiment.oversample * experiment.oversample),
        **_table_fields(experiment.table),
        Fmap=int(experiment.Fmap),
        means=int("last-sample" in experiment.defects.fixed),
    )
