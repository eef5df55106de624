"""Standard output of the loops themselves: progress, traces, printouts and the interpolation warning.

The C program prints them as its loops reach each pixel. Here rows finish in chunks, and the lines of a chunk
are put together afterwards in the order of its pixels.
"""

import math

import numpy as np

from nanobragg_numba.engine.observe import Observed, Observer
from nanobragg_numba.engine.run import Progress
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.kernels.decorators import uncompiled
from nanobragg_numba.kernels.integers import to_int
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.taps import Taps
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.programs.nanobragg.report.setup import REAL_COLUMNS, cell_vectors
from nanobragg_numba.programs.shared.text import meter_lines


def printout_lines(
    experiment: Experiment, scene: Scene, last: list[float], spixel: int, fpixel: int, pixel: float
) -> str:
    """What -printout says of one pixel, from the numbers that the loops left (`Taps.last`).

    Parameters
    ----------
    experiment : Experiment
    scene : Scene
        The same, flattened.
    last : list of float
        `Taps.last`: numbers of the last term of the pixel.
    spixel, fpixel : int
        Slow and fast index.
    pixel : float
        Photons.
    """
    position = last[slot.LAST_POSITION : slot.LAST_POSITION + 3]
    hkl = last[slot.LAST_HKL : slot.LAST_HKL + 3]
    hkl0 = [uncompiled(to_int)(i) for i in last[slot.LAST_HKL0 : slot.LAST_HKL0 + 3]]
    twotheta = math.atan2(math.sqrt(position[1] * position[1] + position[2] * position[2]), position[0])
    sine = math.sin(twotheta / 2.0) / (experiment.beam.wavelength * 1e10)
    abc = [value * 1e10 for value in last[slot.LAST_ABC : slot.LAST_ABC + 9]]
    intensity = last[slot.LAST_I]
    return "\n".join(
        [
            c_format("%4d %4d : stol = %g or %g", fpixel, spixel, last[slot.LAST_STOL], sine),
            c_format("at %g %g %g", *position),
            c_format("hkl= %f %f %f  hkl0= %d %d %d", *hkl, *hkl0),
            c_format(" F_cell=%g  F_latt=%g   I = %g", last[slot.LAST_F_CELL], last[slot.LAST_F_LATT], intensity),
            c_format("I/steps %15.10g", intensity / scene.steps),
            c_format("polar   %15.10g", last[slot.LAST_POLAR]),
            c_format("omega   %15.10g", last[slot.LAST_OMEGA]),
            c_format("capfrac %15.10g", last[slot.LAST_CAPTURE]),
            c_format("pixel   %15.10g", pixel),
            "real-space cell vectors (Angstrom):",
            *cell_vectors(REAL_COLUMNS, (tuple(abc[0:3]), tuple(abc[3:6]), tuple(abc[6:9]))),  # type: ignore[arg-type]
            "",
        ]
    )


def warning_text(taps: Taps) -> str:
    """The two lines of the interpolation warning, the second without its end, if this pixel left the range."""
    from nanobragg_numba.trace.emit import interpolation_warning

    for record in taps.records[: taps.count[0]].tolist():
        if int(record[0]) == slot.INTERPOLATION_WARNING:
            return "\n".join(interpolation_warning(record[1:]))
    return ""


class LoopReport:
    """Text of the loops, chunk by chunk.

    Parameters
    ----------
    experiment : Experiment
    scene : Scene
    meter : bool
        Print `N% done` lines, unless something is printed of the pixels themselves.
    """

    def __init__(self, experiment: Experiment, scene: Scene, meter: bool) -> None:
        outputs = experiment.outputs
        self._experiment, self._scene = experiment, scene
        self._meter = meter and not outputs.printout
        self._observer = Observer(scene, outputs.trace_pixels, outputs.printout_pixel if outputs.printout else None)
        self._rows_done = 0
        self._rendered = 0

    def after_rows(self, progress: Progress) -> str:
        """Text of the rows that were finished since the last call."""
        row0, row1 = self._rows_done, progress.rows
        self._rows_done = row1
        ended = progress.left_range_at
        ended_here = row0 * self._scene.fpixels <= ended < row1 * self._scene.fpixels
        if not (self._meter or self._observer.asked or ended_here):
            return ""
        places = self._observer.rendered_places(row0, row1)
        pieces: list[tuple[int, int, str]] = []
        if self._meter:
            lines = meter_lines(self._experiment.detector.window.roi, self._rendered, self._rendered + len(places))
            pieces += [(int(places[p - self._rendered]), 1, line) for p, line in lines]
        self._rendered += len(places)
        for pixel in self._observer.observed(progress, places, ended if ended_here else -1):
            pieces.append((pixel.place, 0, self._pixel_text(pixel, progress.image)))
        return "".join(text for _, _, text in sorted(pieces))

    def _pixel_text(self, pixel: Observed, image: np.ndarray) -> str:
        taps = pixel.taps
        if pixel.traced:
            from nanobragg_numba.trace.emit import config_line, pixel_lines

            lines = [config_line(pixel.spixel, pixel.fpixel)]
            lines += pixel_lines(taps.records, int(taps.count[0]), self._experiment.outputs.trace_prefix)
            text = "\n".join(lines) + "\n"
        else:
            text = warning_text(taps)
        if pixel.left_behind is not None:
            value = float(image[pixel.spixel, pixel.fpixel])
            text += printout_lines(
                self._experiment, self._scene, pixel.left_behind.tolist(), pixel.spixel, pixel.fpixel, value
            )
        return text
