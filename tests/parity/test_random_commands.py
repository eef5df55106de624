"""On random command lines the C reference and the Python command write the same bytes and the same text."""

from pathlib import Path

import pytest
from check_golden import NEGATIVE_ZERO
from compare_programs import compare, run_c, run_python
from random_commands import commands, random_command

SEED, COUNT, BATCH = 1, 200, 10
COMMANDS = list(commands(SEED, COUNT))


@pytest.mark.parametrize("first", range(0, COUNT, BATCH))
def test_both_programs_agree(first: int, cref_binary: Path) -> None:
    for command in COMMANDS[first : first + BATCH]:
        c = run_c(cref_binary, command)
        assert c.code == 0, f"{' '.join(command)}\n{c.stderr}"
        assert compare(c, run_python(command)) == [], " ".join(command)


@pytest.mark.parametrize("first", range(0, 40, BATCH))
def test_both_programs_trace_alike(first: int, cref_binary: Path) -> None:
    """All text with a traced pixel in it, but for the sign of a zero."""
    for index, command in enumerate(commands(SEED + 1, 40)):
        if not first <= index < first + BATCH:
            continue
        traced = [*command, "-trace_pixel", str(index % 4), str(index // 10), "-trace_prefix", "TRACE"]
        c, py = run_c(cref_binary, traced), run_python(traced)
        c.stdout, py.stdout = (NEGATIVE_ZERO.sub("0", text) for text in (c.stdout, py.stdout))
        assert c.code == 0, c.stderr
        assert compare(c, py) == [], " ".join(traced)


def test_numbers_beyond_all_bounds_are_printed_alike(cref_binary: Path) -> None:
    """A running sum that the solid angle of a point pixel multiplies at every step, until it is infinite."""
    command = (
        "-cell 69 35 41 90 103 90 -default_F 77 -N 5 -gauss_xtal -fudge 0.00231 -lambda 0.95 -distance 87.7 -pixel 0.8 "
        "-detpixels 6 -oversample 2 -oversample_omega -point_pixel -divergence 3.4 -divsteps 3 -detector_thick 392 "
        "-thicksteps 2 -osc 1 -phistep 0.25 -fluence 2e30 -nonoise -noprogress -printout_pixel 3 3 -round_div"
    ).split()
    c = run_c(cref_binary, command)
    assert "I = inf" in c.stdout
    assert compare(c, run_python(command)) == []


def test_commands_depend_on_the_seed_alone() -> None:
    assert random_command(7) == random_command(7)
    assert random_command(7) != random_command(8)


@pytest.mark.parametrize(
    "names",
    [
        ("-mosflm", "-xds", "-adxv", "-denzo", "-dials"),
        ("-fdet_vector", "-beam_vector", "-twotheta_axis", "-pix0_vector", "-spindle_axis"),
        ("-Xbeam", "-Xclose", "-ORGX", "-close_distance", "-pivot", "-twotheta", "-detector_rotx"),
        ("-mat", "-misset", "-misset_seed", "-Na", "-samplesize", "-sample_x"),
        ("-round_xtal", "-gauss_xtal", "-tophat_spots", "-fudge", "-interpolate", "-nointerpolate"),
        ("-osc", "-phisteps", "-phistep", "-phi", "-mosaic_domains", "-mosaic_dom", "-mosaic_seed"),
        ("-divergence", "-hdivrange", "-hdivsteps", "-dispersion", "-dispsteps", "-sourcefile"),
        ("-oversample", "-oversample_thick", "-oversample_polar", "-oversample_omega"),
        ("-detector_thick", "-detector_abs", "-detector_thicksteps", "-thicksteps", "-curved_det"),
        ("-roi", "-mask", "-img", "-dmin", "-water", "-polar", "-nopolar", "-point_pixel"),
        ("-fluence", "-flux", "-beamsize", "-energy", "-lambda", "-hkl", "-dump", "-default_F"),
        ("-printout", "-printout_pixel", "-adc", "-scale", "-pgmscale", "-nonoise", "-nopgm"),
    ],
)
def test_every_option_group_occurs(names: tuple[str, ...]) -> None:
    said = {argument for command in COMMANDS for argument in command}
    assert set(names) <= said
