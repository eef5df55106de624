"""Pair the tokens of two trace logs in order, and find the first that differs."""

from __future__ import annotations

import math
import struct
from bisect import bisect_left
from dataclasses import dataclass, field

from nanobragg_numba.errors import FormatError
from nanobragg_numba.trace.owners import owner
from nanobragg_numba.trace.parse import CANNOT_COMPARE, Entry, Log, Value
from nanobragg_numba.trace.tokens import BY_KEY, Token

Pair = tuple[Entry | None, Entry | None]


@dataclass(frozen=True)
class Tolerance:
    """When two numbers count as equal: |a - b| <= atol + rtol*max(|a|, |b|).

    With both zero they must be equal once written with 15 digits; -0 equals 0.
    """

    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True)
class NumberDifference:
    """How far two values stand apart.

    Attributes
    ----------
    index : int
        Which value of the token, from 0.
    label : str
        Its label, if it has one.
    a, b : number or text, None where the token has too few
    difference, relative : float or None
        a - b, and that over the larger size; None for text.
    ulps : int or None
        Representable doubles between them; None for text, infinities and not-a-numbers.
    """

    index: int
    label: str
    a: Value | None
    b: Value | None
    difference: float | None
    relative: float | None
    ulps: int | None


@dataclass(frozen=True)
class Divergence:
    """The first place where two logs part.

    Attributes
    ----------
    key : str
        Token.
    a, b : Entry or None
        None where the token stands on the other side only.
    occurrence_a, occurrence_b : int
        How often the token has come up to there, this time included.
    differences : tuple of NumberDifference
        All values of the token that differ.
    """

    key: str
    a: Entry | None
    b: Entry | None
    occurrence_a: int
    occurrence_b: int
    differences: tuple[NumberDifference, ...]

    @property
    def token(self) -> Token | None:
        """The token's row in the table; None for one that is not in it."""
        return BY_KEY.get(self.key)

    @property
    def level(self) -> str:
        """The loops that the token stands in."""
        return self.token.level if self.token else "unknown: not in the token table"

    @property
    def owner(self) -> str:
        """Function and line that make the token's number."""
        return str(owner(self.token)) if self.token else "unknown: not in the token table"


@dataclass
class Comparison:
    """What came out: how many tokens agreed, differed and stood on one side, and the first."""

    agreed: int = 0
    differed: int = 0
    only_a: int = 0
    only_b: int = 0
    first: Divergence | None = None
    differing_keys: dict[str, int] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """No token differs or stands alone."""
        return self.first is None


def compare(
    a: Log, b: Log, tolerance: Tolerance = Tolerance(), partial: bool = False
) -> Comparison:
    """Compare two logs token by token.

    Parameters
    ----------
    a, b : Log
    tolerance : Tolerance
    partial : bool
        Compare what is there even if a log is cut off.

    Returns
    -------
    Comparison

    Raises
    ------
    FormatError
        With exit code 2, if a log is cut off, or they trace different pixels.
    """
    _require_comparable(a, b, partial)
    result = Comparison()
    seen_a: dict[str, int] = {}
    seen_b: dict[str, int] = {}
    for left, right in align(a.entries, b.entries):
        for entry, seen in ((left, seen_a), (right, seen_b)):
            if entry:
                seen[entry.key] = seen.get(entry.key, 0) + 1
        differences = _differences(left, right, tolerance) if left and right else ()
        if left and right and not differences:
            result.agreed += 1
            continue
        _count(result, left, right)
        if result.first is None:
            key = (left or right).key  # type: ignore[union-attr]  # align gives one at least
            counts = seen_a.get(key, 0), seen_b.get(key, 0)
            result.first = Divergence(key, left, right, *counts, differences)
    return result


def _require_comparable(a: Log, b: Log, partial: bool) -> None:
    for log in (a, b):
        reason = "" if partial else log.cut_off()
        if reason:
            raise FormatError(
                f"{log.name} is cut off: {reason}; trace it again, "
                "or compare what is there with --partial",
                CANNOT_COMPARE,
            )
    if a.pixels and b.pixels and a.pixels != b.pixels:
        raise FormatError(
            f"the logs trace different pixels: {_pixel_text(a)} in {a.name}, "
            f"{_pixel_text(b)} in {b.name} (slow, fast); trace the same one in both",
            CANNOT_COMPARE,
        )


