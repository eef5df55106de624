"""A short run of the fuzzer on everything, and proof that it notices what it is there for."""

import subprocess
import sys
from pathlib import Path

import fuzz
import pytest
from fuzz_inputs import ODD_NUMBERS, OPTIONS, SMALL_NUMBERS
from fuzz_targets import READERS
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import SUPPORT

from nanobragg_numba.errors import OptionError
from nanobragg_numba.programs.nanobragg.parse import header_files, parse


@pytest.mark.parametrize("name", [*READERS, "arguments", "command"])
def test_no_finding(name, tmp_path):
    size = 100 if name == "command" else 500
    result = fuzz.campaign(name, 20261121, 0, 1, tmp_path, size)
    assert sum(result["outcomes"].values()) == size and not result["findings"]
    assert any(outcome.startswith("refused") for outcome in result["outcomes"])
    assert any(not outcome.startswith("refused") for outcome in result["outcomes"])


PLANTED = """
import sys, time
from pathlib import Path
sys.path[:0] = {tests!r}, {support!r}
import fuzz_targets
from fuzz import Judge
from nanobragg_numba.errors import NanoBraggError

class Refusal(NanoBraggError):
    def __str__(self):
        return "first line\\nsecond line"

def hang():
    while True:
        pass

FAULTS = {{
    "other exception": lambda: 1 / 0,
    "hang": hang,
    "memory": lambda: bytearray(1 << 30),
    "write": lambda: open("elsewhere", "w"),
    "rename": lambda: Path("input.matrix").rename("elsewhere"),
    "two lines": lambda: (_ for _ in ()).throw(Refusal("")),
    "nothing": lambda: None,
}}

class Planted(fuzz_targets.ReaderTarget):
    def run(self, item):
        FAULTS[item.decode()]()
        return "accepted"

fuzz_targets.TARGETS["planted"] = lambda: Planted("matrix")
judge = Judge("planted", Path("findings"))
for name in FAULTS:
    judge.judge(name.encode())
for finding in judge.findings:
    print(finding["input"], finding["what"])
print(dict(judge.outcomes))
"""


def test_planted_faults_are_found(tmp_path):
    script = PLANTED.format(tests=str(Path(fuzz.__file__).parent), support=str(SUPPORT))
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    *found, outcomes = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    joined = "\n".join(found)
    for fault, words in (
        ("other exception", "ZeroDivisionError"), ("hang", "took longer"), ("memory", "MemoryError"),
        ("write", "wrote where it must not"), ("rename", "wrote where it must not"), ("two lines", "not one line"),
    ):  # fmt: skip
        assert any(line.startswith(f"b'{fault}'") and words in line for line in found), joined
    assert "'accepted': 1" in outcomes and not any("b'nothing'" in line for line in found)
    assert not (tmp_path / "elsewhere").exists()


def test_a_worker_that_dies_is_a_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzz.sys, "executable", "/bin/false")
    result = fuzz.campaign("matrix", 1, 0, 2, tmp_path)
    assert [finding["what"] for finding in result["findings"]] == ["the process died with 1"] * 2


words = st.sampled_from([text for text, _, _ in OPTIONS]) | st.sampled_from(SMALL_NUMBERS + ODD_NUMBERS) | st.text()


@settings(deadline=None, max_examples=300)
@given(st.lists(words, max_size=12))
def test_any_argument_list_is_read_or_refused(argv):
    header_files(argv)
    try:
        said, _ = parse(argv)
    except OptionError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert said.engine in ("row", "loop")
