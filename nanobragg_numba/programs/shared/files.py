"""Input files: read when they are asked for, or cached so that an experiment is resolved again without them."""

from collections.abc import Callable
from typing import Any


class Files:
    """Reads every file anew."""

    def read(self, reader: Callable[..., Any], *arguments: Any) -> Any:
        """What a reader makes of its arguments, of which the first is the name of a file."""
        return reader(*arguments)

    def made(self, make: Callable[..., Any], *arguments: Any) -> Any:
        """What is large and made from files: as `read`, but `CachedFiles` remembers only the last of each maker."""
        return make(*arguments)


class CachedFiles(Files):
    """Reads each file once, whatever happens to it afterwards; that a file was absent is remembered, too."""

    def __init__(self) -> None:
        self._read: dict[tuple[Any, ...], Any] = {}
        self._made: dict[Callable[..., Any], tuple[tuple[Any, ...], Any]] = {}

    def read(self, reader: Callable[..., Any], *arguments: Any) -> Any:
        """As `Files.read`; the second time, what came out the first time."""
        key = (reader, *arguments)
        if key not in self._read:
            self._read[key] = reader(*arguments)
        return self._read[key]

    def made(self, make: Callable[..., Any], *arguments: Any) -> Any:
        """As `Files.made`."""
        cached = self._made.get(make)
        if cached is None or cached[0] != arguments:
            cached = self._made[make] = (arguments, make(*arguments))
        return cached[1]


UNCACHED = Files()
"""What the command uses."""
