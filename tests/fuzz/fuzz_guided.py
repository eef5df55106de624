"""The fuzzer guided by coverage: atheris keeps the inputs that reach new code and goes on from them.

Used by `python tests/fuzz/fuzz.py --reader NAME --guided`; atheris is not needed for anything else.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OUR_SHARE = 0.5
"""How often our mutator, which knows words and numbers, is asked instead of libFuzzer's."""

MARK = "OUTCOME "


def guided_campaign(name: str, count: int, seed: int, keep: Path) -> dict:
    """Run so many inputs in a process of its own.

    Raises
    ------
    SystemExit
        No atheris, or a target that it cannot drive.
    """
    if name == "command":
        raise SystemExit("the whole command is fuzzed without --guided")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        arguments = [sys.executable, os.path.abspath(__file__), name, str(count), str(seed), str(keep)]
        done = subprocess.run(arguments, cwd=folder, capture_output=True)
        lines = [line for line in done.stdout.decode().splitlines() if line.startswith(MARK)]
        if not lines:
            raise SystemExit(f"the guided fuzzer ended with {done.returncode}: {done.stderr.decode()[-2000:]}")
    result = json.loads(lines[-1][len(MARK) :])
    result["seconds"] = round(time.perf_counter() - began, 1)
    return result


def _as_item(name: str, data: bytes):  # type: ignore[no-untyped-def]
    if name != "arguments":
        return data
    return data.decode("utf-8", "surrogateescape").split("\0")


def _seeds(name: str, rng: random.Random) -> list[bytes]:
    from fuzz_inputs import SEEDS, draw_arguments

    if name != "arguments":
        return [seed[:2000] for seed in SEEDS[name]()]
    return ["\0".join(draw_arguments(rng, 5)).encode("utf-8", "surrogateescape") for _ in range(200)]


def run(name: str, count: int, seed: int, keep: Path) -> None:
    """Drive atheris until enough inputs have been judged; it never returns."""
    import atheris

    with atheris.instrument_imports(include=["nanobragg_numba"]):
        from fuzz import Judge
        from fuzz_inputs import spoil_bytes, spoil_tokens
    atheris.enabled_hooks.add("RegEx")
    judge = Judge(name, keep, spare=1 << 30)  # libFuzzer keeps what it found in memory
    rng = random.Random(seed)
    corpus = Path("corpus")
    corpus.mkdir()
    for number, data in enumerate(_seeds(name, rng)):
        (corpus / str(number)).write_bytes(data)
    judged = 0

    def one_input(data: bytes) -> None:
        nonlocal judged
        judge.judge(_as_item(name, data))
        judged += 1
        if judged == count:
            outcomes = dict(judge.outcomes.most_common())
            report = {"outcomes": outcomes, "findings": judge.findings, "slowest_s": round(judge.slowest, 3)}
            print(MARK + json.dumps(report), flush=True)
            os._exit(0)

    def mutate(data: bytes, longest: int, number: int) -> bytes:
        chance = random.Random(number)
        if data and chance.random() < OUR_SHARE:
            spoil = spoil_tokens if chance.random() < 0.5 else spoil_bytes
            return spoil(chance, data)[:longest]
        return atheris.Mutate(data, longest)

    flags = [f"-seed={seed}", "-runs=-1", "-max_len=2000", "-timeout=0", "-rss_limit_mb=0", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *flags, str(corpus)], one_input, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
    run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
