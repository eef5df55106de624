"""Where things lie that several tests use."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TRACES = ROOT / "traces"
PACKAGE = ROOT / "nanobragg_numba"
TESTS = ROOT / "tests"
SUPPORT = TESTS / "support"
EXAMPLES = ROOT / "examples"
GOLDEN = TESTS / "golden" / "nanobragg"
"""What the C program wrote: cases/NAME, inputs, traces/NAME, large.json."""
NOISIFY_GOLDEN = TESTS / "golden" / "noisify"
"""The same of noisify, without traces."""
NONBRAGG_GOLDEN = TESTS / "golden" / "nonbragg"
"""The same of nonBragg, without traces."""
