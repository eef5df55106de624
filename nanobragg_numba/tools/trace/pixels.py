"""Trace single pixels of a command, and compute no more of its image than their state needs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nanobragg_numba.engine.engines import engine_for
from nanobragg_numba.engine.names import LOOP
from nanobragg_numba.engine.run import Progress, render, start_pixel, tap_pixel
from nanobragg_numba.engine.threads import thread_count
from nanobragg_numba.errors import ExperimentError, one_line
from nanobragg_numba.kernels.loop.fixes import Fixes
from nanobragg_numba.kernels.loop.taps import capacity, term_capacity
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.kernels.window import is_rendered
from nanobragg_numba.programs.nanobragg.run import Events, Run
from nanobragg_numba.tools.trace.taps import NEEDS_TERMS, TracedPixel
from nanobragg_numba.trace.emit import config_line, pixel_lines, setup_lines

MOST_ROWS = 20_000_000
"""Lines, and terms, of one pixel that are recorded at most, 56 bytes each."""


@dataclass(frozen=True)
class Traced:
    """The traced pixels of one command.

    Attributes
    ----------
    pixels : list of TracedPixel
    setup : list of str
        Lines of the detector's placement.
    prefix : str
        What trace lines begin with.
    scene : Scene
    fixes : Fixes or None
        Defects that are fixed.
    stateless : bool
        No pixel depends on those before it, so that rendering one of them alone tells the same.
    """

    pixels: list[TracedPixel]
    setup: list[str]
    prefix: str
    scene: Scene
    fixes: Fixes | None
    stateless: bool

    def lines(self, index: int) -> list[str]:
        """Return the trace of one pixel, complete with the setup."""
        pixel = self.pixels[index]
        return [
            *self.setup,
            config_line(pixel.spixel, pixel.fpixel),
            *pixel_lines(pixel.records, len(pixel.records), self.prefix),
        ]

    @property
    def roi(self) -> tuple[int, int, int, int]:
        """Rendered region: xmin, xmax, ymin, ymax, inclusive."""
        scene = self.scene
        return scene.roi_xmin, scene.roi_xmax, scene.roi_ymin, scene.roi_ymax

    def brightest(self) -> dict[str, Any] | None:
        """Render the region of interest and return its brightest pixel; None if all is dark."""
        image = render(self.scene, thread_count(0), fixes=self.fixes).image
        slow, fast = np.unravel_index(np.argmax(image), image.shape)
        value = float(image[slow, fast])
        return {"slow": int(slow), "fast": int(fast), "value": value} if value > 0.0 else None


def trace_pixels(
    arguments: Sequence[str], pixels: Sequence[tuple[int, int]], taps: Sequence[str] = ()
) -> Traced:
    """Trace pixels of a nanoBragg command.

    Parameters
    ----------
    arguments : sequence of str
        nanoBragg arguments.
    pixels : sequence of (int, int)
        Slow and fast index.
    taps : sequence of str
        Names from `trace_taps.TAPS` that will be asked for.

    Returns
    -------
    Traced

    Raises
    ------
    NanoBraggError
        The command cannot be resolved, a pixel is not rendered, or too much would be recorded.
    """
    run = Run(arguments, _Warnings())
    run.resolve()
    scene, fixes = run.scene, run.kernel_fixes
    for slow, fast in pixels:
        _check_rendered(scene, slow, fast)
    _check_records(scene)
    terms = _term_count(scene) if NEEDS_TERMS.intersection(taps) else 0
    state = _state(scene, pixels, fixes)
    prefix, detector = run.options.trace_prefix, run.experiment.detector
    return Traced(
        pixels=[_trace(scene, state, slow, fast, terms) for slow, fast in pixels],
        setup=setup_lines(detector.placement, detector.panel, prefix),
        prefix=prefix,
        scene=scene,
        fixes=fixes,
        stateless=not scene.interpolate and state.start_pixel < 0,
    )


class _Warnings(Events):
    """Says warnings in the name of the tool."""

    def warned(self, messages: Sequence[str]) -> None:
        for message in messages:
            print(f"nb-trace: warning: {one_line(message)}", file=sys.stderr)


def _check_rendered(scene: Scene, slow: int, fast: int) -> None:
    if not (0 <= slow < scene.spixels and 0 <= fast < scene.fpixels):
        raise ExperimentError(
            f"pixel {slow} {fast} is not on the detector of {scene.spixels} x {scene.fpixels} "
            "pixels (slow x fast)"
        )
    if not is_rendered(scene, slow, fast):
        raise ExperimentError(
            f"pixel {slow} {fast} is not rendered: it is outside the region of interest or masked"
        )


def _check_records(scene: Scene) -> None:
    count = capacity(scene.thick_steps, scene.oversample, len(scene.phi), len(scene.wavelengths))
    if count > MOST_ROWS:
        raise ExperimentError(
            f"a trace of {count} lines a pixel is more than {MOST_ROWS}: take fewer layers, "
            "subpixels or phi steps"
        )


def _term_count(scene: Scene) -> int:
    n_phi, n_domains = scene.abc.shape[:2]
    count = term_capacity(
        scene.thick_steps, scene.oversample, len(scene.wavelengths), n_phi, n_domains
    )
    if count > MOST_ROWS:
        raise ExperimentError(
            f"the taps f_cell and intensity would record {count} terms a pixel, more than "
            f"{MOST_ROWS}: leave them out, or sample less"
        )
    return count


def _state(scene: Scene, pixels: Sequence[tuple[int, int]], fixes: Fixes | None) -> Progress:
    """Return the state a whole run would have had at these pixels.

    Only interpolation, which any earlier pixel may have ended, needs the rows up to the last.
    """
    if scene.interpolate:
        last = max(slow for slow, _ in pixels)
        above = scene._replace(roi_ymax=min(scene.roi_ymax, last))
        return render(above, thread_count(0), engine=LOOP, fixes=fixes)
    nothing = np.zeros((0, 0), np.float32)
    return Progress(nothing, engine_for(scene, LOOP, fixes), start_pixel=start_pixel(scene))


def _trace(scene: Scene, state: Progress, slow: int, fast: int, terms: int) -> TracedPixel:
    taps = tap_pixel(state, slow, fast, terms)
    ended = state.left_range_at
    return TracedPixel(
        spixel=slow,
        fpixel=fast,
        scene=scene,
        interpolate=bool(scene.interpolate) and (ended < 0 or slow * scene.fpixels + fast <= ended),
        records=taps.records[: taps.count[0]],
        terms=taps.terms[: taps.count[1]],
        last=taps.last,
    )
