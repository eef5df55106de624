"""What several trace tests share: the reference logs, and the sign of zero set aside."""

import re

from paths import GOLDEN

LOGS = sorted((GOLDEN / "traces").glob("*/*.log"))
LOG_IDS = [f"{path.parent.name}-{path.stem}" for path in LOGS]


def unsigned_zeros(lines):
    """Drop the sign of a printed zero, the one licence a trace has."""
    return [re.sub(r"(?<![\w.])-0(?![\w.])", "0", line) for line in lines]
