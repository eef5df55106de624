"""Where the reference files of the tests lie."""

from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
"""What the C program wrote: cases/NAME, inputs, traces/NAME, large.json."""
