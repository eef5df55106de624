# ruff: noqa: E501
"""Plants errors in a copy of the package, one at a time, and reports which of them no test notices.

Run on demand, from the top folder:  python tests/support/plant_errors.py [--only WORD] [--list]
Each row of the table below names a file, a piece of its text that occurs once, what is written there instead, and the
tests that have to fail. Exit code 1 where one survives, 2 where a row fits the files no more.
"""

import argparse
import importlib
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

TOP = Path(__file__).resolve().parents[2]
COPIED = ("nanobragg_numba", "tests", "examples", "setup.cfg", "pyproject.toml", "docs", "README.md", "traces", "cref")
SECONDS = 600
HEAVY = ("numba", "scipy", "h5py", "hdf5plugin", "nxmx", "fabio", "pyFAI", "gemmi", "PIL", "pytest", "hypothesis",
         "matplotlib.figure", "pytest")  # fmt: skip


class Planted(NamedTuple):
    """One error: where, what is there, what is written instead, and what pytest is told to run."""

    name: str
    file: str
    old: str
    new: str
    tests: str


_PARTS, _READER = "nanobragg_numba/formats/nexus/parts.py", "nanobragg_numba/formats/nexus/reader.py"
_CONTENTS = "nanobragg_numba/formats/nexus/contents.py"
_WRITER, _CIF = "nanobragg_numba/formats/nexus/writer.py", "nanobragg_numba/formats/imgcif.py"
_CBF, _DIALS, _PONI = (f"nanobragg_numba/formats/{name}.py" for name in ("cbf", "dials", "poni"))
_SPOTS, _FRAMES, _LATTICE = (f"nanobragg_numba/geometry/{name}.py" for name in ("spots", "frames", "lattice"))
_PLAN, _MANIFEST = "nanobragg_numba/sweep/plan.py", "nanobragg_numba/sweep/manifest.py"
_ALL = "tests/unit/test_written_files.py"
_RUN, _STACK = f"{_ALL} -k nexus_of_a_run", f"{_ALL} -k nexus_of_a_stack"
_SHOW, _PREDICTED = "tests/unit/test_show.py", "tests/unit/test_predictions.py"

