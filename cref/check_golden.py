"""Run a build of cref over the golden cases and traces and compare everything it leaves."""

import argparse
import filecmp
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BANNERS = (
    "nanoBragg ", "nanobragg_ref ", "nonBragg ", "nonbragg_ref ", "noisify - ", "noisify ", "noisify_ref ", "mmap(",
)  # fmt: skip
NEGATIVE_ZERO = re.compile(r"(?<![\w.])-0(?![\w.])")


def comparable_text(text: str) -> list[str]:
    """Standard output without the banners and the memory addresses of mmap."""
    return [line for line in text.splitlines() if not line.startswith(BANNERS)]


def trace_lines(text: str) -> list[str]:
    """The lines of a trace, with -0 written as 0."""
    return [NEGATIVE_ZERO.sub("0", line) for line in text.splitlines() if line.startswith(("TRACE_", "DETECTOR_"))]


def run(program: Path, arguments: list[str], folder: Path, timeout: float) -> tuple[str, str]:
    """Standard output of one command, and what was wrong with it."""
    done = subprocess.run([str(program), *arguments], cwd=folder, capture_output=True, timeout=timeout, check=False)
    text = done.stdout.decode()
    if done.returncode != 0:
        return text, f"exit status {done.returncode}: {done.stderr.decode().strip()[-2000:]}"
    return text, ""


def new_folder(golden: Path, parent: str) -> Path:
    """An empty folder with a writable copy of the inputs."""
    folder = Path(tempfile.mkdtemp(dir=parent))
    shutil.copytree(golden / "inputs", folder / "inputs")
    return folder


def first_difference(ours: list[str], theirs: list[str]) -> str:
    """The first line that is not the same, or nothing."""
    for number, (left, right) in enumerate(zip(ours, theirs), 1):
        if left != right:
            return f"line {number}: {left!r}, golden {right!r}"
    if len(ours) != len(theirs):
        return f"{len(ours)} lines, golden {len(theirs)}"
    return ""


def check_case(program: Path, golden: Path, name: str, timeout: float = 300) -> list[str]:
    """What differs between a case and the run of its commands: files, text, extra files."""
    case = golden / "cases" / name
    with tempfile.TemporaryDirectory() as parent:
        folder = new_folder(golden, parent)
        text, problem = "", ""
        for line in (case / "args").read_text().splitlines():
            text, problem = run(program, shlex.split(line), folder, timeout)
            if problem:
                return [problem]
        problems = []
        difference = first_difference(comparable_text(text), comparable_text((case / "stdout.txt").read_text()))
        if difference:
            problems.append(f"stdout: {difference}")
        expected = {path.name for path in case.iterdir()} - {"args", "stdout.txt"}
        found = {path.name for path in folder.iterdir()} - {"inputs"}
        for file in sorted(expected):
            if file not in found:
                problems.append(f"{file} is missing")
            elif not filecmp.cmp(folder / file, case / file, shallow=False):
                problems.append(f"{file} differs")
        # the dump follows every -hkl and was kept in some cases only
        problems += [f"{file} is not expected" for file in found - expected - {"Fdump.bin"}]
        return problems


def trace_pixels(golden: Path, name: str) -> list[tuple[int, int]]:
    """The traced pixels of a case, as (slow, fast)."""
    found = []
    for log in sorted((golden / "traces" / name).glob("pixel_*.log")):
        _, slow, fast = log.stem.split("_")
        found.append((int(slow), int(fast)))
    return found


def check_trace(program: Path, golden: Path, name: str, slow: int, fast: int, timeout: float = 300) -> list[str]:
    """What differs between a golden trace and ours. Large images are cut to the one pixel."""
    case = golden / "traces" / name
    arguments = shlex.split((case / "args").read_text())
    arguments += ["-trace_pixel", str(slow), str(fast), "-nonoise", "-nopgm"]
    if "4096" in name:
        arguments += ["-roi", str(fast), str(fast), str(slow), str(slow)]
    with tempfile.TemporaryDirectory() as parent:
        text, problem = run(program, arguments, new_folder(golden, parent), timeout)
    if problem:
        return [problem]
    log = (case / f"pixel_{slow}_{fast}.log").read_text()
    difference = first_difference(trace_lines(text), trace_lines(log))
    return [f"trace: {difference}"] if difference else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, default=HERE / "nanobragg_ref")
    parser.add_argument("--golden", type=Path, default=HERE.parent / "tests" / "golden" / "nanobragg")
    parser.add_argument("--only", default="", help="cases and traces whose names contain this")
    options = parser.parse_args()
    program, golden = options.program.resolve(), options.golden.resolve()
    failures = checks = 0
    for kind in ("cases", "traces"):
        for case in sorted((golden / kind).glob("*")):
            if options.only not in case.name:
                continue
            if kind == "cases":
                results = [(case.name, check_case(program, golden, case.name))]
            else:
                results = [
                    (f"{case.name} pixel {s} {f}", check_trace(program, golden, case.name, s, f))
                    for s, f in trace_pixels(golden, case.name)
                ]
            for label, problems in results:
                checks += 1
                failures += bool(problems)
                for problem in problems:
                    print(f"{kind[:-1]} {label}: {problem}", flush=True)
    print(f"{checks} checks, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
