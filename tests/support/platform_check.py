"""Whether this machine's C library gives the reference machine's last bits, and how to compare where it does not.

glibc chooses its code for sine and exponential by processor, and other C libraries have others. The digest
is of the results of a few thousand calls on the machine that made the reference data (glibc 2.36, x86-64
with FMA). Where it differs, images may differ in the last bit. The tests then say so, and compare what can be compared
so: float images in units in the last place, integer images within one count, texts number by number. What cannot
be (digests, noise, which draws other random numbers after the first pixel that differs) is skipped with the reason: no
test may look as if it had asserted something.
"""

import hashlib
import math
import re
import struct
from collections.abc import Iterable, Mapping
from functools import lru_cache

import numpy as np
import pytest

REFERENCE = "9d73496b6fa2c573"
MOST_DIFFERING = 1e-3
PRINTED = 1e-4
"""Relative difference of printed numbers elsewhere: %g prints six digits, and a sum of many terms loses some."""

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


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


def require_same_libm(what: str) -> None:
    """Skip the rest of a test, visibly, where the C library is another one.

    Parameters
    ----------
    what : str
        What is not compared here.
    """
    if not same_libm():
        pytest.skip(f"not compared: {what}; the C library's digest {libm_digest()} is not the reference machine's")


def assert_texts_agree(ours: Iterable[str], theirs: Iterable[str]) -> None:
    """Lines that are equal here; elsewhere the same words, and numbers that agree as far as they are printed."""
    ours, theirs = list(ours), list(theirs)
    if same_libm():
        assert ours == theirs
        return
    assert [_NUMBER.sub("#", line) for line in ours] == [_NUMBER.sub("#", line) for line in theirs]
    for a, b in zip(ours, theirs):
        pairs = zip(map(float, _NUMBER.findall(a)), map(float, _NUMBER.findall(b)))
        assert all(x == pytest.approx(y, rel=PRINTED, abs=1e-9) for x, y in pairs), (a, b)


def _counts(data: bytes) -> tuple[bytes, np.ndarray]:
    """Header and pixels of an SMV or PGM image."""
    if data.startswith(b"{\nHEADER_BYTES="):
        size = int(data[15:].split(b";")[0])
        size += (len(data) - size) % 2  # a header that is too long leaves an odd number of bytes behind it
        return data[:size], np.frombuffer(data[size:], "<u2").astype(int)
    header = b"\n".join(data.split(b"\n")[:4])
    assert header.startswith(b"P5"), "neither SMV nor PGM"
    return header, np.frombuffer(data[len(header) + 1 :], np.uint8).astype(int)


def assert_counts_agree(ours: bytes, theirs: bytes) -> None:
    """Integer images, whole files, that are equal here; elsewhere within a count in one pixel of a thousand."""
    if same_libm():
        assert ours == theirs
        return
    (head, a), (other_head, b) = _counts(ours), _counts(theirs)
    assert_texts_agree(head.decode("latin-1").splitlines(), other_head.decode("latin-1").splitlines())
    difference = np.abs(a - b)
    assert difference.max(initial=0) <= 1 and np.count_nonzero(difference) <= MOST_DIFFERING * a.size


def assert_files_agree(ours: Mapping[str, bytes], theirs: Mapping[str, bytes]) -> list[str]:
    """Files by name that are equal here; elsewhere each by its kind.

    Returns
    -------
    list of str
        Names of those that cannot be compared on this machine: to be skipped with `require_same_libm`.
    """
    assert ours.keys() == theirs.keys()
    if same_libm():
        assert [name for name in theirs if ours[name] != theirs[name]] == []
        return []
    noisy = [name for name in theirs if "noise" in name]
    for name in theirs.keys() - set(noisy):
        if name.endswith(".bin"):
            assert_images_agree(*(np.frombuffer(data, np.float32) for data in (ours[name], theirs[name])))
        else:
            assert_counts_agree(ours[name], theirs[name])
    return noisy


if __name__ == "__main__":
    print(libm_digest())
