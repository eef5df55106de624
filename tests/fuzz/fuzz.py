"""Feed millions of damaged inputs to every reader and to the argument list.

python tests/fuzz/fuzz.py --reader hkl --count 1000000 --seed 1     one of them
python tests/fuzz/fuzz.py --all --count 1000000 --record            all, one after the other, into docs/faults.json
python tests/fuzz/fuzz.py --reader hkl --count 1000000 --guided     guided by coverage (pip install atheris)
python tests/fuzz/fuzz.py --reader hkl --seed 1 --block 37          one block of a campaign again

An input is either accepted or refused by a NanoBraggError of one line. A finding is any other exception, a crash,
a warning of NumPy, an input that takes more processor time than its limit or more memory than its file justifies, and
a write to a file that was not named. Findings are kept in a folder and make the exit code 1.
"""

import argparse
import json
import os
import random
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

BLOCK = 1000
STUCK_S = 1200.0
"""A worker that finishes no block in this time is ended; what it was given last is the finding."""

_QUOTED = re.compile(r"'[^']*'|\".*\"|'.*'$", re.DOTALL)
_OPTION = re.compile(r"^-+\S* (?=needs|cannot)")
_TOKEN = re.compile(r"with \S+, before")
_NUMBER = re.compile(r"-?\d[\d.]*(?:e[-+]?\d+)?|-?\binf\b|-?\bnan\b")


class TooSlow(BaseException):
    """An input took more processor time than its limit."""


def message_kind(message: str) -> str:
    """A message without what differs from input to input."""
    message = _TOKEN.sub("with TOKEN, before", _OPTION.sub("OPTION ", message))
    return _NUMBER.sub("N", _QUOTED.sub("'...'", message))[:110]


