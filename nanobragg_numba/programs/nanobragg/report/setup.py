"""Standard output up to the loops: what the set-up has made of the options."""

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.experiment.beam import Vector
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.programs.nanobragg.resolve.cell import Cell
from nanobragg_numba.programs.nanobragg.resolve.pipeline import Resolved
from nanobragg_numba.programs.shared.arithmetic import cross
from nanobragg_numba.programs.shared.text import beam_lines, source_lines

_SHAPES = {
    "square": "parallelpiped",
    "round": "ellipsoidal",
    "gauss": "gaussian",
    "tophat": "tophat-spot",
}


def _vector(form: str, v: Vector) -> str:
    return c_format(form, *v)


def _pivot(resolved: Resolved) -> list[str]:
    detector = resolved.experiment.detector
    what = "sample" if detector.placement.pivot == "sample" else "direct beam spot"
    lines = [f"{detector.placement.convention} convention selected.", f"pivoting detector around {what}"]
    outputs = resolved.experiment.outputs
    if outputs.trace_pixels:
        from nanobragg_numba.trace.emit import setup_lines

        lines += setup_lines(detector.placement, detector.panel, outputs.trace_prefix)
    lines.append("XDS incident beam: " + _vector("%g %g %g", detector.centres.xds_beam))
    if resolved.options.interpolate is None:
        automatic = min(resolved.options.Na, resolved.options.Nb, resolved.options.Nc) <= 2
        what = "tricubic interpolation of structure factors" if automatic else "no interpolation"
        lines.append(f"auto-selected {what}")
    return lines


def cell_vectors(names: str, columns: tuple[Vector, Vector, Vector]) -> list[str]:
    """A table of three vectors, one a column."""
    lines = [names]
    for axis, row in zip("XYZ", zip(*columns)):
        lines.append(f"{axis}: " + c_format("%11.8f %11.8f %11.8f", *row))
    return lines


REAL_COLUMNS = "     a           b           c         "
_STAR_COLUMNS = "     a_star      b_star      c_star    "


def _cell(cell: Cell) -> list[str]:
    def six(lengths: Vector, angles: Vector) -> str:
        return c_format("%g %g %g %g %g %g", *lengths, *(angle * DEGREES_PER_RADIAN for angle in angles))

    return [
        "Unit Cell: " + six(cell.lengths, cell.angles),
        "Recp Cell: " + six(cell.star_lengths, cell.star_angles),
        c_format("volume = %g A^3", cell.volume),
        "real-space cell vectors (Angstrom):",
        *cell_vectors(REAL_COLUMNS, (cell.a, cell.b, cell.c)),
        "reciprocal-space cell vectors (Angstrom^-1):",
        *cell_vectors(_STAR_COLUMNS, (cell.a_star, cell.b_star, cell.c_star)),
    ]


def _crystal(resolved: Resolved) -> list[str]:
    size = resolved.size
    edges = tuple(edge * 1e6 for edge in size.edges)
    return [
        c_format("crystal is %g x %g x %g microns", *edges),
        *resolved.notes.oversampling,
        c_format("approximate MW = %g", size.approximate_MW),
        *resolved.notes.background,
        *resolved.notes.factors,
    ]


def _sampled(experiment: Experiment) -> list[str]:
    sensor, sampling, sources = experiment.detector.sensor, experiment.sampling, experiment.sources
    lines = [c_format("thick%d = %g um", i, sensor.thickstep * i * 1e6) for i in range(sensor.thick_steps)]
    lines += [
        c_format("phi%d = %g", i, (sampling.phi0 + sampling.phi.step * i) * DEGREES_PER_RADIAN)
        for i in range(sampling.phi.count)
    ]
    lines += source_lines(sources)
    lines.append(f"  created a total of {len(experiment.mosaic.rotations)} mosaic domains")
    return lines


def _beam(experiment: Experiment) -> list[str]:
    beam, crystal, factors = experiment.beam, experiment.crystal, experiment.structure_factors
    lines = [
        c_format("  %d initialized hkls (all others =%g)", factors.initialized, factors.default_F),
        c_format("  %s xtal: %.0fx%.0fx%.0f cells", _SHAPES[crystal.shape], crystal.Na, crystal.Nb, crystal.Nc),
        *beam_lines(beam, experiment.detector.panel),
    ]
    return lines


