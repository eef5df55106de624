"""Float images: nothing but native float32 pixels, the slow index outermost."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, known_size, open_input, read_at_most


def write_float_image(file: BinaryIO, image: np.ndarray) -> None:
    """Write an image.

    Parameters
    ----------
    file : binary file
    image : float32 array (slow, fast)
        Photons.
    """
    file.write(np.ascontiguousarray(image, dtype=np.float32).data)


def read_float_image(path: Path, slow: int, fast: int) -> np.ndarray:
    """Read an image; the file does not know its own shape.

    Parameters
    ----------
    path : path
    slow, fast : int
        Pixels along the slow and the fast axis.

    Returns
    -------
    float32 array (slow, fast)

    Raises
    ------
    FormatError
        If the file cannot be read or has another size.
    """
    if slow < 1 or fast < 1:
        raise FormatError(f"{path}: {slow} x {fast} is not a possible image shape")
    needed = 4 * slow * fast
    with open_input(path, "float image") as file:
        size = known_size(file)
        if size is None or size == needed:
            data = read_at_most(file, needed + 1)
            size = len(data)
    if size != needed:
        raise FormatError(
            f"{path}: {slow} x {fast} float pixels take {needed} bytes, but there are {size}"
        )
    return np.frombuffer(data, dtype=np.float32).reshape(slow, fast).copy()
