"""nonBragg's standard output: what the set-up has made of the options, the loops, the results."""

import math

from nanobragg_numba.engine.amorphous import AmorphousProgress, tap_amorphous
from nanobragg_numba.engine.noise import NoiseImage
from nanobragg_numba.engine.scaling import Statistics, sphere_percentage
from nanobragg_numba.experiment.amorphous import AmorphousExperiment
from nanobragg_numba.io.numbers import c_format
from nanobragg_numba.kernels.amorphous.scene import AmorphousScene
from nanobragg_numba.kernels.loop import taps as slot
from nanobragg_numba.kernels.loop.taps import Taps
from nanobragg_numba.programs.nonbragg.resolve import Resolved
from nanobragg_numba.programs.shared.text import beam_lines, meter_lines, result_lines, source_lines


def setup_report(resolved: Resolved, banner: str) -> str:
    """Everything that is printed up to the loops."""
    experiment, notes = resolved.experiment, resolved.notes
    fixed = experiment.defects.fixed
    lines = [*notes.before_banner, banner]
    lines += [f"fixes: {' '.join(fixed)}"] if fixed else []
    lines += notes.steps
    pivot = "sample" if experiment.detector.placement.pivot == "sample" else "direct beam spot"
    lines.append(f"pivoting detector around {pivot}")
    outputs, detector = experiment.outputs, experiment.detector
    if outputs.trace_pixels:
        from nanobragg_numba.trace.emit import placement_lines

        lines += placement_lines(detector.placement, detector.panel, outputs.trace_prefix)
    lines += [f"reading {experiment.table.name}", *source_lines(experiment.sources)]
    lines += [*_sample(experiment), *_detector(experiment), *_sampling(experiment)]
    if outputs.noise_file:
        lines += ["", "  noise image paramters:", f"  seed: {experiment.noise_seed}"]
    return "\n".join(lines) + "\n"


def _sample(experiment: AmorphousExperiment) -> list[str]:
    sample, points = experiment.sample, len(experiment.table.stol)
    if "point-count" in experiment.defects.fixed:
        points -= 4
    Fmap = ["  Fmap mode: plotting structure factor at every pixel"] if experiment.Fmap else []
    *beam, fluence = beam_lines(experiment.beam, experiment.detector.panel)
    return [
        f"  {points} initialized F points (will cubic-spline interpolate between them)",
        *beam,
        *Fmap,
        fluence,
        c_format(
            "  sample is %g m thick x %g m high x %g m wide, %g g/cm^3 and %g g/mol (%g molecules)", sample.x, sample.y,
            sample.z, sample.density / 1e6, sample.weight, sample.molecules,
        ),
    ]  # fmt: skip


def _detector(experiment: AmorphousExperiment) -> list[str]:
    detector, beam = experiment.detector, experiment.beam
    panel, centres, roi = detector.panel, detector.centres, detector.window.roi
    return [
        c_format(
            "  distance=%g detsize=%gx%g  pixel=%g meters (%dx%d pixels)", centres.distance, panel.size_f, panel.size_s,
            panel.pixel_size, panel.fpixels, panel.spixels,
        ),
        c_format("  Xbeam=%g Ybeam=%g", centres.Fbeam, centres.Sbeam),
        c_format("  detector origin: %g %g %g", *panel.pix0),
        c_format("  DIRECTION_OF_DETECTOR_X-AXIS= %g %g %g", *panel.fdet),
        c_format("  DIRECTION_OF_DETECTOR_Y-AXIS= %g %g %g", *panel.sdet),
        c_format("  INCIDENT_BEAM_DIRECTION= %g %g %g", *beam.direction),
        c_format("  POLARIZATION_PLANE_NORMAL= %g %g %g", *beam.polarization_axis),
        f"  roi: {roi.xmin} < x < {roi.xmax} && {roi.ymin} < y < {roi.ymax}",
    ]  # fmt: skip


def _sampling(experiment: AmorphousExperiment) -> list[str]:
    beam, points = experiment.beam, experiment.sources.divergence_points
    return [
        c_format("  hdivrange=%g hdivstep=%g  radians", beam.hdivergence.range, beam.hdivergence.step),
        c_format("  vdivrange=%g vdivstep=%g  radians", beam.vdivergence.range, beam.vdivergence.step),
        f"  {-1 if points is None else len(points)} divergence steps",
        f"  {len(experiment.sources.weights)} sources",
        f"  {experiment.oversample} pixel oversample steps",
    ]