def _detector(experiment: Experiment) -> list[str]:
    detector, beam, crystal = experiment.detector, experiment.beam, experiment.crystal
    panel, sensor, centres, roi = detector.panel, detector.sensor, detector.centres, detector.window.roi
    given = detector.placement.centre
    plane_normal = cross(beam.direction, beam.polarization_axis)  # of whatever length
    return [
        c_format(
            "  distance=%g detsize=%gx%g  pixel=%g meters (%dx%d pixels)", centres.distance, panel.size_f, panel.size_s,
            panel.pixel_size, panel.fpixels, panel.spixels,
        ),
        c_format("  sensor is %g m thick in %d layers with mu= %g", sensor.thickness, sensor.thick_steps, sensor.mu),
        c_format("  Xbeam=%g Ybeam=%g", given.Xbeam, given.Ybeam),
        c_format("  Fbeam=%g Sbeam=%g", centres.Fbeam, centres.Sbeam),
        c_format("  Xclose=%g Yclose=%g", given.Xclose, given.Yclose),
        c_format("  Fclose=%g Sclose=%g", centres.Fclose, centres.Sclose),
        "  DIRECTION_OF_DETECTOR_X-AXIS= " + _vector("%g %g %g", panel.fdet),
        "  DIRECTION_OF_DETECTOR_Y-AXIS= " + _vector("%g %g %g", panel.sdet),
        "  DIRECTION_OF_DETECTOR_Z-AXIS= " + _vector("%g %g %g", panel.odet),
        "  INCIDENT_BEAM_DIRECTION= " + _vector("%g %g %g", beam.direction),
        "  spindle ROTATION_AXIS= " + _vector("%g %g %g", crystal.spindle),
        "  POLARIZATION_PLANE_NORMAL= " + _vector("%g %g %g", plane_normal),
        "  dials origin= " + _vector("%g %g %g", centres.dials_origin),
        f"  roi: {roi.xmin} < x < {roi.xmax} && {roi.ymin} < y < {roi.ymax}",
    ]  # fmt: skip


def _counts(experiment: Experiment) -> list[str]:
    beam, sampling, sources = experiment.beam, experiment.sampling, experiment.sources
    points = sources.divergence_points
    over = sampling.oversample
    flags = "".join(
        f" +{name}" for name in ("thick", "polar", "omega") if getattr(sampling, f"oversample_{name}")
    )
    phi_end = (sampling.phi0 + sampling.phi.range) * DEGREES_PER_RADIAN
    lines = [
        c_format("  hdivrange=%g hdivstep=%g  radians", beam.hdivergence.range, beam.hdivergence.step),
        c_format("  vdivrange=%g vdivstep=%g  radians", beam.vdivergence.range, beam.vdivergence.step),
        f"  {-1 if points is None else len(points)} divergence steps",
        f"  {len(sources.weights)} sources",
        c_format(
            "  %d mosaic domains over mosaic spread of %g degrees", len(experiment.mosaic.rotations),
            experiment.mosaic.spread * DEGREES_PER_RADIAN,
        ),
        c_format(
            "  %d phi steps from %g to %g degrees", sampling.phi.count, sampling.phi0 * DEGREES_PER_RADIAN,
            phi_end,
        ),
        f"  {over}x{over} pixel oversample steps{flags}",
    ]  # fmt: skip
    if experiment.detector.window.mask_file:
        lines.append(f"  skipping zero-flagged pixels in {experiment.detector.window.mask_file}")
    if experiment.outputs.noise_file:
        lines += [
            "",
            "  noise image paramters:",
            f"  seed: {experiment.run.noise_seed}",
            c_format("  water droplet size: %g m", sampling.water_size),
        ]
    return lines


def setup_report(resolved: Resolved, banner: str) -> str:
    """Everything that is printed before the loops.

    Parameters
    ----------
    resolved : Resolved
    banner : str
        One line that names the program.
    """
    experiment, notes = resolved.experiment, resolved.notes
    lines = [
        *notes.before_banner,
        banner,
        *([" ".join(["fixes:", *experiment.defects.fixed])] if experiment.defects.fixed else []),
        *notes.steps,
        *_pivot(resolved),
        *notes.orientation,
        *notes.oddball,
        *_cell(resolved.cell),
        *_crystal(resolved),
        *_sampled(experiment),
        *_beam(experiment),
        *_detector(experiment),
        *_counts(experiment),
    ]
    return "\n".join(lines) + "\n"
