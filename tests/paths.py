"""Where the reference files of the tests lie."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent
EXAMPLES = TESTS.parent / "examples"
GOLDEN = TESTS / "golden"
"""What the C program wrote: cases/NAME, inputs, traces/NAME, large.json."""
