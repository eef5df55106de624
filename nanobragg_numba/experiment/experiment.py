"""One experiment: everything that decides an image, in SI units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from nanobragg_numba import records
from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Beam, Sources, Steps
from nanobragg_numba.experiment.changes import checked, misset_arguments
from nanobragg_numba.experiment.crystal import Crystal, Mosaic, StructureFactors
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector, Roi
from nanobragg_numba.experiment.sampling import Outputs, RunSettings, Sampling
from nanobragg_numba.records import dataclass, field


class Origin(Protocol):
    """What an experiment was made from: it resolves it again."""

    def with_options(self, args: str | Sequence[str]) -> Experiment:
        """The experiment of the same arguments and these behind them."""

    def replacing(self, changes: dict[str, Any]) -> Origin:
        """The origin of an experiment some of whose free fields were replaced."""


@dataclass(frozen=True)
class Experiment:
    """A resolved experiment: no file is read and no default applied any more.

    Attributes
    ----------
    beam, sources, detector, crystal, mosaic, structure_factors, sampling, run, outputs, defects
        See the classes of the same names. Lengths in metres, angles in radians.
    origin : Origin or None
        The arguments that it was made from and what its files said; None where a program resolved it for itself.
    """

    beam: Beam
    sources: Sources
    detector: Detector
    crystal: Crystal
    mosaic: Mosaic
    structure_factors: StructureFactors
    sampling: Sampling
    run: RunSettings
    outputs: Outputs
    defects: Defects = Defects()
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def with_options(self, args: str | Sequence[str]) -> Experiment:
        """Resolve the experiment again with more options; everything that depends on them follows.

        Parameters
        ----------
        args : str or sequence of str
            nanoBragg's options, which win over the same ones that were given before. No file is read that was read
            before, except coordinates when `-sf_dmin` changes. What `replace` has changed stays so, unless an option
            says otherwise.

        Raises
        ------
        NanoBraggError
            Anything that is wrong with them; an option that has no effect beside another one; an experiment that
            does not know its arguments (those of `simulate` and `experiment_from` do).
        """
        if self.origin is None:
            raise ExperimentError("this experiment does not know its arguments: make it with experiment_from")
        return self.origin.with_options(args)

    def replace(self, **changes: Any) -> Experiment:
        """Return a copy with new values of fields that nothing else was derived from; `with_options` does the rest.

        Parameters
        ----------
        **changes
            New values by field name, in the units of the field: `fluence=1e28`, `shape="gauss"`, `phi0=0.1`. The
            names are those of `experiment.changes.FREE`. `misset=(x, y, z)`, degrees, turns the crystal from its
            standard setting or that of its matrix, as `-misset` does.

        Raises
        ------
        ExperimentError
            A value that cannot be; a name that no part has; a field that others were derived from, with the option
            that decides it.
        """
        if "misset" in changes:
            turned = self.with_options(misset_arguments(changes.pop("misset")))
            return turned.replace(**changes)
        made = {name: checked(name, value, parts_of(self)) for name, value in changes.items()}
        if "kahn" in made and made.get("nopolar", self.beam.nopolar):
            raise ExperimentError("kahn has no effect beside nopolar=True: replace nopolar=False, too")
        derived = {}
        if "fluence" in made and self.beam.exposure > 0.0:
            derived["flux"] = made["fluence"] / self.beam.exposure * self.beam.beamsize * self.beam.beamsize
        if "adc" in made:
            derived["adc_asked"] = True
        changed = self
        for name, value in (made | derived).items():  # the flux says the same photons in other words
            changed = _replaced(changed, name, value)
        return records.replace(changed, origin=self.origin and self.origin.replacing(made))

    def __str__(self) -> str:
        return "\n".join(_lines(self, ""))


def _is_part(value: Any) -> bool:
    return records.is_record(value) and not isinstance(value, Steps | Roi)


def _fields(record: Any) -> dict[str, Any]:
    """Names and values of a record, less where an experiment comes from."""
    return {name: getattr(record, name) for name in records.field_names(record) if name != "origin"}


def parts_of(record: Any) -> tuple[str, ...]:
    """Names of all records that a record is made of."""
    names: list[str] = []
    for name, value in _fields(record).items():
        names += [name, *parts_of(value)] if _is_part(value) else []
    return tuple(names)


def fields_of(record: Any) -> tuple[str, ...]:
    """Names of all values in a record and its parts."""
    names: list[str] = []
    for name, value in _fields(record).items():
        names += fields_of(value) if _is_part(value) else [name]
    return tuple(names)


def _replaced(record: Any, name: str, value: Any) -> Any:
    """A copy of a record with a new value for a field of its own, or of the first part that has one of this name."""
    parts = _fields(record)
    if name not in parts:
        owner = next(each for each, part in parts.items() if _is_part(part) and name in fields_of(part))
        name, value = owner, _replaced(parts[owner], name, value)
    return records.replace(record, **{name: value})


def _lines(record: Any, indent: str) -> list[str]:
    """Names and values of a record, those of its parts below their names; how a panel came to its place is left out."""
    lines = []
    for name, value in _fields(record).items():
        if name == "placement":
            continue
        if _is_part(value):
            lines += [f"{indent}{name}:", *_lines(value, f"{indent}  ")]
            continue
        if hasattr(value, "shape"):
            value = f"{value.dtype} array {value.shape}"
        lines.append(f"{indent}{name} = {value}")
    return lines
