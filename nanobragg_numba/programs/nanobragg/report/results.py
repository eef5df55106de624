"""Standard output after the loops: statistics and the files written."""

from nanobragg_numba.engine.noise import NoiseImage
from nanobragg_numba.engine.scaling import Statistics, sphere_percentage
from nanobragg_numba.experiment.sampling import Outputs
from nanobragg_numba.io.numbers import c_format


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
        f"writing {outputs.float_file} as {pixels} 4-byte floats",
        c_format("max_I = %g  at %g %g", s.largest, s.max_Fdet, s.max_Sdet),
        c_format("mean= %g rms= %g rmsd= %g", s.mean, s.rms, s.rmsd),
        c_format("intfile_scale = %g", s.int_scale),
        f"writing {outputs.int_file} as 2-byte integers",
    ]  # fmt: skip
    if outputs.pgm_file:
        lines += [
            c_format("pgm_scale = %g", s.pgm_scale),
            f"writing {outputs.pgm_file} as 1-byte integers",
        ]
    if noise is not None:
        lines += [
            c_format("%.0f photons on noise image (%d overloads)", noise.photons, noise.overloads),
            f"writing {outputs.noise_file} as 2-byte integers",
        ]
    return "\n".join(lines) + "\n"
