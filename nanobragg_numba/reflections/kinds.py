"""What kind of structure factor source a file is: told by its name, and where that is not enough by its text."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

from nanobragg_numba.errors import FormatError
from nanobragg_numba.io.inputs import Path, open_input, read_at_most

LIST, COORDINATES, MTZ, CIF_REFLECTIONS, FCF = "list", "coordinates", "mtz", "cif reflections", "fcf"

_PDB = (".pdb", ".ent")
_CIF = (".cif", ".mmcif")
_LOOK = 1 << 22
_NUMBERS = re.compile(rb"\s*(?:#[^\n]*\n\s*)*(?:[-+]?\d+\s+){3}[-+]?[\d.]")  # each text in one way: it cannot go astray
_CIF_DATA = re.compile(rb"^_(refln\.|refln_index_h|atom_site[._])", re.MULTILINE)


def kind_of(path: Path) -> str:
    """LIST, COORDINATES, MTZ, CIF_REFLECTIONS or FCF.

    What is not named `.pdb`, `.ent`, `.cif`, `.mmcif`, `.fcf` or `.mtz` (`.gz` may follow) is a list, and so is a file
    of such a name that begins with four numbers: a list that worked before goes on working.

    Raises
    ------
    FormatError
        A file whose name is not enough cannot be read.
    """
    name = os.fspath(path).lower()
    packed = name.endswith(".gz")
    suffix = os.path.splitext(name[:-3] if packed else name)[1]
    if suffix not in (*_PDB, *_CIF, ".mtz", ".fcf"):
        return LIST
    text = _beginning(path, packed)
    if text.startswith(b"MTZ "):
        return MTZ
    if _NUMBERS.match(text):
        return LIST
    if suffix == ".fcf":
        return FCF
    if suffix in _CIF:
        found = _CIF_DATA.search(text)
        if found and found[1] == b"refln_index_h":
            return FCF
        return CIF_REFLECTIONS if found and found[1] == b"refln." else COORDINATES
    return MTZ if suffix == ".mtz" else COORDINATES


def _beginning(path: Path, packed: bool) -> bytes:
    with open_input(path, "structure factor file") as file:
        if not packed:
            return read_at_most(file, _LOOK)
        import gzip  # seldom needed, and every run imports this file

        try:
            return gzip.GzipFile(fileobj=file).read(_LOOK)
        except (OSError, EOFError):
            return b""  # its reader says what is wrong with it


@contextlib.contextmanager
def gemmi_errors_translated(path: Path, what: str) -> Iterator[None]:
    """Turn whatever gemmi objects to in a file into a FormatError.

    Parameters
    ----------
    what : str
        What the file is to the user, such as "coordinate file".
    """
    try:
        yield
    except MemoryError as error:
        raise FormatError(f"{path}: not enough memory for this {what}; is it damaged?") from error
    except (RuntimeError, ValueError, IndexError) as error:
        raise FormatError(f"{path}: not a {what} that can be read: {error}") from error
