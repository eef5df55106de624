"""What was said on nonBragg's command line, in SI units, before any of it is put together."""

from nanobragg_numba.programs.shared.option_values import CommonOptionValues
from nanobragg_numba.records import dataclass, field


@dataclass
class OptionValues(CommonOptionValues):
    """All option values with the defaults of the C program, on top of those that simulations share."""

    sample_x: float = 1e-4
    sample_y: float = 1e-4
    sample_z: float = 1e-4
    density: float = 1.0e6  # g/m^3
    weight: float = 18.0  # g/mol
    molecules: float = 0.0  # 0: by the density
    source_distance: float = 10.0
    Fmap: bool = False
    gain: float = 1.0
    ignored_values: list[float] = field(default_factory=list)
    stolout_file: str = "output.stol"
    stol_factor: float = 1e10  # what makes 1/m of the table's first column
    pgm: bool = True
    compton: bool = False