class LoopReport:
    """Text of the loops, chunk by chunk: progress, traces, printouts, in the order of the pixels.

    Parameters
    ----------
    experiment : AmorphousExperiment
    scene : AmorphousScene
    meter : bool
        Print `N% done` lines.
    """

    def __init__(self, experiment: AmorphousExperiment, scene: AmorphousScene, meter: bool) -> None:
        self._experiment, self._scene, self._meter = experiment, scene, meter
        self._rows_done = 0
        self._traced = {slow * scene.fpixels + fast for slow, fast in experiment.outputs.trace_pixels}

    def after_rows(self, progress: AmorphousProgress) -> str:
        """Text of the rows that were finished since the last call."""
        scene = self._scene
        top = max(self._rows_done, scene.roi_ymin)
        bottom = min(progress.rows, scene.roi_ymax + 1)
        self._rows_done = progress.rows
        width = max(scene.roi_xmax + 1 - scene.roi_xmin, 0)
        events: list[tuple[int, int, str]] = []
        if self._meter and bottom > top and width:
            before, after = (top - scene.roi_ymin) * width, (bottom - scene.roi_ymin) * width
            for p, line in meter_lines(self._experiment.detector.window.roi, before, after):
                place = (scene.roi_ymin + p // width) * scene.fpixels + scene.roi_xmin + p % width
                events.append((place, 1, line))
        for row in range(top, bottom) if self._traced or self._experiment.outputs.printout else ():
            events += [(place, 0, self._pixel_text(progress, place)) for place in self._tapped(row)]
        return "".join(text for _, _, text in sorted(events))

    def _tapped(self, row: int) -> list[int]:
        """Flat indices of the pixels of a row that something is printed of."""
        scene, outputs = self._scene, self._experiment.outputs
        columns = range(scene.roi_xmin, scene.roi_xmax + 1)
        places = [row * scene.fpixels + column for column in columns]
        return [place for place in places if place in self._traced or (outputs.printout and self._printed(place))]

    def _printed(self, place: int) -> bool:
        slow, fast = self._experiment.outputs.printout_pixel
        here = divmod(place, self._scene.fpixels)
        return (slow < 0 or slow == here[0]) and (fast < 0 or fast == here[1])

    def _pixel_text(self, progress: AmorphousProgress, place: int) -> str:
        spixel, fpixel = divmod(place, self._scene.fpixels)
        taps = tap_amorphous(self._scene, progress, spixel, fpixel)
        outputs, lines = self._experiment.outputs, []
        if place in self._traced:
            from nanobragg_numba.trace.emit import config_line, pixel_lines

            lines = [config_line(spixel, fpixel)]
            lines += pixel_lines(taps.records, int(taps.count[0]), outputs.trace_prefix)
        if outputs.printout and self._printed(place):
            lines += self._printout(taps, spixel, fpixel, float(progress.image[spixel, fpixel]))
        return "\n".join(lines) + "\n"

    def _printout(self, taps: Taps, spixel: int, fpixel: int, pixel: float) -> list[str]:
        """What -printout says of one pixel.

        Parameters
        ----------
        taps : Taps
            Of the pixel.
        spixel, fpixel : int
            Slow and fast index.
        pixel : float
            Photons.
        """
        last, steps = taps.last.tolist(), self._scene.steps
        x, y, z = last[slot.LAST_POSITION : slot.LAST_POSITION + 3]
        twotheta = math.atan2(math.sqrt(y * y + z * z), x)
        F, I = 0.0, float(self._experiment.sources.weights[-1])
        if "printout" in self._experiment.defects.fixed:
            F, I = last[slot.LAST_F_CELL], last[slot.LAST_I]
        return [
            c_format(
                "%4d %4d : stol = %g or %g", fpixel, spixel, last[slot.LAST_STOL],
                math.sin(twotheta / 2.0) / (self._experiment.beam.wavelength * 1e10),
            ),
            c_format(" F=%g    I = %g", F, I),
            c_format("I/steps %15.10g", I / steps),
            c_format("polar   %15.10g", last[slot.LAST_POLAR]),
            c_format("omega   %15.10g", last[slot.LAST_OMEGA]),
            c_format("pixel   %15.10g", pixel),
        ]  # fmt: skip


def solid_angle_line(solid_angle: float) -> str:
    """The line that follows the loops, behind an empty one."""
    return c_format(
        "\nsolid angle subtended by detector = %g steradian ( %g%% sphere)\n", solid_angle,
        sphere_percentage(solid_angle),
    )  # fmt: skip


def results_report(
    experiment: AmorphousExperiment, statistics: Statistics, pixels: int, found: list[str], noise: NoiseImage | None
) -> str:
    """Everything that is printed after the loops.

    Parameters
    ----------
    experiment : AmorphousExperiment
    statistics : Statistics
    pixels : int
        Of the whole image.
    found : list of str
        Lines on the F found from an image.
    noise : NoiseImage or None
    """
    lines = [*found, *result_lines(experiment.outputs, statistics, pixels, noise)]
    return solid_angle_line(statistics.solid_angle) + "\n".join(lines) + "\n"
