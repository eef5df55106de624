"""The table of structure factors that is found from an image (-img, -stolout)."""

from __future__ import annotations

import numpy as np

from nanobragg_numba.engine.amorphous import AmorphousProgress
from nanobragg_numba.experiment.amorphous import AmorphousExperiment
from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.kernels.amorphous.found import fill_bins, find_pixels, mean_and_deviation
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.records import dataclass

_ENOUGH = 100
"""A bin with more pixels than this gets a line."""


@dataclass(frozen=True)
class FoundTable:
    """Structure factors found from an image.

    Attributes
    ----------
    lines : list of str
        Of the table: abscissa, mean, rmsd, median, deviation, count.
    report : list of str
        What standard output says.
    last_count : int
        Pixels in the last bin.
    """

    lines: list[str]
    report: list[str]
    last_count: int


def find_table(experiment: AmorphousExperiment, scene: AmorphousScene, progress: AmorphousProgress) -> FoundTable:
    """Find F of every rendered pixel of the image, and its mean in every bin of the table.

    Parameters
    ----------
    experiment : AmorphousExperiment
        With an image.
    scene : AmorphousScene
    progress : AmorphousProgress
        Finished, with what was kept of each pixel.
    """
    image, table, fixed = experiment.image, experiment.table, experiment.defects.fixed
    assert image is not None
    shape, n = image.pixels.shape, scene.points
    F, bins = np.zeros(shape, np.float32), np.zeros(shape, np.int32)
    counts = np.zeros(n + 3, np.int64)
    find_pixels(
        scene, image.pixels, np.array(image.ignored, np.int64), experiment.adc, image.gain, np.array([1.0, -1.0]),
        progress.brackets, progress.remains, F, bins, counts,
    )  # fmt: skip
    starts = np.concatenate([[0], np.cumsum(2 * counts + 2)[:-1]])
    values = np.zeros(int(2 * counts.sum()) + 2 * len(counts) + F.size, np.float32)
    if "roi-bins" in fixed:
        bins[F == 0.0] = np.where(bins[F == 0.0] == 0, n + 2, bins[F == 0.0])
    fill_bins(F, bins, starts.copy(), values)
    lines, report = [], []
    for b in range(2, n - 2):
        inside = values[starts[b] : starts[b] + counts[b]]
        mean, deviation = (float(value) for value in mean_and_deviation(inside))
        median = spread = 0.0
        if "median" in fixed and len(inside):
            median = float(np.median(inside))
            spread = float(np.median(abs(inside - np.float32(median))))
        abscissa = float(table.stol[b]) / table.factor
        if counts[b] > _ENOUGH:
            lines.append(c_format("%g %g %g   %g %g  %d", abscissa, mean, deviation, median, spread, int(counts[b])))
        else:
            report.append(c_format(
                "WARNING: not enough pixels in bin= %d n=%d stol= %g median= %g avg_arej= %g", b, int(counts[b]),
                abscissa, median, mean,
            ))  # fmt: skip
    report.append(f"wrote {image.stolout_file} as {len(lines)} lines of text")
    return FoundTable(lines, report, int(counts[n - 3]))
