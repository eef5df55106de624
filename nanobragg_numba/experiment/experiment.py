"""One experiment: everything that decides an image, in SI units."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Beam, Sources
from nanobragg_numba.experiment.crystal import Crystal, Mosaic, StructureFactors
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector
from nanobragg_numba.experiment.sampling import Outputs, Sampling


@dataclass(frozen=True)
class Experiment:
    """A resolved experiment: no file is read and no default applied any more.

    Attributes
    ----------
    beam, sources, detector, crystal, mosaic, structure_factors, sampling, outputs, defects
        See the classes of the same names. Lengths in metres, angles in radians.
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

    def replace(self, **changes: Any) -> Experiment:
        """Return a changed copy.

        Parameters
        ----------
        **changes
            New values by field name: a whole part (`beam=...`) or any field of a part (`fluence=1e28`,
            `Na=20.0`). Values that were derived from others at the start (say `pix0` from `distance`) do not
            follow; change them, too.

        Raises
        ------
        ExperimentError
            A name that no part has.
        """
        parts = {part.name: getattr(self, part.name) for part in dataclasses.fields(self)}
        for name, value in changes.items():
            if name in parts:
                parts[name] = value
                continue
            owner = self._owner(name)
            parts[owner] = dataclasses.replace(parts[owner], **{name: value})
        return Experiment(**parts)

    def _owner(self, name: str) -> str:
        for part in dataclasses.fields(self):
            if name in {field.name for field in dataclasses.fields(getattr(self, part.name))}:
                return part.name
        raise ExperimentError(f"no part of an experiment has a field {name!r}")

    def __str__(self) -> str:
        lines = []
        for part in dataclasses.fields(self):
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
