"""What goes to a worker and what comes back: plain values that can be pickled."""

from __future__ import annotations

from dataclasses import dataclass, field

from nanobragg_numba.sweep.plan import Plan


@dataclass(frozen=True)
class Task:
    """Shots to be rendered in one go.

    Attributes
    ----------
    plan : Plan
    folder : str
        Of the sweep, from the root.
    name : str
        Of the stack, without its suffix.
    shots : tuple of (int, list of str)
        Indices and cells.
    threads : int
        For a shot.
    at_once : int
        Shots that are in the making at once, each on so many threads.
    retries : int
        How often a shot that fails is tried again.
    deaths : int
        Workers that died of it.
    sweep : str
        Which of the sweeps of the folder it belongs to; see `still_wanted`.
    """

    plan: Plan
    folder: str
    name: str
    shots: tuple[tuple[int, list[str]], ...]
    threads: int = 1
    at_once: int = 1
    retries: int = 1
    deaths: int = 0
    sweep: str = ""


@dataclass(frozen=True)
class ShotResult:
    """What became of a shot.

    Attributes
    ----------
    shot, attempts : int
    seconds : float
        Of the last attempt.
    digest : str
        SHA-256 of the frame's pixels (little-endian, as in the file), or of each file, with commas.
    message : str
        Why it failed; empty if it is done.
    file : str
        The stack, or what the names of its files begin with; relative to the folder.
    frame : int
        In the stack.
    """

    shot: int
    attempts: int
    seconds: float = 0.0
    digest: str = ""
    message: str = ""
    file: str = ""
    frame: int = 0

    @property
    def done(self) -> bool:
        """Whether it is complete."""
        return not self.message


@dataclass(frozen=True)
class Finished:
    """What became of a task.

    Attributes
    ----------
    shots : list of ShotResult
    files : list of (str, int, str)
        Complete files: names relative to the folder, bytes, SHA-256.
    disk : str
        Why nothing more can be written; then all shots are still pending.
    """

    shots: list[ShotResult] = field(default_factory=list)
    files: list[tuple[str, int, str]] = field(default_factory=list)
    disk: str = ""
