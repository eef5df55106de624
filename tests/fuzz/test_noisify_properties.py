"""What holds for any photons, any header and any length of a raw file that noisify is given."""

import contextlib
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import nanobragg_numba as nb
from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.programs.noisify.header import read_header

photons = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.floats(0, 3000, width=32) | st.sampled_from([0.0, 0.5, 12.0, 1e5]),
)  # fmt: skip
any_photons = arrays.arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(width=32))
small = st.integers(1, 12)


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        yield Path(name)


@settings(deadline=None, max_examples=80)
@given(photons, st.integers(1, 2**31 - 2), st.sampled_from(["", "-flicker 0.02", "-calibration 0"]))
def test_the_sum_of_photons_is_that_of_the_counts(image, seed, args):
    found = nb.noisify(image, f"-seed {seed} -bits 32 -adc 0 {args}")
    assert found.counts.dtype == np.uint32 and found.counts.shape == image.shape
    assert found.photons == found.counts.sum(dtype=np.float64)
    again = nb.noisify(image, f"-seed {seed} -bits 32 -adc 0 {args} -threads 3")
    assert np.array_equal(found.counts, again.counts)


@settings(deadline=None, max_examples=80)
@given(photons, st.floats(0.125, 8, width=16), st.integers(-50, 300))
def test_noiseless_counts_are_gain_and_offset(image, gain, adc):
    found = nb.noisify(image, f"-nonoise -gain {gain} -adc {adc}")
    adu = np.minimum(image.astype(np.float64) * gain + adc, 65535.0)
    assert np.array_equal(found.noiseless, np.trunc(adu).astype(np.int64).astype(np.uint16))
    mended = nb.noisify(image, f"-nonoise -gain {gain} -adc {adc} -fix truncation,below-zero")
    assert np.abs(mended.noiseless - np.maximum(adu, 0.0)).max() <= 0.5


@settings(deadline=None, max_examples=80)
@given(any_photons, st.sampled_from(["", "-psf gauss", "-psf fiber -psf_radius 2", "-bits 32 -readout 3"]))
def test_any_numbers_give_an_image_or_are_refused(image, args):
    try:
        found = nb.noisify(image, f"-seed 1 {args}")
    except NanoBraggError as error:
        assert "\n" not in str(error) and "-psf gauss" in args
        return
    assert found.counts.shape == found.noiseless.shape == image.shape
    if not np.isfinite(image).all():
        assert any("no finite number" in note for note in found.notes) or "gauss" in args


@settings(deadline=None, max_examples=120)
@given(st.integers(0, 700), small, small)
def test_a_raw_file_of_any_length(length, slow, fast):
    """Refused if it is empty or holds fewer bytes than pixels; what it lacks is 0, what is too much is left."""
    content = (np.arange(200, dtype=np.float32) + 1.0).tobytes()[:length]
    with folder():
        Path("a.raw").write_bytes(content)
        args = f"-nonoise -adc 0 -detpixels_x {fast} -detpixels_y {slow}"
        if not length or length < slow * fast:
            with pytest.raises(NanoBraggError, match="a.raw"):
                nb.noisify("a.raw", args)
            return
        found = nb.noisify("a.raw", args)
    padded = np.frombuffer(content[: 4 * slow * fast].ljust(4 * slow * fast, b"\0"), np.float32)
    assert np.array_equal(found.noiseless.ravel(), padded.astype(np.uint16))
    assert any("missing ones are 0" in note for note in found.notes) == (length < 4 * slow * fast)
    assert any("rest is ignored" in note for note in found.notes) == (length > 4 * slow * fast)


keys = st.sampled_from(["SIZE1", "SIZE2", "PIXEL_SIZE", "DISTANCE", "CLOSE_DISTANCE", "WAVELENGTH", "DETECTOR_SN"])
entries = st.lists(st.tuples(keys, st.integers(1, 999)), max_size=12)


@settings(deadline=None, max_examples=120)
@given(entries, st.sampled_from([16, 32]), st.sampled_from(["little", "big"]))
def test_a_header_is_looked_up_and_mended(lines, bits, order):
    text = "{\nHEADER_BYTES=512;\n" + "".join(f"{key}={value};\n" for key, value in lines)
    content = (text + f"BYTE_ORDER={order}_endian;\n}}\f").encode().ljust(512)
    with folder():
        Path("a.img").write_bytes(content)
        header = read_header("a.img")
        assert header.content == content
        Path("b.img").write_bytes(header.mended(bits))
        mended = read_header("b.img")
    for key in ("SIZE1", "PIXEL_SIZE", "DISTANCE"):
        values = [value for name, value in lines if name.endswith(key)]
        assert header.value(key) == mended.value(key) == (values[-1] if values else None)
    assert mended.says(bits) and len(mended.content) == 512
    assert not header.says(32) and header.says(16) == (order == "little")
