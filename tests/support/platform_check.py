"""Whether this machine's C library gives the reference machine's last bits.

glibc chooses its code for sine and exponential by processor, and other C libraries have others. The digest
is of the results of a few thousand calls on the machine that made the reference data (glibc 2.36, x86-64
with FMA). Where it differs, images may differ in the last bit; the tests then say so and allow one unit in
the last place in one pixel of a thousand.
"""

import hashlib
import math
import struct
from functools import lru_cache

import numpy as np

REFERENCE = "9d73496b6fa2c573"
MOST_DIFFERING = 1e-3


def libm_digest() -> str:
    """Digest of libm's answers to fixed questions."""
    digest = hashlib.sha256()
    x = 0.1
    for i in range(4000):
        x = (x * 3.9 * (1.0 - x)) or 0.1  # the logistic map, exact in IEEE arithmetic
        wide = (x - 0.5) * 10.0 ** (i % 7)
        values = (
            math.sin(wide), math.cos(wide), math.tan(x), math.exp(-abs(wide) % 700), math.log(x),
            math.atan2(wide, x), math.asin(x), math.sqrt(x),
        )  # fmt: skip
        digest.update(struct.pack("<8d", *values))
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def same_libm() -> bool:
    """Whether equality can be demanded here."""
    return libm_digest() == REFERENCE


def describe() -> str:
    """What the tests compare by, for the head of the test report."""
    if same_libm():
        return "C library: answers as on the reference machine; images must be equal, byte for byte"
    return (
        f"C library: digest {libm_digest()} is not the reference machine's; float images may differ by "
        f"1 unit in the last place in {MOST_DIFFERING:.1%} of the pixels"
    )


def ulp_difference(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Distance of float32 arrays in units in the last place."""

    def ordered(values: np.ndarray) -> np.ndarray:
        bits = values.view(np.int32).astype(np.int64)
        return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)

    return np.abs(ordered(ours) - ordered(theirs))


def assert_images_agree(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Equal here; on another C library nearly so, with a line that says how nearly."""
    difference = ulp_difference(ours, theirs)
    differing = int(np.count_nonzero(difference))
    if same_libm():
        assert differing == 0, f"{differing} pixels differ, by up to {difference.max()} ulp"
        return
    print(f"{differing} of {ours.size} pixels differ, by up to {difference.max()} units in the last place")
    assert difference.max() <= 1 and differing <= MOST_DIFFERING * ours.size


if __name__ == "__main__":
    print(libm_digest())
