"""Draw photons and what noisify makes of them.

Usage: python examples/before_and_after_noisify.py FILE.png
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

import nanobragg_numba as nb

CRYSTAL = Path(__file__).resolve().parent / "1orc"
ROTATION = (
    f"-mat {CRYSTAL}/1orc.mat -hkl {CRYSTAL}/1orc_P1.hkl -lambda 1 -N 12 -nointerpolate -distance 120 -pixel 0.1 "
    "-detpixels 512 -oversample 1 -phi 10 -osc 1 -phisteps 10 -mosaic 0.3 -mosaic_domains 5 -fluence 3e27 -water 1.5"
)
DETECTOR = "-pixel 0.1 -readout 3 -flicker 0.02 -psf gauss -psf_fwhm 150 -seed 1"
PART = slice(80, 240)


def main() -> int:
    photons = nb.simulate(ROTATION).image
    found = nb.noisify(photons, DETECTOR)
    adu = found.counts.astype(np.float32) - 40.0  # the offset
    figure, all_axes = plt.subplots(1, 2, figsize=(8.0, 4.2), dpi=80)
    for axes, picture, title in zip(all_axes, (photons, adu), ("photons", "what a detector writes")):
        axes.imshow(picture[PART, PART], cmap="gray_r", vmin=0, vmax=160, interpolation="nearest")
        axes.set(title=title, xticks=[], yticks=[])
    figure.tight_layout()
    figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "noisify.png", metadata={"Software": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
