"""Draw what a molecule of liquid water scatters, with and without what surrounds it.

Usage: python examples/water_curve.py FILE.png
"""

import math
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from nanobragg_numba.scattering.atoms import compton_square, debye_square
from nanobragg_numba.scattering.water import MOLECULE, water_square


def main() -> int:
    q = np.linspace(0.0, 8.0, 801)
    stol = q / (4.0 * math.pi)
    elements = [element for element, *_ in MOLECULE]
    figure, axes = plt.subplots(figsize=(7, 4), dpi=120)
    liquid = water_square(stol)
    axes.plot(q, liquid, label="liquid water (nb-stol water)")
    axes.plot(q, debye_square(MOLECULE, stol), "--", label="a free molecule (Debye)")
    axes.plot(q, liquid + compton_square(elements, stol), ":", label="liquid, with Compton scattering (--compton)")
    for place in (1.98, 2.9):
        axes.axvline(place, color="0.7", linewidth=0.8, zorder=0)
        axes.text(place, 101, f" {place:g}", color="0.4", va="top")
    axes.set(xlabel="q = 4 pi sin(theta)/lambda, 1/Angstrom", ylabel="electrons^2 a molecule")
    axes.set(xlim=(0, 8), ylim=(0, 102))
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "water.png", metadata={"Software": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