def _pixel_text(log: Log) -> str:
    return " ".join(f"({slow}, {fast})" for slow, fast in log.pixels)


def _count(result: Comparison, left: Entry | None, right: Entry | None) -> None:
    if left and right:
        result.differed += 1
        result.differing_keys[left.key] = result.differing_keys.get(left.key, 0) + 1
    elif left:
        result.only_a += 1
    else:
        result.only_b += 1


def align(a: tuple[Entry, ...], b: tuple[Entry, ...]) -> list[Pair]:
    """Pair entries of the same name in order; what has no partner stands alone.

    Where the names part, the nearest place where both agree again is taken: the one that leaves
    the fewest entries alone.

    Parameters
    ----------
    a, b : tuple of Entry

    Returns
    -------
    list of (Entry or None, Entry or None)
    """
    places: dict[str, list[int]] = {}
    for j, entry in enumerate(b):
        places.setdefault(entry.key, []).append(j)
    pairs: list[Pair] = []
    i = j = 0
    while i < len(a) and j < len(b):
        if a[i].key != b[j].key:
            skip_a, skip_b = _resynchronize(a, b, i, j, places)
            pairs += [(entry, None) for entry in a[i : i + skip_a]]
            pairs += [(None, entry) for entry in b[j : j + skip_b]]
            i, j = i + skip_a, j + skip_b
        else:
            pairs.append((a[i], b[j]))
            i, j = i + 1, j + 1
    pairs += [(entry, None) for entry in a[i:]]
    pairs += [(None, entry) for entry in b[j:]]
    return pairs


def _resynchronize(
    a: tuple[Entry, ...], b: tuple[Entry, ...], i: int, j: int, places: dict[str, list[int]]
) -> tuple[int, int]:
    """Return how many entries of each side to pass over until the names agree again."""
    best = (len(a) - i, len(b) - j)
    for skip_a in range(len(a) - i):
        if skip_a >= sum(best):
            break
        where = places.get(a[i + skip_a].key, [])
        found = bisect_left(where, j)
        if found < len(where) and skip_a + where[found] - j < sum(best):
            best = (skip_a, where[found] - j)
    return best


def _differences(a: Entry, b: Entry, tolerance: Tolerance) -> tuple[NumberDifference, ...]:
    found = []
    for index in range(max(len(a.values), len(b.values))):
        left, right = _at(a.values, index), _at(b.values, index)
        label, other = _at(a.fields, index) or "", _at(b.fields, index) or ""
        relabelled = bool(label and other) and label != other
        if relabelled or not _equal(left, right, tolerance):
            found.append(NumberDifference(index, label, left, right, *_distance(left, right)))
    return tuple(found)


def _at(items: tuple, index: int):
    return items[index] if index < len(items) else None


def _equal(a: Value | None, b: Value | None, tolerance: Tolerance) -> bool:
    if not (isinstance(a, float) and isinstance(b, float)):
        return a == b
    if a == b or (math.isnan(a) and math.isnan(b)):
        return True
    if tolerance.rtol == 0.0 and tolerance.atol == 0.0:
        return f"{a:.15g}" == f"{b:.15g}"
    if not (math.isfinite(a) and math.isfinite(b)):
        return False
    return abs(a - b) <= tolerance.atol + tolerance.rtol * max(abs(a), abs(b))


def _distance(a: Value | None, b: Value | None) -> tuple[float | None, float | None, int | None]:
    if not (isinstance(a, float) and isinstance(b, float)):
        return None, None, None
    difference = a - b
    size = max(abs(a), abs(b))
    relative = abs(difference) / size if size > 0.0 else 0.0
    return difference, relative, ulps_between(a, b)


def ulps_between(a: float, b: float) -> int | None:
    """Count the steps from one double to the other.

    Parameters
    ----------
    a, b : float

    Returns
    -------
    int or None
        0 for 0 and -0; None if either is infinite or not a number.
    """
    if not (math.isfinite(a) and math.isfinite(b)):
        return None
    return abs(_rank(a) - _rank(b))


def _rank(value: float) -> int:
    """Return the number of a double on the scale of all doubles, 0 for either zero."""
    bits = struct.unpack("<q", struct.pack("<d", value))[0]
    return bits if bits >= 0 else -(bits + (1 << 63))
