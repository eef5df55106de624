"""Run the README's commands for spots, water and a detector, and draw what each step makes.

Usage: python examples/spots_and_water.py FILE.png
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
TITLES = ("spots", "spots + water", "spots + water + detector")
PART = slice(524, 1004)
"""Rows and columns that are drawn: a quarter of the image, without the beam."""


def snippet() -> str:
    """The commands of the README's section."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Spots, water and a detector")[1]
    return section.split("```sh\n")[1].split("```")[0]


def images(folder: Path) -> list[np.ndarray]:
    """Photons, photons and counts, (slow, fast), of the files that the commands write."""
    made = [np.fromfile(folder / name, np.float32) for name in ("spots.bin", "both.bin")]
    counts = np.fromfile(folder / "detector.img", np.uint16)[256:]  # behind a header of 512 bytes
    return [each.reshape(1024, 1024) for each in (*made, counts.astype(np.float32) - 40.0)]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "examples").symlink_to(ROOT / "examples")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        subprocess.run(["bash", "-euc", snippet()], cwd=folder, env={**os.environ, "PATH": path}, check=True)
        pictures = images(folder)
    figure, all_axes = plt.subplots(1, 3, figsize=(10.5, 3.8), dpi=100)
    for axes, picture, title in zip(all_axes, pictures, TITLES):
        axes.imshow(picture[PART, PART], cmap="gray_r", vmin=0, vmax=200, interpolation="nearest")
        axes.set(title=title, xticks=[], yticks=[])
    figure.tight_layout()
    figure.savefig(sys.argv[1] if len(sys.argv) > 1 else "spots_and_water.png", metadata={"Software": None})
    return 0


if __name__ == "__main__":
    sys.exit(main())
