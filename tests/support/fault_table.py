"""docs/faults.md from what the campaigns recorded, and from the tests of faults run now.

python tests/support/fault_table.py             run the tests of faults, then write the document
python tests/support/fault_table.py --document  write it from docs/faults.json alone

The other numbers in docs/faults.json come from `python tests/fuzz/fuzz.py --all --count 1000000 --record`, the same
with `--guided`, and `python tests/faults/test_faults.py 10000 --record`.
"""

import argparse
import ast
import datetime
import json
import platform
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

from paths import ROOT, TESTS

RECORD = ROOT / "docs" / "faults.json"
DOCUMENT = ROOT / "docs" / "faults.md"
FAULT_TESTS = ("test_faults.py", "test_faults_files.py", "test_faults_cache.py", "test_long_runs.py")
"""Their docstrings are rows of the table: what is done, a colon, and what must happen."""

SHOWN = 25
"""So many outcomes of a campaign are told apart."""

HEAD = """# Faults

What was done to the command and to the readers of its files, and what happened. This page is written by
`python tests/support/fault_table.py` from `docs/faults.json`, where the campaigns keep their numbers.
"""

FOUND = """## What was found on the way

Each of these was mended, and is covered by the tests and campaigns above.

- Two first runs with different options at the same moment could overwrite each other's compiled kernels under one
  name; and compiled code that was damaged, or lay under another kernel's name, would have been run.
- A signal during the first run without a writable cache folder left its temporary cache behind.
- A text file cut short, at the end of a line, while it was read passed for a complete one.
- A render that failed left the thread of its noise image waiting, with the image.
- `-cell 40 1e300 60`, `-divsteps 1` with the round cut, and sources along the polarization ended in a Python traceback
  or a warning of NumPy instead of a line of ours.
- A list of two reflections could ask for a grid of 2 GiB; it is refused where nearly all of more than 256 MiB is empty.
- An MTZ header could ask for any amount of memory; a PDB file of 470 bytes with one atom at 1e8 Angstrom took 8.8 GB
  and 44 s; an mmCIF cell without volume ended in a traceback.
- Damaged trace logs ended nb-trace-diff with a traceback, and a million of them, read by one process, left its memory
  in pieces.
- HDF5 itself ran for ever, or crashed, on one in a few thousand damaged NeXus files, where no signal of Python's could
  end it; they are read in a process apart, which the system ends.
- A PDB file of a hundred bytes, all of them comment signs, kept the reader busy for ever: its pattern could read them
  in too many ways.
- `-nexusfile` with fast and slow axes that are parallel, or 1e300 long, ended in a traceback after the render; a line
  break in the name of an option made two lines of a warning.

## What is not promised

- SIGKILL and a power cut cannot be answered: they leave `.nanobragg-*.part` files, which can be deleted.
  Files are not forced to the disk before they get their names; how much of a file that was just renamed survives a
  power cut is up to the file system.
- The output files of a run are renamed one after the other. A SIGKILL between two renames leaves some files of the old
  run beside some of the new one, each of them whole.
- The messages of the system's own loader and of Python's start, before the first line of ours, are theirs.
"""


def load() -> dict:
    """Everything recorded so far."""
    return json.loads(RECORD.read_text()) if RECORD.exists() else {"fuzzing": {}, "kills": {}, "tests": {}}


def save(record: dict) -> None:
    """Keep the record."""
    RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


def circumstances() -> dict[str, str]:
    """Date and place of a campaign."""
    import numpy

    libc = " ".join(platform.libc_ver())
    where = f"Python {platform.python_version()}, NumPy {numpy.__version__}, {platform.machine()}, {libc}"
    return {"date": datetime.date.today().isoformat(), "where": where}


def condensed(outcomes: dict[str, int]) -> dict[str, int]:
    """The commonest outcomes, and the others, which are kinds of refusals, together."""
    ranked = sorted(outcomes.items(), key=lambda pair: -pair[1])
    rare = ranked[SHOWN:]
    together = {f"refused: {len(rare)} further kinds of message": sum(count for _, count in rare)} if rare else {}
    return dict(ranked[:SHOWN]) | together


def record_fuzzing(name: str, guided: bool, seed: int, count: int, result: dict) -> None:
    """Keep the numbers of a fuzzing campaign."""
    record = load()
    result = {**result, "outcomes": condensed(result["outcomes"])}
    command = f"python tests/fuzz/fuzz.py --reader {name} --count {count} --seed {seed}"
    command += " --guided" if guided else ""
    key = name + (" guided" if guided else "")
    record["fuzzing"][key] = {**circumstances(), **result, "command": command, "seed": seed, "count": count}
    save(record)


