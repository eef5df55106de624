"""Which defects of the C program each reference case triggers: what the command must say of them, no more."""

from golden_cases import CASES

NOT_CELL = """
    beam_center beam_center_adxv cell_partial close_distance crystal_size_exact cubic_256 cubic_adxv cubic_denzo
    cubic_dials cubic_mosflm cubic_xds detsize fdump_read fdump_write half_pixel_size hkl_repeated
    interpolate_leaves_range interpolate_mixed interpolate_out_of_range large_n matrix matrix_and_cell matrix_lambda
    n_zero na_nb_nc near_point orc_default_f orc_interpolate orc_still orgx_mosflm orgx_orgy oversample_auto rectangular
    rectangular_xy saxs_auto_interpolate sensitive_3 small_hkl unknown_flags
"""
"""Cells with two right angles, or a matrix instead of the cell."""

TRIGGERED = {
    "phi-zero": """
        custom_spindle_alone custom_vectors dmin_sweeps everything_sampled phi_ceil phi_default_steps phi_from_zero
        phi_step_only phi_steps_and_step phi_steps_only phi_through_zero
    """,
    "interpolation": "interpolate_leaves_range interpolate_out_of_range unknown_flags",
    "thickness": "absorption absorption_default thick_one_layer",
    "oversample-product": """
        nopolar_oversample oversample_all oversample_omega oversample_polar oversample_thick sensitive_3 water_tophat
    """,
    "first-subpixel": """
        absorption absorption_default absorption_inf binary_spots cell_partial crystal_size crystal_size_xyz curved_det
        custom_odet_auto custom_vectors dispersion dispersion_default divergence_round divergence_square divergence_step
        divergence_steps_and_step divergence_steps_only dmin dmin_polar energy everything_sampled fdump_read fdump_write
        fluence_low flux fudge_gauss fudge_round gauss_xtal grazing img_and_mask img_header interpolate_leaves_range
        interpolate_out_of_range mask matrix matrix_and_cell misset_random misset_seed_last mosaic mosaic_default
        mosaic_no_spread mosaic_seed n_zero na_nb_nc noise_large noise_offset noise_small nopolar nopolar_oversample
        orc_interpolate orc_still oversample oversample_as_recommended oversample_auto oversample_omega oversample_polar
        oversample_thick phi_default_steps phi_from_zero phi_offset phi_step_only phi_steps_only phi_through_zero
        pivot_override pix0_vector point_pixel polar polar_vector printout_pixel printout_roi progress roi round_xtal
        scale_adc sensitive_3 small_hkl sourcefile sourcefile_partial stol thick_one_layer tilted_beam_pivot
        tilted_sample_pivot tophat_spots triclinic triclinic_misset twotheta_axis twotheta_axis_last water water_tophat
    """,
    "source-weights": "dmin_polar sourcefile",
    "cell": " ".join(set(CASES) - set(NOT_CELL.split())),
    "misset-seed": "misset_seed_last",
    "twotheta-axis": "twotheta_axis_last",
    "pix0": "pix0_vector",
    "curved-detector": "curved_det",
    "smv-header": "long_header",
    "header-twotheta": "mask",
}
"""Cases by defect; no case has Gaussian or tophat spots of a crystal that turns (spot-orientation)."""

OTHER_WARNINGS = {"unknown_flags": 4, "thick_one_layer": 1}
"""Lines on standard error that are about something else: three arguments that are ignored, and their count; one layer
of a sensor, of which C makes two."""


def defects_of(case: str) -> set[str]:
    """Names of the defects that a case triggers."""
    return {name for name, cases in TRIGGERED.items() if case in cases.split()}


def named_defects(stderr: str) -> list[str]:
    """Names of the defects that standard error names, a line each."""
    heads = [line.split(": ")[2] for line in stderr.splitlines() if "mended by -fix" in line]
    return sorted(heads)
