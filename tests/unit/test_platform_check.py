"""Comparisons on a machine with another C library: they still find what is wrong, and what they skip is seen."""

import ast

import numpy as np
import platform_check
import pytest
from paths import TESTS
from platform_check import (
    assert_counts_agree,
    assert_files_agree,
    assert_images_agree,
    assert_texts_agree,
    require_same_libm,
)

IMAGE = np.linspace(1.0, 2.0, 4000, dtype=np.float32)
HEADER = b"{\nHEADER_BYTES=512;\nDISTANCE=99.9;\n}\f".ljust(512, b"\n")
COUNTS = np.arange(4000, dtype="<u2")


@pytest.fixture(params=[True, False], ids=["this libm", "another libm"])
def same(request, monkeypatch):
    """On the reference machine, and as if on another one."""
    monkeypatch.setattr(platform_check, "same_libm", lambda: request.param)
    return request.param


def test_equal_is_equal_everywhere(same):
    assert_images_agree(IMAGE, IMAGE.copy())
    assert_counts_agree(HEADER + COUNTS.tobytes(), HEADER + COUNTS.tobytes())
    assert_texts_agree(["max_I = 3.5 at 0.1"], ["max_I = 3.5 at 0.1"])
    files = {"a.bin": IMAGE.tobytes(), "b.img": HEADER + COUNTS.tobytes(), "noise.img": HEADER + COUNTS.tobytes()}
    assert assert_files_agree(files, dict(files)) == ([] if same else ["noise.img"])


def test_the_last_bit_of_some_pixels_may_differ_elsewhere_only(same):
    image, counts = IMAGE.copy(), COUNTS.copy()
    image[7], counts[9] = np.nextafter(image[7], np.float32(9)), counts[9] + 1
    check = (lambda: assert_images_agree(image, IMAGE),
             lambda: assert_counts_agree(HEADER + counts.tobytes(), HEADER + COUNTS.tobytes()),
             lambda: assert_texts_agree(["mean= 2.50001 rms= 3"], ["mean= 2.5 rms= 3"]))  # fmt: skip
    for each in check:
        if same:
            with pytest.raises(AssertionError):
                each()
        else:
            each()


def test_more_is_wrong_everywhere(same):
    far, many = IMAGE.copy(), np.nextafter(IMAGE, np.float32(9))
    far[7] += 1e-3
    for image in (far, many):
        with pytest.raises(AssertionError):
            assert_images_agree(image, IMAGE)
        with pytest.raises(AssertionError):
            assert_files_agree({"a.bin": image.tobytes()}, {"a.bin": IMAGE.tobytes()})
    wrong, shifted = COUNTS.copy(), COUNTS + np.uint16(1)
    wrong[5] += 2
    other_header = HEADER.replace(b"99.9", b"98.9")
    for data in (HEADER + wrong.tobytes(), HEADER + shifted.tobytes(), other_header + COUNTS.tobytes()):
        with pytest.raises(AssertionError):
            assert_counts_agree(data, HEADER + COUNTS.tobytes())
    for line in ("mean= 2.51 rms= 3", "mean= 2.5 rmsd= 3", "mean= 2.5"):
        with pytest.raises(AssertionError):
            assert_texts_agree([line], ["mean= 2.5 rms= 3"])
    with pytest.raises(AssertionError):
        assert_files_agree({"a.bin": b""}, {"b.bin": b""})


def test_what_cannot_be_compared_is_skipped_with_the_reason(same):
    if same:
        require_same_libm("digests")
        return
    with pytest.raises(pytest.skip.Exception, match="not compared: digests; the C library's digest"):
        require_same_libm("digests")


def silent_branches(path) -> list[int]:
    """Lines of `if same_libm():` without an else: what stands there is asserted on one machine only, unseen."""
    return [
        node.lineno for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.If) and ast.unparse(node.test) == "same_libm()" and not node.orelse
    ]  # fmt: skip


def test_no_test_asserts_nothing_elsewhere_without_a_word():
    found = {str(path.relative_to(TESTS)): silent_branches(path) for path in TESTS.rglob("test_*.py")}
    assert {name: lines for name, lines in found.items() if lines} == {}
