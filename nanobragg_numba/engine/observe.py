"""What the loops have to say of single pixels, in the order of the pixels: traces, printouts, the end of interpolation.

The C program prints from inside its loops. Here rows finish in chunks; the pixels of a chunk that are asked for are run
once more with taps. This module says which they are and runs them; what is printed of them is a program's own.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from nanobragg_numba.engine.run import Progress, tap_pixel
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.taps import Taps
from nanobragg_numba.kernels.scene import Scene
from nanobragg_numba.kernels.window import is_rendered
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class Observed:
    """A pixel with its inner numbers.

    Attributes
    ----------
    place : int
        slow * fpixels + fast.
    spixel, fpixel : int
        Slow and fast index.
    taps : Taps
        What was recorded.
    traced : bool
        A trace of it was asked for.
    left_behind : (n,) float64 or None
        For a printout: the numbers that the loops left, at the places `taps.LAST_...`; what they did not reach in
        this pixel is what they left in a pixel before it.
    """

    place: int
    spixel: int
    fpixel: int
    taps: Taps
    traced: bool
    left_behind: np.ndarray | None


class Observer:
    """Follows a render chunk by chunk.

    Parameters
    ----------
    scene : Scene
    traced : collection of (int, int)
        Slow and fast index of the pixels to trace.
    printed : (int, int) or None
        The pixel to print, negative indices: every pixel; None: none.
    """

    def __init__(
        self, scene: Scene, traced: Collection[tuple[int, int]] = (), printed: tuple[int, int] | None = None
    ) -> None:
        self._scene = scene
        self._traced = {slow * scene.fpixels + fast for slow, fast in traced}
        self._prints = printed is not None
        slow, fast = printed or (-1, -1)
        self._printed = slow * scene.fpixels + fast if slow >= 0 and fast >= 0 else -1
        self._left_behind: np.ndarray | None = None

    @property
    def asked(self) -> bool:
        """Whether some pixel is asked for in any case."""
        return bool(self._traced) or self._prints

    def rendered_places(self, row0: int, row1: int) -> np.ndarray:
        """Places of the rendered pixels in some rows, (n,) int64 in order."""
        scene = self._scene
        rendered = np.zeros((row1 - row0, scene.fpixels), bool)
        top, bottom = max(scene.roi_ymin - row0, 0), max(scene.roi_ymax + 1 - row0, 0)
        rendered[top:bottom, scene.roi_xmin : max(scene.roi_xmax + 1, 0)] = True
        if scene.mask.size:
            rendered &= scene.mask[row0:row1] != 0
        return np.flatnonzero(rendered) + row0 * scene.fpixels

    def observed(self, progress: Progress, places: np.ndarray, ended: int) -> list[Observed]:
        """The pixels among some places that have something to say, in order.

        Parameters
        ----------
        progress : Progress
            A render that has finished them.
        places : (n,) int64
            As `rendered_places` gives them.
        ended : int
            Place of the pixel among them that ended interpolation, or -1.
        """
        return [self._observe(progress, place) for place in self._wanted(places, ended)]

    def _wanted(self, places: np.ndarray, ended: int) -> list[int]:
        wanted = self._traced | ({ended} if ended >= 0 else set())
        if self._prints:
            if self._printed < 0:
                return [int(place) for place in places]
            wanted = wanted | {self._printed}
        return sorted(wanted & set(places.tolist())) if wanted else []

    def _observe(self, progress: Progress, place: int) -> Observed:
        spixel, fpixel = divmod(place, self._scene.fpixels)
        taps = tap_pixel(progress, spixel, fpixel)
        left_behind = None
        if self._prints and self._printed in (-1, place):
            left_behind = self._left_behind = self._with_older_values(progress, taps.last, place)
        return Observed(place, spixel, fpixel, taps, place in self._traced, left_behind)

    def _with_older_values(self, progress: Progress, last: np.ndarray, place: int) -> np.ndarray:
        """Fill what the loops did not reach in this pixel with what they left in the pixels before it.

        Parameters
        ----------
        progress : Progress
        last : (n,) float64
            `Taps.last` of the pixel.
        place : int
            slow*fpixels + fast of the pixel.
        """
        if self._printed < 0 and self._left_behind is not None:  # the pixel before was printed
            return np.where(slot.untouched(last), self._left_behind, last)
        scene = self._scene
        while slot.untouched(last).any() and place > 0:
            place -= 1
            spixel, fpixel = divmod(place, scene.fpixels)
            if is_rendered(scene, spixel, fpixel):
                older = tap_pixel(progress, spixel, fpixel).last
                last = np.where(slot.untouched(last), older, last)
        return np.where(slot.untouched(last), 0.0, last)
