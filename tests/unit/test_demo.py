"""What `make demo` renders, and README shows: no defect of the C program in it, and the picture that it makes today."""

import importlib.util

import numpy as np
import pytest
from paths import EXAMPLES, ROOT
from PIL import Image
from platform_check import same_libm

import nanobragg_numba as nb
from nanobragg_numba.formats.preview import preview_pixels


def demo():
    """examples/demo.py as a module."""
    spec = importlib.util.spec_from_file_location("demo", EXAMPLES / "demo.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def result():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(EXAMPLES / "1orc")
        program, *arguments = demo().command()
        assert program == "nanoBragg"
        yield nb.simulate(arguments)


def test_no_defect_changes_the_first_picture(result):
    """The fixed image is the same: where the C program's defects change nothing, no line names one."""
    assert [note for note in result.notes if "-fix" in note] == []
    fixed = result.experiment.with_options("-fix all")
    bright = result.image > 20 * np.median(result.image)
    assert bright.sum() > 1000
    # The fixes of the loops average what C takes from the first subpixel; with one subpixel they change nothing.
    image = nb.render_experiment(fixed).image
    assert np.abs(image / result.image - 1.0)[bright].max() < 1e-3


def test_the_picture_of_the_readme_is_what_the_demo_makes(result):
    stored = np.asarray(Image.open(ROOT / "docs" / "1orc.png"))
    made = preview_pixels(result.image)[0]
    assert stored.shape == made.shape
    allowed = 0 if same_libm() else 1  # another C library may round a grey level otherwise
    assert np.abs(stored.astype(int) - made.astype(int)).max() <= allowed
