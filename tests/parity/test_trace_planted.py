"""A one-unit change in a constant is found: the first token that it reaches is named."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nanobragg_numba
from nanobragg_numba.tools.trace.diff_cli import main as nb_trace_diff

PACKAGE = Path(nanobragg_numba.__file__).parent
CRYSTAL = "-cell 70 80 90 75 85 95 -default_F 100 -N 5 -distance 50 -pixel 0.4 -detpixels 96"

PLANTS = {
    "r_e_sqr": ("constants.py", "7.94079248018965e-30", "7.94079248018966e-30", "-lambda 1.5"),
    "lambda_meters": ("constants.py", "12398.42", "12398.43", "-energy 11317.3"),
    "fdet_after_rotz": ("constants.py", "0.31830988618379", "0.31830988618380", "-detector_rotx 5"),
    "I_before_scaling": (
        "kernels/loop/lattice.py",
        "0.723601254558268",
        "0.723601254558269",
        "-round_xtal",
    ),
}


def trace(package, arguments, folder):
    """Trace one pixel with a copy of the package, uncompiled: one pixel is quick enough."""
    code = "import sys; from nanobragg_numba.tools.trace.cli import main; sys.exit(main())"
    own = ["--pixel", "40", "52", "--out-dir", str(folder)]
    environment = {name: value for name, value in os.environ.items() if name != "NB_C_BIN"}
    environment |= {"PYTHONPATH": str(package.parent), "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, *own, "--", *shlex.split(arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=package.parent,
    )
    assert done.returncode == 0, done.stderr
    return folder / "py_traces" / "trace_pixel_40_52.log"


@pytest.fixture(scope="module")
def copy_of_package(tmp_path_factory):
    def make(name):
        target = tmp_path_factory.mktemp(name) / "nanobragg_numba"
        shutil.copytree(PACKAGE, target, ignore=shutil.ignore_patterns("__pycache__"))
        return target

    return make


@pytest.mark.parametrize("token", PLANTS)
def test_a_planted_unit_is_found(token, copy_of_package, tmp_path, capsys):
    file, old, new, options = PLANTS[token]
    arguments = f"{CRYSTAL} {options}"
    package = copy_of_package("planted")
    before = trace(package, arguments, tmp_path / "before")
    source = package / file
    text = source.read_text()
    assert text.count(old) == 1
    source.write_text(text.replace(old, new))
    after = trace(package, arguments, tmp_path / "after")
    assert nb_trace_diff([str(before), str(after), "--json"]) == 1
    first = json.loads(capsys.readouterr().out)["first_divergence"]
    assert first["token"] == token
