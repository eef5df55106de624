"""Small scripts that stand in for nanoBragg and misbehave in one way each."""

import sys
from pathlib import Path

# Reads the names of its output files as nanoBragg does; the last of each wins.
_BEGINNING = """#!{python}
import sys, time
import numpy as np

def named(option, default):
    found = [after for word, after in zip(sys.argv, sys.argv[1:]) if word == option]
    return found[-1] if found else default

def write(image, header=True):
    image = np.ascontiguousarray(image, np.float32)
    image.tofile(named("-floatfile", "floatimage.bin"))
    if header:
        slow, fast = image.shape
        text = "{{\\nHEADER_BYTES=512;\\nSIZE1=%d;\\nSIZE2=%d;\\n}}\\n\\f" % (fast, slow)
        with open(named("-intfile", "intimage.img"), "wb") as file:
            file.write(text.encode().ljust(512) + bytes(2 * image.size))

image = np.zeros((12, 10), np.float32)
image[3, 4], image[8, 2], image[6, 7] = 30, 20, 10
"""

BEHAVIOURS = {
    "good": "write(image)",
    "small": "write(image[:6, :5])",
    "crash": "print('the lattice fell over', file=sys.stderr); sys.exit(7)",
    "signal": "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "silent": "pass",
    "slow": "time.sleep(0.4); write(image)",
    "asleep": "time.sleep(30); write(image)",
    "noisy": "write(image + np.random.default_rng(1).normal(0, 20, image.shape))",
    "bright": "write(image * np.float32(1.01))",
    "hair": "image[3, 4] = np.nextafter(image[3, 4], np.float32(99)); write(image)",
    "nan": "image[6, 7] = np.nan; write(image)",
    "empty": "write(image * 0)",
    "shifted": "write(np.roll(image, 3, axis=0))",
    "headless": "write(image, header=False)",
    "cut": "write(image); f = open(named('-floatfile', ''), 'r+b'); f.truncate(100)",
    "headless_odd": "write(image[:7, :3], header=False)",
    "touchy": "write(image) if '-nopgm' in sys.argv else sys.exit('no -nopgm')",
}


def fake(folder: Path, behaviour: str, name: str = "") -> Path:
    """Write a program with one of BEHAVIOURS."""
    path = folder / (name or behaviour)
    path.write_text(_BEGINNING.format(python=sys.executable) + BEHAVIOURS[behaviour] + "\n")
    path.chmod(0o755)
    return path
