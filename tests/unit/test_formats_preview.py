"""Preview pictures show the spots, whatever else is in the image."""

import numpy as np
import pytest
from paths import GOLDEN
from PIL import Image

from nanobragg_numba.formats.float_image import read_float_image
from nanobragg_numba.formats.preview import LONGEST_SIDE, preview_pixels, write_preview


def real_image():
    return read_float_image(GOLDEN / "cases" / "orc_still" / "floatimage.bin", 96, 96)


def test_a_real_crystal_is_dark_spots_on_white(tmp_path):
    image = real_image()
    with (tmp_path / "preview.png").open("wb") as file:
        scale = write_preview(file, image)
    with Image.open(tmp_path / "preview.png") as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (96, 96))
        pixels = np.asarray(picture)
    assert scale.startswith("logarithmic scale")
    assert [path.name for path in tmp_path.iterdir()] == ["preview.png"]
    assert np.median(pixels) == 255
    # The direct beam is a thousand times brighter than the spots, which must show all the same.
    spots = np.sort(image, axis=None)[-200:-20]
    assert (pixels[image >= spots[0]] < 150).all()
    order = np.argsort(image, axis=None)
    assert (np.diff(pixels.ravel()[order].astype(int)) <= 0).all(), "more photons, not lighter"


def test_one_blinding_pixel_changes_little():
    image = np.random.default_rng(1).poisson(10.0, (200, 200)).astype(np.float32)
    image[50:150:10, 50:150:10] = 200.0
    before, scale = preview_pixels(image)
    assert scale.startswith("linear scale")
    image[100, 100] = 1e9
    after, scale = preview_pixels(image)
    changed = before != after
    assert changed.sum() <= 1
    assert (after[50:150:10, 50:150:10] == 0).all()
    assert np.median(after) > 230


def test_large_images_keep_their_narrow_spots():
    image = np.zeros((5000, 3001), dtype=np.float32)
    image[4321, 1234] = image[10, 3000] = 100.0
    pixels, scale = preview_pixels(image)
    assert max(pixels.shape) <= LONGEST_SIDE
    assert pixels.shape == (1667, 1001)
    assert np.argwhere(pixels == 0).tolist() == [[3, 1000], [1440, 411]]
    assert (pixels == 255).sum() == pixels.size - 2
    assert "each 3 x 3 pixels" in scale


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((3, 4)),
        np.full((3, 4), -5.0),
        np.full((3, 4), np.nan),
        np.full((3, 4), -np.inf),
    ],
)
def test_no_photons(image):
    pixels, scale = preview_pixels(image.astype(np.float32))
    assert (pixels == 255).all()
    assert scale.startswith("no photons")


@pytest.mark.parametrize(
    "values",
    [[7.0], [1.0, 2.0], [np.inf, 1.0], [np.nan, 1.0], [1e-45, 3e38], [5.0] * 1000, [0.0, 1e-45]],
)
def test_odd_images_still_make_a_picture(values):
    image = np.array([values], dtype=np.float32)
    pixels, _ = preview_pixels(image)
    assert pixels.shape == image.shape
    assert pixels.dtype == np.uint8
    brightest = np.argmax(np.nan_to_num(image[0], nan=0.0))
    assert pixels[0, brightest] == 0