TABLE = [
    # What had once survived
    Planted("NeXus phi_end", _PARTS, '"phi_end", starts + widths', '"phi_end", starts', _RUN),
    Planted("Stokes U", _PARTS, "degree * math.sin(2.0 * angle)", "-degree * math.sin(2.0 * angle)", _RUN),
    Planted("count_time", _FRAMES, "exposure=self.exposure / count", "exposure=self.exposure", _RUN),
    Planted("mask bit", _PARTS, "USER_MASK = 1 << 8", "USER_MASK = 1 << 7", _RUN),
    Planted("sensor thickness unit", _PARTS, 'max(seen.thickness, NEGLIGIBLE), "m")',
            'max(seen.thickness, NEGLIGIBLE), "mm")', _RUN),
    Planted("orientation_matrix transposed", _PARTS, "[orientation(each) for each", "[orientation(each).T for each",
            _RUN),
    Planted("UB of stacks turned the wrong way", _PARTS, "(geometry.to_nexus @ stands).T", "(geometry.to_nexus @ stands)",
            _STACK),
    Planted("phi axis reversed", _PARTS, "records[0].geometry.to_nexus @ records[0].geometry.axis",
            "-records[0].geometry.to_nexus @ records[0].geometry.axis", _RUN),
    Planted("CBF polarization, short", _CBF, "# Polarization {seen.polarization_fraction",
            "# Polarization {seen.polarization_degree", f"{_ALL} -k cbf"),
    Planted("CBF polarization, full", _CIF, "digits(seen.polarization_fraction)", "digits(seen.polarization_degree)",
            f"{_ALL} -k cbf"),
    Planted("DIALS polarization", _DIALS, "-seen.beam, normal, seen.polarization_fraction",
            "-seen.beam, normal, seen.polarization_degree", f"{_ALL} -k experiment"),
    Planted("DIALS polarization normal", _DIALS, "np.cross(-seen.beam, seen.polarization)", "seen.polarization.copy()",
            f"{_ALL} -k experiment"),
    Planted("spot width in predictions", _SPOTS, "math.sqrt(1.5) / math.pi", "math.sqrt(2.5) / math.pi", _PREDICTED),
    Planted("mosaic variance in predictions", "nanobragg_numba/geometry/ewald.py", "_MOSAIC_VARIANCE = 0.2464", "_MOSAIC_VARIANCE = 0.4",
            _PREDICTED),
    Planted("nb-orient: wavelength precedence", "nanobragg_numba/tools/orient.py",
            "options.wavelength or found.wavelength or 1.0", "found.wavelength or options.wavelength or 1.0",
            "tests/unit/test_orient.py"),
    Planted("nb-orient: wavelength of a matrix", "nanobragg_numba/tools/orient.py", "options.wavelength or own\n",
            "own\n", "tests/unit/test_orient.py"),
    Planted("solvent level", "nanobragg_numba/reflections/coordinates.py", "k_sol: float = 0.35", "k_sol: float = 0.0",
            "tests/unit/test_sf.py -k 'solvent or example'"),
    Planted("solvent B", "nanobragg_numba/reflections/coordinates.py", "b_sol: float = 46.0", "b_sol: float = 64.0",
            "tests/unit/test_sf.py -k 'solvent or example'"),
    Planted("a truncated stack not noticed", _MANIFEST, "path.stat().st_size == size", "path.stat().st_size <= size",
            "tests/unit/test_sweep_written.py"),
    Planted("seeds that wrap", _PLAN, "(start + shot) % _LARGEST_SEED", "(start + shot)",
            "tests/unit/test_sweep_written.py"),
    Planted("an input that changes without changing size", _PLAN,
            'digest.update(f"{name}\\0{digest_of_file(Path(name))}\\0".encode())',
            'digest.update(f"{name}\\0{os.path.getsize(name)}\\0".encode())', "tests/unit/test_sweep_written.py"),
    Planted("an offset in a NeXus transformation", _PARTS.replace("parts", "fields"), "offset=np.zeros(3)",
            "offset=np.ones(3)", _RUN),
    Planted("two-theta of NeXus in radians", _PARTS, "math.degrees(seen.twotheta)", "seen.twotheta", _RUN),
    Planted("frame_time of the whole run", _PARTS, '"frame_time", exposures', '"frame_time", exposures * 3', _RUN),
    Planted("slow and fast of the beam centre", _PARTS, '"beam_center_x", fast', '"beam_center_x", slow', _RUN),
    # Of our own
    Planted("wavelength of a stack's first shot", _PARTS, "once_or_each(wavelengths)", "wavelengths[0]", _STACK),
    Planted("data_size turned", _PARTS, "np.array(seen.shape, np.int64)", "np.array(seen.shape[::-1], np.int64)", _RUN),
    Planted("saturation of photons", _PARTS, '"saturation_value", LARGEST[unit]', '"saturation_value", 65535', _RUN),
    Planted("stills that hang on an axis", _PARTS, "PHI if turns else", "PHI if True else",
            "tests/unit/test_image_writers.py -k beam_and_axes"),
    Planted("a still's crystal at rest", _DIALS, "np.eye(3) if turns else rotation_about",
            "np.eye(3) if True else rotation_about", "tests/unit/test_stacks_read.py"),
    Planted("matrix of the first frame for all", _CONTENTS, "row = frame if len(matrices) == self.count else 0", "row = 0",
            _STACK),
    Planted("wavelength of the first frame for all", _CONTENTS, "values[frame] if len(values) == self.count",
            "values[0] if len(values) == self.count", _STACK),
    Planted("sensor layers in millimetres", _DIALS, '"mu": seen.mu / _MM', '"mu": seen.mu', f"{_ALL} -k experiment"),
    Planted("trusted range from 0", _DIALS, "_UNDERLOAD = -1", "_UNDERLOAD = 0", f"{_ALL} -k experiment"),
    Planted("scan of one frame", _DIALS, "_scan(seen, len(group))", "_scan(seen, 1)", f"{_ALL} -k experiment"),
    Planted("parallax left out", _DIALS, '"ParallaxCorrectedPxMmStrategy" if', '"SimplePxMmStrategy" if',
            f"{_ALL} -k experiment"),
    Planted("imgCIF: offset of the corner", _CIF, "{_vector(corner)}", "{_vector(-corner)}", f"{_ALL} -k cbf"),
    Planted("imgCIF: angle of the scan", _CIF, "SCAN1 {_PHI} {start!r} {width!r} {width!r}",
            "SCAN1 {_PHI} {start!r} {width!r} 0.0", f"{_ALL} -k cbf"),
    Planted("CBF: short header for tilted ones", _CBF, "if is_upright(seen) else", "if True else", f"{_ALL} -k cbf"),
    Planted("CBF: beam centre turned", _CBF, "({digits(fast)}, {digits(slow)})", "({digits(slow)}, {digits(fast)})",
            f"{_ALL} -k cbf"),
    Planted("CBF: a PILATUS of any size", _CBF, '"PILATUS_1.2" if seen.shape in _PILATUS else "GENERIC_MINI"',
            '"PILATUS_1.2"', f"{_ALL} -k cbf"),
    Planted("poni: rotation", _PONI, "rot1 = math.atan2(-rotation", "rot1 = math.atan2(rotation", f"{_ALL} -k poni"),
    Planted("poni: wavelength unit", _PONI, "geometry.wavelength * 1e-10", "geometry.wavelength * 1e-9",
            f"{_ALL} -k poni"),
    Planted("polarization fraction", _FRAMES, "0.5 * (1.0 + self.polarization_degree)", "self.polarization_degree",
            f"{_ALL} -k 'cbf or experiment'"),
    Planted("part of a rotation", _FRAMES, "phi0=self.phi0 + width * index", "phi0=self.phi0", _RUN),
    Planted("misset order", _LATTICE, "return z @ y @ x", "return x @ y @ z", "tests/unit/test_orient.py -k misset"),
    Planted("units of a resolution", _FRAMES, "return 0.5 / stol", "return 1.0 / stol", f"{_SHOW} -k resolutions"),
    Planted("arm left out of converted headers", "nanobragg_numba/tools/convert_sources.py",
            "float(twotheta))\n    f, s, n = (arm @ v", "0.0)\n    f, s, n = (arm @ v",
            "tests/unit/test_convert.py -k header_is_enough"),
    Planted("mask left out of conversions", "nanobragg_numba/tools/convert_sources.py", "file.unit, file.mask()",
            "file.unit, file.mask() & False", "tests/unit/test_stacks_read.py"),
    Planted("frames of one rotation shown as one", _READER, "abs(second.phi0 - end) < _SAME", "True",
            "tests/unit/test_stacks_read.py"),
]  # fmt: skip


