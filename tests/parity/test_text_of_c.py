"""Text and bytes of command lines that the golden cases leave out, with what the C program makes of them."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from compare_programs import Outcome, compare, run_c, run_python
from golden_cases import CASES, arguments, prepare_folder
from paths import GOLDEN

from nanobragg_numba.engine.flatten import flatten
from nanobragg_numba.engine.run import render, tap_pixel
from nanobragg_numba.formats.fdump import read_fdump
from nanobragg_numba.kernels.integers import to_int
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.programs.nanobragg.run import experiment_from

SMALL = "-cell 70 80 90 75 85 95 -default_F 10 -N 3 -distance 60 -pixel 0.4 -detpixels 16 -oversample 1 -seed 1"


@pytest.fixture(name="both")
def run_both(cref_binary: Path, tmp_path: Path):
    """Run both programs with arguments behind SMALL, compare them, and hand out what Python left."""

    def run(extra: str, base: str = SMALL, **files: bytes) -> Outcome:
        argv = [*base.split(), *extra.split()]
        outcomes = []
        for number, program in enumerate((lambda *a: run_c(cref_binary, *a), run_python)):
            folder = tmp_path / str(number)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            prepare_folder(folder)
            for name, content in files.items():
                (folder / name).write_bytes(content)
            outcomes.append(program(argv, folder))
        c, py = outcomes
        assert c.code == 0, c.stderr
        assert compare(c, py) == []
        assert ("warning: " in c.stderr) <= ("warning: " in py.stderr)
        return py

    return run


def lines(outcome: Outcome, word: str) -> list[str]:
    return [line.strip() for line in outcome.stdout.splitlines() if word in line]


def test_the_normal_of_the_polarization_plane_has_any_length(both) -> None:
    outcome = both("-polar_vector 1 1 0")
    assert lines(outcome, "POLARIZATION_PLANE_NORMAL") == ["POLARIZATION_PLANE_NORMAL= 0 0 0.707107"]


@pytest.mark.parametrize("case", CASES)
def test_the_meter_of_every_case(case: str, both) -> None:
    """Nearly all golden cases keep it off."""
    argv = [word for word in arguments(case)[-1] if word not in ("-noprogress", "-progress")]
    dump = GOLDEN / "cases" / case / "Fdump.bin"
    files = {"Fdump.bin": dump.read_bytes()} if dump.exists() and "-hkl" not in argv else {}
    both("-nonoise -nopgm", base=" ".join(argv), **files)


def test_the_meter_stands_behind_its_pixel(both) -> None:
    outcome = both(
        "-mat inputs/1orc.mat -hkl inputs/1orc_P1.hkl -lambda 1 -distance 60 -detpixels 64 -pixel 1.2 -N 1 -nonoise",
        base="",
    )
    text = outcome.stdout
    assert text.index("WARNING: further warnings will not be printed!") < text.index("0% done")
    assert "will not be printed! 0% done\n" in text


@pytest.mark.parametrize("printed", ["-printout -roi 2 13 3 14", "-printout_pixel 3 4", "-printout -progress"])
def test_no_meter_beside_printed_pixels(printed: str, both) -> None:
    assert not lines(both(printed), "% done")
    assert lines(both(""), "% done")


@pytest.mark.parametrize("nothing", ["-roi 10 2 3 9", "-roi 2 3 9 3", "-mask mask.img"])
def test_nothing_rendered(nothing: str, both) -> None:
    header = "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=16;\nSIZE2=16;\n}\f"
    outcome = both(nothing, **{"mask.img": header.encode().ljust(512) + bytes(2 * 256)})
    assert lines(outcome, "mean=") == ["mean= 0 rms= 0 rmsd= 0"]


@pytest.mark.parametrize("oversample", ["-oversample 1", "-oversample -1"])
def test_no_oversampling_beyond_integers(oversample: str, both) -> None:
    """A detector that is seen from its edge has a distance of next to nothing."""
    outcome = both(f"-twotheta 90 {oversample}")
    assert not lines(outcome, "recommend")
    assert "  1x1 pixel oversample steps" in outcome.stdout


@pytest.mark.parametrize(
    ("value", "integer"),
    [
        (0.99, 0), (-0.99, 0), (-1.5, -1), (2147483647.9, 2**31 - 1), (2147483648.0, -(2**31)),
        (-2147483648.9, -(2**31)),
        (-2147483649.0, -(2**31)), (1e300, -(2**31)), (float("nan"), -(2**31)), (float("-inf"), -(2**31)),
    ],
)  # fmt: skip
def test_numbers_that_no_int_holds(value: float, integer: int) -> None:
    assert to_int(value) == integer
    assert to_int.py_func(value) == integer


@pytest.mark.parametrize(("adc", "pixel"), [("-3000000001", 0), ("-3000000000", 0), ("-70000", 65536 - 4464)])
def test_noise_below_all_integers(adc: str, pixel: int, both) -> None:
    """Without photons every pixel is the offset: through 32 bits into 16."""
    outcome = both(f"-adc {adc} -fluence 1")
    noise = np.frombuffer(outcome.files["noiseimage.img"][512:], np.uint16)
    assert set(noise.tolist()) == {pixel}


def test_a_preview_below_all_integers(both) -> None:
    outcome = both("-close_distance -50 -pgmscale 1e9")
    scaled = np.frombuffer(outcome.files["floatimage.bin"], np.float32) * np.float64(1e9)
    whole = np.where(scaled > -(2.0**31) - 1, np.trunc(scaled), 0.0).astype(np.int64)
    assert ((scaled < -(2.0**31) - 1) & (np.trunc(scaled).astype(np.int64) % 256 != 0)).any()
    assert list(outcome.files["image.pgm"][-256:]) == (whole % 256).tolist()


def test_a_dump_that_cannot_be_written_is_done_without(both) -> None:
    outcome = both("-hkl inputs/small.hkl -dump nodir/F.bin")
    assert set(outcome.files) == {"floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img"}
    assert not lines(outcome, "writing dump")
    assert "cannot write nodir/F.bin" in outcome.stderr


def test_remarks_in_a_source_list(both) -> None:
    plain = "-10 0 0 1 1e-10\n-10 0.01 0.001,2;1.01e-10\n-10 0 0.02\n"
    remarks = "# X Y Z\n-10 0 0 1 1e-10 # the first\n\n-10 0.01 0.001,2;1.01e-10#:and 7 more\n  #3\n-10 0 0.02 #\n"
    first, second = (both("-sourcefile s.txt", **{"s.txt": text.encode()}) for text in (plain, remarks))
    assert first.files["floatimage.bin"] == second.files["floatimage.bin"]
    assert first.stdout == second.stdout
    assert lines(first, "created a total of 3 sources")


def test_more_than_five_values_in_a_source_list(both) -> None:
    """Both programs take the five that have a name."""
    plain, more = "-10 0 0 1 1e-10\n-10 0.01 0 1 1.01e-10\n", "-10 0 0 1 1e-10 6 7\n-10 0.01 0 1 1.01e-10,name;#8\n"
    first, second = (both("-sourcefile s.txt", **{"s.txt": text.encode()}) for text in (plain, more))
    assert first.files["floatimage.bin"] == second.files["floatimage.bin"]
    assert first.stdout == second.stdout


def test_a_missing_matrix_beside_a_cell(both) -> None:
    """The crystal is that of the cell."""
    outcome, without = both("-mat MISSING"), both("")
    assert outcome.files == without.files
    assert outcome.stdout == without.stdout
    assert "warning: cannot read the orientation matrix MISSING" in outcome.stderr


@pytest.mark.parametrize("header", [b"-1 1 -1 1 -1 1\f", b" -1\t1\n-1 +1 -1 1", b"-1 1 -1 1 -1 1 \r\n\v\f"])
def test_white_space_in_the_header_of_a_dump(header: bytes, both) -> None:
    numbers = np.arange(1.0, 65.0)
    usual, other = (
        both("-dump F.bin", **{"F.bin": start + numbers.tobytes()}) for start in (b"-1 1 -1 1 -1 1\n\f", header)
    )
    assert usual.files["floatimage.bin"] == other.files["floatimage.bin"]
    assert lines(other, "27 initialized hkls")


def test_numbers_of_a_dump_that_look_like_white_space(tmp_path: Path) -> None:
    path = tmp_path / "F.bin"
    path.write_bytes(b"0 0 0 0 0 0\n\f" + b" \n\t\f\r\v @" * 8)
    assert read_fdump(path).F[0, 0, 0] == np.frombuffer(b" \n\t\f\r\v @")[0]


@pytest.mark.parametrize("pixel", ["3 7", "9 2", "12 12"])
def test_the_last_structure_factor_looked_up_is_printed(pixel: str, both) -> None:
    """Where the last term has F_latt = 0 it is from another domain, source or subpixel, or from a pixel before."""
    outcome = both(
        f"-cell 34 39 48 90 90 90 -N 5 -hkl inputs/1orc_P1.hkl -binary_spots -mosaic_domains 3 -mosaic 1 -divergence 3 "
        f"-divsteps 2 -oversample 2 -pixel 2 -default_F 83.4 -printout_pixel {pixel}"
    )
    (printed,) = lines(outcome, "F_latt=")
    assert "F_latt=0 " in printed
    assert "F_cell=0 " not in printed


def test_it_is_the_last_one_of_its_own_pixel(both) -> None:
    """Two sources, two subpixels along each axis and three domains: the last terms are 0, those before them are not."""
    crystal = "-cell 70 80 90 75 85 95 -N 3 -hkl inputs/1orc_P1.hkl -nointerpolate -binary_spots -fudge 10"
    words = f"{SMALL} {crystal} -mosaic_domains 3 -mosaic 1 -divergence 3 -divsteps 2 -oversample 2"
    scene = flatten(experiment_from(words.replace("inputs/", f"{GOLDEN}/inputs/")).experiment)
    progress = render(scene, 1)
    earlier = []
    for place in np.flatnonzero(progress.image):
        slow, fast = divmod(int(place), scene.fpixels)
        taps = tap_pixel(progress, slow, fast, terms=48)
        subpixel, *_, F_cell, F_latt, _ = taps.terms[taps.count[1] - 1].tolist()
        if taps.last[slot.LAST_F_LATT] == 0.0 and subpixel < 3 and F_cell:
            earlier.append((slow, fast, F_cell))
    assert len(earlier) > 1
    for slow, fast, F_cell in earlier[:3]:
        (printed,) = lines(both(f"{words} -printout_pixel {fast} {slow}", base=""), "F_latt=")
        assert f"F_cell={F_cell:g}  F_latt=0 " in printed
