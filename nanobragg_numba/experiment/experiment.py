"""One experiment: everything that decides an image, in SI units."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Beam, Sources
from nanobragg_numba.experiment.changes import checked, misset_arguments
from nanobragg_numba.experiment.crystal import Crystal, Mosaic, StructureFactors
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector
from nanobragg_numba.experiment.sampling import Outputs, Sampling


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
    beam, sources, detector, crystal, mosaic, structure_factors, sampling, outputs, defects
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
        misset = changes.pop("misset", None)
        if misset is not None:
            return self.with_options(misset_arguments(misset)).replace(**changes)
        parts = {part.name: getattr(self, part.name) for part in self._parts()}
        made = {name: checked(name, value, tuple(parts)) for name, value in changes.items()}
        if "kahn" in made and made.get("nopolar", self.beam.nopolar):
            raise ExperimentError("kahn has no effect beside nopolar=True: replace nopolar=False, too")
        fields: dict[str, dict[str, Any]] = {}
        for name, value in made.items():
            fields.setdefault(self._owner(name), {})[name] = value
        if "fluence" in made and self.beam.exposure > 0.0:
            flux = made["fluence"] / self.beam.exposure * self.beam.beamsize * self.beam.beamsize
            fields["beam"]["flux"] = flux  # the same photons in other words
        parts |= {owner: dataclasses.replace(parts[owner], **new) for owner, new in fields.items()}
        return Experiment(**parts, origin=self.origin and self.origin.replacing(made))

    def _parts(self) -> list[dataclasses.Field[Any]]:
        return [part for part in dataclasses.fields(self) if part.name != "origin"]

    def _owner(self, name: str) -> str:
        return next(
            part.name for part in self._parts()
            if name in {item.name for item in dataclasses.fields(getattr(self, part.name))}
        )  # fmt: skip

    def __str__(self) -> str:
        lines = []
        for part in self._parts():
            lines.append(f"{part.name}:")
            owner = getattr(self, part.name)
            for item in dataclasses.fields(owner):
                if item.name == "placement":
                    continue
                value = getattr(owner, item.name)
                if hasattr(value, "shape"):
                    value = f"{value.dtype} array {value.shape}"
                lines.append(f"  {item.name} = {value}")
        return "\n".join(lines)
