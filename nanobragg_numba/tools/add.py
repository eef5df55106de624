"""nb-add: the weighted sum of float images, such as spots and what the water between them scatters."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np

from nanobragg_numba.command.guard import DONE
from nanobragg_numba.command.parser import Parser
from nanobragg_numba.errors import FormatError, OptionError
from nanobragg_numba.formats.float_image import write_float_image
from nanobragg_numba.formats.suffixes import NEXUS, is_nexus
from nanobragg_numba.io.atomic import atomic_output
from nanobragg_numba.io.inputs import open_input, read_at_most
from nanobragg_numba.tools.commands import main_of
from nanobragg_numba.tools.output import show

_LIMIT = 1 << 34


def build_parser() -> argparse.ArgumentParser:
    """The options of nb-add."""
    parser = Parser(
        prog="nb-add",
        description="Add images, pixel by pixel: raw float images and NeXus files. Each may have a factor. An image of "
        "one frame is added to every frame of the others.",
    )  # fmt: skip
    parser.add_argument("images", nargs="+", metavar="FILE[:FACTOR]", help="images of one size, as in "
                        "spots.bin water.bin:0.5")  # fmt: skip
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the sum: a raw float image or, by its "
                        f"name ({', '.join(NEXUS)}), a NeXus file with the geometry of the first NeXus image")
    parser.add_argument("--exact", action="store_true", help="add in double precision and round once; else every "
                        "product and every sum is rounded to a float, in the order of the files")  # fmt: skip
    return parser


class Addend:
    """One image of the sum.

    Parameters
    ----------
    word : str
        Its name, and perhaps a colon and a factor.
    stack : ExitStack
        What closes its file.

    Attributes
    ----------
    count : int
        Frames.
    size : int
        Pixels of a frame.
    nexus : NexusReader or None
    """

    def __init__(self, word: str, stack: ExitStack) -> None:
        name, colon, factor = word.rpartition(":")
        self.name, self.factor = word, 1.0
        try:
            if colon:
                self.name, self.factor = name, float(factor)
        except ValueError:
            pass
        if not np.isfinite(self.factor):
            raise OptionError(f"{word}: the factor must be a finite number")
        self.nexus: Any = None
        if is_nexus(self.name):
            from nanobragg_numba.formats.nexus.reader import NexusReader

            self.nexus = stack.enter_context(NexusReader(self.name))
            self.count, self.size = self.nexus.count, self.nexus.shape[0] * self.nexus.shape[1]
        else:
            self._pixels = _raw_pixels(self.name)
            self.count, self.size = 1, self._pixels.size

    def frame(self, number: int) -> np.ndarray:
        """The pixels of a frame, flat, or of the only one."""
        if self.nexus is None:
            return self._pixels
        return np.ravel(self.nexus.pixels(number if self.count > 1 else 0))


def _raw_pixels(name: str) -> np.ndarray:
    with open_input(name, "float image") as file:
        data = read_at_most(file, _LIMIT)
    if not data or len(data) % 4:
        raise FormatError(f"{name}: {len(data)} bytes are no float image: 4 a pixel")
    return np.frombuffer(data, np.float32)


def weighted_sum(images: list[tuple[np.ndarray, float]], exact: bool) -> np.ndarray:
    """Sum of images times their factors, float32.

    Parameters
    ----------
    images : list of (array, factor)
        Of one shape.
    exact : bool
        Add in double precision, and round once.
    """
    kind: Any = np.float64 if exact else np.float32
    total = np.zeros(images[0][0].shape, kind)
    for image, factor in images:
        total += image.astype(kind) * kind(factor)
    return total.astype(np.float32)


def _checked(addends: list[Addend]) -> int:
    """The number of frames of the sum.

    Raises
    ------
    FormatError
        Images that do not fit together.
    """
    first, frames = addends[0], max(each.count for each in addends)
    shaped = [each for each in addends if each.nexus is not None]
    for each in addends:
        if each.size != first.size:
            raise FormatError(f"{each.name} has {each.size} pixels, {first.name} {first.size}")
        if each.count not in (1, frames):
            raise FormatError(f"{each.name} has {each.count} frames, another image {frames}")
    for each in shaped:
        if (each.nexus.shape, each.nexus.unit) != (shaped[0].nexus.shape, shaped[0].nexus.unit):
            raise FormatError(f"{each.name} has another shape or unit than {shaped[0].name}")
    return frames


def _write(name: str, addends: list[Addend], sums: Iterator[np.ndarray], frames: int) -> None:
    readers = [each.nexus for each in addends if each.nexus is not None]
    if not is_nexus(name):
        if frames > 1:
            raise OptionError(f"{name}: a sum of {frames} frames needs a NeXus file")
        with atomic_output(name) as file:
            write_float_image(file, next(sums))
        return
    if not readers:
        raise OptionError(f"{name}: raw float images have no geometry that a NeXus file could take")
    from nanobragg_numba.formats.nexus.writer import nexus_bytes

    longest = max(readers, key=lambda reader: reader.count)
    hidden = np.logical_or.reduce([reader.mask() for reader in readers])
    records = [longest.record(number) for number in range(frames)]
    shaped = (np.where(hidden, 0, each.reshape(hidden.shape)) for each in sums)
    content = nexus_bytes(shaped, records, hidden, longest.unit)
    with atomic_output(name) as file:
        file.write(content)


def run_tool(argv: list[str]) -> int:
    """Run nb-add; returns the exit code."""
    options = build_parser().parse_args(argv)
    with ExitStack() as stack, np.errstate(all="ignore"):
        addends = [Addend(word, stack) for word in options.images]
        frames = _checked(addends)
        sums = (
            weighted_sum([(each.frame(number), each.factor) for each in addends], options.exact)
            for number in range(frames)
        )
        _write(options.output, addends, sums, frames)
    size, several = addends[0].size, f" in {frames} frames" if frames > 1 else ""
    show(f"{options.output}: {size} pixels{several}, the sum of {len(addends)} images")
    return DONE


main = main_of("nb-add")


if __name__ == "__main__":
    sys.exit(main())
