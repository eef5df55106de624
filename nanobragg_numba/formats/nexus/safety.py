"""What an HDF5 file may hold before anything of it is read: no way out of it, and no more than it can have inside.

A few kilobytes can declare an array of terabytes, and links and arrays can name other files of the reader's machine.
HDF5 itself crashes on some damaged types of lists and records, so values are numbers and text, or are not read.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from nanobragg_numba.io.extras import extra
from nanobragg_numba.io.inputs import Path

_FREE = 1 << 20
_RATIO = 4096
"""Bytes of an array for each byte of the file: beyond what its filters reach."""
_MOST = 100_000


def check_contents(file: Any, path: Path) -> None:
    """Walk through all links of a file.

    Parameters
    ----------
    file : h5py.File
    path : path
        Of the file.

    Raises
    ------
    ValueError
        A link or an array leads to another file; an array, or a piece of it, is declared larger than it can be.
    """
    h5py = extra("h5py", f"reading {path}")
    allowed = max(_FREE, _RATIO * os.path.getsize(path))
    todo, seen, links = [file], set(), 0
    while todo:
        group = todo.pop()
        for name in group:
            links += 1
            if links > _MOST:
                raise ValueError(f"it has more than {_MOST} links")
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                raise ValueError(f"{name} is a link to another file, {link.filename}, which is not followed")
            if not isinstance(link, h5py.HardLink):
                continue  # within the file, so the end of it is seen elsewhere
            found = group[name]
            place = h5py.h5o.get_info(found.id).addr
            if place in seen:
                continue
            seen.add(place)
            if isinstance(found, h5py.Group):
                todo.append(found)
            elif isinstance(found, h5py.Dataset):
                _check_array(found, name, allowed)


def value(dataset: Any, index: Any = ()) -> Any:
    """What an array holds, or a part of it.

    Parameters
    ----------
    dataset : h5py.Dataset
    index : int or tuple
        Which part; () is all of it.

    Raises
    ------
    ValueError
        It holds something else than numbers and text.
    """
    _check_type(dataset.id.get_type(), dataset.name)
    return dataset[index]


def attribute(owner: Any, name: str, default: str | None = None) -> Any:
    """What an attribute holds.

    Parameters
    ----------
    owner : h5py.Dataset or h5py.Group
        What has the attribute.
    name : str
        Of the attribute.
    default : str, optional
        For an attribute that is not there.

    Raises
    ------
    ValueError
        It holds something else than numbers and text.
    LookupError
        It is not there, and there is no default.
    """
    if default is not None and name not in owner.attrs:
        return default
    _check_type(owner.attrs.get_id(name).get_type(), f"{owner.name}@{name}")
    return owner.attrs[name]


def _check_type(kind: Any, name: str) -> None:
    h5t = extra("h5py", "reading NeXus files").h5t
    if kind.get_class() not in (h5t.INTEGER, h5t.FLOAT, h5t.STRING, h5t.ENUM):
        raise ValueError(f"{name} holds neither numbers nor text")


def _check_array(found: Any, name: str, allowed: int) -> None:
    if found.is_virtual or found.external:
        raise ValueError(f"{name} is made of other files, which are not read")
    item = found.dtype.itemsize
    pieces = [found.shape or (), found.chunks or ()]
    if max(item * int(np.prod([int(size) for size in piece], dtype=object)) for piece in pieces) > allowed:
        shape = " x ".join(map(str, found.shape))
        raise ValueError(f"{name} is declared as {shape} values of {item} bytes, which this file cannot hold")
