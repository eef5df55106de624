"""What the names of files end in, where that decides what they are."""

import os

NEXUS = (".nxs", ".h5", ".hdf5", ".nx5")


def suffix_of(name: str | os.PathLike[str]) -> str:
    """What a name ends in, from its last dot on, in small letters; empty where there is none."""
    return os.path.splitext(os.fspath(name))[1].lower()


def is_nexus(name: str | os.PathLike[str]) -> bool:
    """Whether a name is that of a NeXus file."""
    return suffix_of(name) in NEXUS