def _place(error: BaseException) -> str:
    """Where an exception came from."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace else ""


class Judge:
    """Runs a target on one input at a time and counts what becomes of them."""

    def __init__(self, name: str, keep: Path, spare: int = 0) -> None:
        from fuzz_targets import TARGETS, WriteWatch

        from nanobragg_numba.errors import NanoBraggError

        warnings.simplefilter("error", RuntimeWarning)  # NumPy's would stand among the user's messages
        self.target = TARGETS[name]()
        self._refusal = NanoBraggError
        self.outcomes: Counter[str] = Counter()
        self.findings: list[dict[str, str]] = []
        self.slowest = 0.0
        self._keep = keep
        keep.mkdir(parents=True, exist_ok=True)
        self._watch = WriteWatch()
        self._watch.forks = getattr(self.target, "processes", False)
        if name == "command":
            from nanobragg_numba.kernels.jit import cache_folder

            self._watch.cache = cache_folder()[0]
        signal.signal(signal.SIGPROF, self._too_slow)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + self.target.memory + spare,) * 2)

    def _too_slow(self, number: int, frame: object) -> None:
        raise TooSlow

    def judge(self, item) -> None:  # type: ignore[no-untyped-def]
        """Feed one input."""
        watch = self._watch
        self.target.prepare(item)
        watch.allowed = self.target.allowed(item)
        began = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, self.target.limit_s)
        watch.active = True
        try:
            self.outcomes[self.target.run(item)] += 1
        except self._refusal as error:
            self._refused(str(error), item)
        except TooSlow:
            self._found(f"took longer than {self.target.limit_s} s", item)
        except BaseException as error:
            self._found(f"{type(error).__name__}: {error} {_place(error)}", item)
        finally:
            watch.active = False
            signal.setitimer(signal.ITIMER_PROF, 0.0)
        self.slowest = max(self.slowest, time.process_time() - began)
        self._tidy(item)
        if watch.breaches:
            self._found(f"wrote where it must not: {watch.breaches}", item)
            watch.breaches = []

    def _tidy(self, item) -> None:  # type: ignore[no-untyped-def]
        try:
            self.target.clean(item)
        except AssertionError as error:
            self._found(str(error), item)

    def _refused(self, message: str, item) -> None:  # type: ignore[no-untyped-def]
        if len(message.splitlines()) != 1 or len(message) > 12000:
            self._found(f"not one line of bearable length: {message[:200]!r}", item)
        elif "not enough memory" in message:
            self._found(message, item)
        else:
            self.outcomes["refused: " + message_kind(message)] += 1

    def _found(self, what: str, item) -> None:  # type: ignore[no-untyped-def]
        self._watch.active = False  # what follows is written by us
        self.outcomes["FINDING"] += 1
        kept = f"finding-{os.getpid()}-{len(os.listdir(self._keep))}"
        (self._keep / kept).write_bytes(item if isinstance(item, bytes) else repr(item).encode())
        self.findings.append({"what": what[:300], "input": repr(item)[:200], "kept": kept})


def work(name: str, keep: Path, seed: int, first: int, last: int, size: int) -> None:
    """Run blocks in this process, inside the current folder, and print a line of JSON for each."""
    judge = Judge(name, keep)
    for block in range(first, last):
        rng = random.Random(f"{name} {seed} {block}")
        for _ in range(size):
            item = judge.target.draw(rng)
            judge.judge(item)
        line = {"block": block, "outcomes": judge.outcomes, "findings": judge.findings, "slowest": judge.slowest}
        print(json.dumps(line), file=sys.__stdout__, flush=True)
        judge.outcomes, judge.findings = Counter(), []


def campaign(name: str, seed: int, first: int, last: int, keep: Path, size: int = BLOCK) -> dict:
    """Run blocks of so many inputs in a process of their own; where it dies, the next block goes on."""
    result: dict = {"outcomes": Counter(), "findings": [], "slowest_s": 0.0}
    began = time.perf_counter()
    while first < last:
        with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
            first, complaint = _watch_worker(name, seed, (first, last, size), folder, keep, result)
            if complaint:
                kept = f"{name}-{seed}-{first}"
                result["findings"].append({"what": complaint, "input": f"--block {first}", "kept": kept})
                for given in Path(folder).glob("input.*"):
                    keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(given, keep / kept)
                first += 1
    result["seconds"] = round(time.perf_counter() - began, 1)
    result["outcomes"] = dict(result["outcomes"].most_common())
    return result


def _watch_worker(
    name: str, seed: int, blocks: tuple[int, int, int], folder: str, keep: Path, result: dict
) -> tuple[int, str]:
    """Collect what a worker prints; the block that it did not finish, and why, if it died."""
    arguments = [sys.executable, os.path.abspath(__file__), "--work", folder, "--reader", name, "--seed", str(seed)]
    arguments += ["--blocks", *map(str, blocks), "--keep", str(keep)]
    first = blocks[0]
    worker = subprocess.Popen(arguments, stdout=subprocess.PIPE, env={**os.environ, "NUMBA_NUM_THREADS": "1"})
    assert worker.stdout is not None
    while select.select([worker.stdout], [], [], STUCK_S)[0]:
        line = worker.stdout.readline()
        if not line:
            code = worker.wait()
            return first, "" if code == 0 else f"the process died with {code}"
        report = json.loads(line)
        result["outcomes"].update(report["outcomes"])
        result["findings"] += report["findings"]
        result["slowest_s"] = round(max(result["slowest_s"], report["slowest"]), 3)
        first = report["block"] + 1
    worker.kill()
    worker.wait()
    return first, f"no block was finished in {STUCK_S} s"


def show(name: str, count: int, result: dict) -> None:
    """Print the counts."""
    print(f"{name}: {count} inputs in {result['seconds']} s, the slowest took {result['slowest_s']} s")
    for outcome, times in result["outcomes"].items():
        print(f"{times:9d}  {outcome}")
    for finding in result["findings"][:20]:
        print(f"  FINDING {finding['what']}\n    {finding['input']} ({finding['kept']})")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", help="a reader, arguments or command; see --list")
    parser.add_argument("--list", action="store_true", help="print what can be fuzzed")
    parser.add_argument("--all", action="store_true", help="all of them; the whole command gets a hundredth")
    parser.add_argument("--count", type=int, default=10000, help="inputs, rounded up to whole thousands")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--block", type=int, help="only this block of a thousand inputs")
    parser.add_argument("--guided", action="store_true", help="let atheris choose inputs that reach new code")
    parser.add_argument("--record", action="store_true", help="keep the numbers in docs/faults.json")
    found = Path(tempfile.gettempdir(), "fuzz_findings")
    parser.add_argument("--keep", type=Path, default=found, help=f"folder for inputs that are findings ({found})")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--blocks", type=int, nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        os.chdir(options.work)
        work(options.reader, options.keep, options.seed, *options.blocks)
        return 0
    from fuzz_targets import TARGETS

    if options.list:
        print(*TARGETS)
        return 0
    names = list(TARGETS) if options.all else [options.reader]
    if any(name not in TARGETS for name in names):
        parser.error(f"--reader must be one of {', '.join(TARGETS)}")
    findings = 0
    options.keep = options.keep.absolute()
    for name in names:
        count = options.count // 100 if options.all and name == "command" else options.count
        if options.guided:
            from fuzz_guided import guided_campaign

            result = guided_campaign(name, count, options.seed, options.keep)
        else:
            first = options.block if options.block is not None else 0
            last = first + 1 if options.block is not None else -(-count // BLOCK)
            count = (last - first) * BLOCK
            result = campaign(name, options.seed, first, last, options.keep)
        show(name, count, result)
        findings += len(result["findings"])
        if options.record:
            from fault_table import record_fuzzing

            record_fuzzing(name, options.guided, options.seed, count, result)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
    sys.exit(main())
