"""Tables of the defects of a C program: what each does, and what `-fix NAME` computes instead.

They are reproduced unless fixed, because the promise is the same bytes. Of such a table are made `-fix list`, the
warnings on standard error, the help and the pages of the docs. Only the standard library is imported, because the
manual pages are built from it before the package is installed.
"""

from collections.abc import Iterable, Sequence

from nanobragg_numba.errors import OptionError
from nanobragg_numba.records import dataclass


@dataclass(frozen=True)
class Defect:
    """One defect.

    Attributes
    ----------
    name : str
        As -fix takes it.
    does : str
        What the C program does to the image: a clause without a full stop.
    fixed : str
        What is computed with the fix.
    when : str
        When a run triggers it, that is: when it is named on standard error.
    """

    name: str
    does: str
    fixed: str
    when: str


@dataclass(frozen=True)
class DefectTable:
    """All defects of a program."""

    defects: tuple[Defect, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(defect.name for defect in self.defects)

    def in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """Names without repeats, in the order of the table."""
        wanted = set(names)
        return tuple(name for name in self.names if name in wanted)

    def sentences(self, names: Iterable[str]) -> list[str]:
        """What standard error says of the defects that a run triggers, a line each."""
        wanted = set(names)
        return [
            f"{d.name}: {d.does} (as in the C program; mended by -fix {d.name})"
            for d in self.defects if d.name in wanted
        ]  # fmt: skip

    def listing(self) -> str:
        """What `-fix list` prints."""
        from textwrap import fill

        blocks = []
        for defect in self.defects:
            blocks.append(defect.name)
            for head, text in (("  C:    ", defect.does), ("  -fix: ", defect.fixed)):
                wrapped = fill(text, 100, initial_indent=head, subsequent_indent=" " * 8, break_on_hyphens=False)
                blocks.append(wrapped)
        return "\n".join(blocks) + "\n"

    def sections(self) -> list[str]:
        """Lines of a page of the docs, a section for each."""
        from textwrap import fill

        lines = []
        for defect in self.defects:
            lines += ["", f"## {defect.name}", ""]
            for head, text in (("In C", defect.does), ("Fixed", defect.fixed), ("Named when", defect.when)):
                lines.append(fill(f"- {head}: {text}.", 112, subsequent_indent="  ", break_on_hyphens=False))
        return lines

    def requested(self, argv: Sequence[str]) -> tuple[frozenset[str], bool]:
        """Names that -fix gives, and whether it asks for the list of them: looked for before all other options.

        Raises
        ------
        OptionError
            A name that is not in the table.
        """
        words = [
            word.strip() for argument, value in zip(argv, argv[1:]) if argument == "-fix" for word in value.split(",")
        ]
        for word in words:
            if word not in (*self.names, "all", "list"):
                known = " ".join(self.names)
                raise OptionError(f"-fix does not know {word!r}; it takes all, list, or some of {known}")
        return frozenset(self.names if "all" in words else words) - {"list"}, "list" in words
