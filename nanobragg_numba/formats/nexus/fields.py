"""Groups, fields and transformations of a NeXus file."""

from __future__ import annotations

from typing import Any

import numpy as np

from nanobragg_numba.errors import OptionError
from nanobragg_numba.io.extras import extra

COMPRESSIONS = ("gzip", "bitshuffle", "none")
"""How pixels can be compressed: gzip is read by every program, bitshuffle (with LZ4) is quicker and smaller."""


def compression(kind: str) -> dict[str, Any]:
    """What h5py is told to compress pixels so.

    Raises
    ------
    NanoBraggError
        No such kind, or hdf5plugin is not installed.
    """
    if kind not in COMPRESSIONS:
        raise OptionError(f"-compression {kind}: known are {', '.join(COMPRESSIONS)}")
    if kind == "bitshuffle":
        return dict(extra("hdf5plugin", "-compression bitshuffle").Bitshuffle(cname="lz4"))
    return {"compression": "gzip", "compression_opts": 1, "shuffle": True} if kind == "gzip" else {}


def new_file(target: Any, purpose: str) -> Any:
    """A file to be written, whose bytes depend on nothing but what is put in.

    Without a chunk cache each chunk gets its place when it is written. With one it does when its dataset is closed,
    which may be as late as Python collects garbage.

    Parameters
    ----------
    target : str or binary file
    purpose : str
        For the message where h5py is not installed.

    Raises
    ------
    NanoBraggError
    """
    return extra("h5py", purpose).File(target, "w", rdcc_nbytes=0)


def new_group(parent: Any, name: str, kind: str) -> Any:
    """A group of a NeXus class.

    Parameters
    ----------
    parent : h5py.Group
    name : str
    kind : str
        Its NeXus class, such as NXdetector.
    """
    group = parent.create_group(name)
    group.attrs["NX_class"] = kind
    return group


def new_field(parent: Any, name: str, value: Any, units: str = "", **attributes: Any) -> Any:
    """A field with its unit and attributes.

    Parameters
    ----------
    parent : h5py.Group
    name : str
    value : number, str or array
    units : str
        As NeXus spells them; empty: none.
    **attributes
        Other attributes of the field.
    """
    field = parent.create_dataset(name, data=value)
    if units:
        field.attrs["units"] = units
    for key, content in attributes.items():
        field.attrs[key] = content
    return field


def new_axis(parent: Any, name: str, value: Any, units: str, kind: str, vector: np.ndarray, depends_on: str) -> None:
    """A transformation: along or about a vector, as far as `value` says.

    Parameters
    ----------
    parent : h5py.Group
    name : str
    value : number or (n,) array
        Angles, or distances along the vector, one for each frame or one for all.
    units : str
        Of the value.
    kind : str
        rotation or translation.
    vector : (3,)
        Unit vector in the McStas frame of NeXus.
    depends_on : str
        Path of the axis that carries this one; "." for none.
    """
    new_field(parent, name, value, units, transformation_type=kind, vector=vector, offset=np.zeros(3),
              offset_units="mm", depends_on=depends_on)  # fmt: skip


def once_or_each(values: np.ndarray) -> Any:
    """The one value that all frames have, else one a frame."""
    return values[0] if (values == values[0]).all() else values