def copy_to(folder: Path) -> None:
    """The parts of the project that tests need."""
    leave = shutil.ignore_patterns("__pycache__", "*.o", ".pytest_cache")
    for name in COPIED:
        source = TOP / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=leave, symlinks=True)
        elif source.exists():
            shutil.copy2(source, folder / name)


def preload() -> None:
    """Import what takes long and is not ours, once: each error gets a fork of this process."""
    for name in HEAVY:
        importlib.import_module(name)


def survives(folder: Path, planted: Planted) -> bool:
    """Whether the tests of a row pass with its error in the copy, which is taken out again."""
    path = folder / planted.file
    whole = path.read_text()
    path.write_text(whole.replace(planted.old, planted.new))
    words = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", *shlex.split(planted.tests)]
    try:
        child = os.fork()
        if child == 0:
            _run_tests(folder, words)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code not in (0, 1):
            raise SystemExit(f"{planted.name}: pytest could not run ({code}): see {folder}/said")
        return code == 0
    finally:
        path.write_text(whole)


def _run_tests(folder: Path, words: list[str]) -> None:
    """In the child: never comes back."""
    import pytest

    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)
    sys.path.insert(0, str(folder))
    with open(folder / "said", "w") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    signal.alarm(SECONDS)
    os._exit(int(pytest.main(words)))


def fits(planted: Planted) -> bool:
    """Whether a row's text occurs once."""
    return (TOP / planted.file).read_text().count(planted.old) == 1 and planted.old != planted.new


def main() -> int:
    """Plant all; returns the exit code."""
    parser = argparse.ArgumentParser(description="Plant errors in a copy and report those that no test notices.")
    parser.add_argument("--only", default="", metavar="WORD", help="rows whose names have this in them")
    parser.add_argument("--list", action="store_true", help="say which there are, and whether they fit the files")
    options = parser.parse_args()
    rows = [row for row in TABLE if options.only.lower() in row.name.lower()]
    stale = [row.name for row in rows if not fits(row)]
    if options.list or stale:
        for row in rows:
            print(f"{'does not fit' if row.name in stale else 'fits':12}  {row.name}: {row.file}: {row.tests}")
        return 2 if stale else 0
    survivors = []
    with tempfile.TemporaryDirectory(prefix="planted-") as place:
        folder = Path(place)
        copy_to(folder)
        sys.dont_write_bytecode = True
        preload()
        for row in rows:
            began = time.monotonic()
            survived = survives(folder, row)
            survivors += [row.name] * survived
            seconds = time.monotonic() - began
            print(f"{'SURVIVES' if survived else 'caught':8}  {row.name}  ({seconds:.0f} s)", flush=True)
    print(f"{len(survivors)} of {len(rows)} survive{': ' + ', '.join(survivors) if survivors else ''}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
