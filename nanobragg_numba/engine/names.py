"""Names of the engines: their only home, for readers of options that must not load one."""

ROW = "row"
"""Vectorized and guarded, with the bytes of the loop."""

LOOP = "loop"
"""The loops one by one, as they stand beside C."""

ENGINES = (ROW, LOOP)
DEFAULT = ROW