def record_kills(seed: int, moments: int, ended: dict[str, int], seconds: float) -> None:
    """Keep the numbers of a campaign of kills."""
    record = load()
    command = f"python tests/test_faults.py {moments} --seed {seed}"
    numbers = {"command": command, "seed": seed, "count": moments, "ended": ended, "seconds": round(seconds, 1)}
    record["kills"] = {**circumstances(), **numbers}
    save(record)


def run_tests() -> None:
    """Run the tests of faults and keep how they ended."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        paths = [str(TESTS / "faults" / name) for name in FAULT_TESTS]
        subprocess.run([sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *paths], cwd=ROOT)
        cases = xml.etree.ElementTree.parse(report).getroot().iter("testcase")
        ended: dict[str, dict[str, int]] = {}
        for case in cases:
            name = f"{case.get('classname', '').split('.')[-1]}.py::{case.get('name', '').split('[')[0]}"
            bad = any(child.tag in ("failure", "error", "skipped") for child in case)
            counts = ended.setdefault(name, {"passed": 0, "failed": 0})
            counts["failed" if bad else "passed"] += 1
    record = load()
    record["tests"] = {**circumstances(), "ended": ended}
    save(record)


def docstrings() -> dict[str, str]:
    """First sentence of each test of faults, by its name."""
    found = {}
    for name in FAULT_TESTS:
        for node in ast.parse((TESTS / "faults" / name).read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                text = ast.get_docstring(node) or ""
                found[f"{name}::{node.name}"] = " ".join(text.split("\n\n")[0].split())
    return found


def tests_section(tests: dict) -> list[str]:
    """The faults that have a test each."""
    lines = ["## Faults with a test of their own", "", f"Run on {tests['date']} ({tests['where']}).", ""]
    lines += ["| fault | what must happen | test | times | |", "|---|---|---|---|---|"]
    for name, text in docstrings().items():
        counts = tests["ended"].get(name, {"passed": 0, "failed": 0})
        fault, _, happens = text.partition(": ")
        verdict = "did" if counts["passed"] and not counts["failed"] else "**did not**"
        lines.append(f"| {fault} | {happens.rstrip('.')} | `{name}` | {sum(counts.values())} | {verdict} |")
    return [*lines, ""]


def kills_section(kills: dict) -> list[str]:
    """The campaign of kills."""
    lines = ["## Killed at random moments", "", f"`{kills['command']}`, {kills['date']}, {kills['seconds']} s."]
    lines += ["Half of the runs found older output files. After each, every output was whole, the old one or the new;"]
    lines += ["after SIGINT and SIGTERM no temporary file was left.", ""]
    lines += ["| signal and exit code (negative: ended by the signal itself) | runs |", "|---|---|"]
    return [*lines, *(f"| {key} | {count} |" for key, count in sorted(kills["ended"].items())), ""]


def fuzzing_section(fuzzing: dict) -> list[str]:
    """All campaigns in a table, then the outcomes of each."""
    lines = ["## Bad bytes", "", "An input is accepted, or refused with a NanoBraggError of one line. A finding is any"]
    lines += ["other exception, a crash, a warning of NumPy, an input that takes more than a second (the command:"]
    lines += ["20 s) or more memory than its file justifies, or a write to a file that was not named. \"Guided\":"]
    lines += ["atheris chose the inputs by the code that they reach.", ""]
    lines += ["| what | inputs | accepted | refused | findings | slowest | rate | date | seed |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    for name, result in fuzzing.items():
        refused = sum(n for key, n in result["outcomes"].items() if key.startswith("refused"))
        findings = len(result["findings"])
        accepted = result["count"] - refused - findings
        rate = result["count"] / max(result["seconds"], 1e-9)
        lines.append(
            f"| {name} | {result['count']} | {accepted} | {refused} | {findings} | {result['slowest_s']} s "
            f"| {rate:.0f}/s | {result['date']} | {result['seed']} |"
        )
    for name, result in fuzzing.items():
        lines += ["", f"### {name}", "", f"`{result['command']}`", "", "| outcome | inputs |", "|---|---|"]
        shown = condensed(result["outcomes"])
        lines += [f"| {key.replace('|', '/')} | {count} |" for key, count in shown.items()]
    return [*lines, ""]


def document(record: dict) -> str:
    """The whole page."""
    lines = [HEAD]
    if record["tests"]:
        lines += tests_section(record["tests"])
    if record["kills"]:
        lines += kills_section(record["kills"])
    if record["fuzzing"]:
        lines += fuzzing_section(record["fuzzing"])
    return "\n".join([*lines, FOUND]).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--document", action="store_true", help="write the document from what is recorded")
    if not parser.parse_args().document:
        run_tests()
    DOCUMENT.write_text(document(load()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
