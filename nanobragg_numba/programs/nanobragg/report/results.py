"""Standard output after the loops: statistics and the files written."""

from nanobragg_numba.engine.noise import NoiseImage
from nanobragg_numba.engine.scaling import Statistics, sphere_percentage
from nanobragg_numba.experiment.sampling import Outputs
from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.programs.shared.text import result_lines


def results_report(
    outputs: Outputs, statistics: Statistics, pixels: int, noise: NoiseImage | None
) -> str:
    """Everything that is printed after the loops, with the empty line that ends them.

    Parameters
    ----------
    outputs : Outputs
    statistics : Statistics
    pixels : int
        In the float image.
    noise : NoiseImage or None
        Finished.
    """
    s = statistics
    lines = [
        "",
        c_format(
            "solid angle subtended by detector = %g steradian ( %g%% sphere)", s.solid_angle,
            sphere_percentage(s.solid_angle),
        ),
        *result_lines(outputs, s, pixels, noise),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
