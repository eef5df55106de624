"""The output files of a run: all of them, or none."""

from nanobragg_numba.engine.scaling import pgm_image
from nanobragg_numba.formats.atomic import OutputGroup
from nanobragg_numba.formats.float_image import write_float_image
from nanobragg_numba.formats.pgm import write_pgm
from nanobragg_numba.formats.smv import HEADER_BYTES, write_smv
from nanobragg_numba.report.smv_header import smv_header
from nanobragg_numba.simulation import Simulation


def write_outputs(result: Simulation) -> list[str]:
    """Write the files that the experiment names, the noise image last since it is finished last.

    Returns
    -------
    list of str
        Warnings.

    Raises
    ------
    FormatError
        A file cannot be written; then none of them is, and older ones stay as they were.
    """
    outputs, image = result.experiment.outputs, result.image
    header = smv_header(result.experiment)
    warnings = []
    if len(header) > HEADER_BYTES:
        warnings.append(
            f"the SMV header is {len(header)} bytes long and says {HEADER_BYTES}, as the C program writes it: "
            "readers see shifted pixels"
        )
    with OutputGroup() as group:
        write_float_image(group.open(outputs.float_file), image)
        write_smv(group.open(outputs.int_file), header, result.integer_image())
        if outputs.pgm_file:
            scale = result.statistics.pgm_scale
            write_pgm(group.open(outputs.pgm_file), scale, pgm_image(result.scene, image, scale))
        if outputs.noise_file and result.noise is not None:
            file = group.open(outputs.noise_file)
            result.noise.finish()
            write_smv(file, header, result.noise.pixels)
    if outputs.png_file:
        from nanobragg_numba.formats.preview import write_preview

        write_preview(outputs.png_file, image)
    return warnings
