"""From an argument list to an experiment on amorphous matter: the stages of the set-up, in order."""

import math

import numpy as np

from nanobragg_numba.constants import AVOGADRO
from nanobragg_numba.errors import ExperimentError, FormatError
from nanobragg_numba.experiment.amorphous import AmorphousExperiment, ImageOfF, Sample
from nanobragg_numba.experiment.beam import Beam, Sources, Vector
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import BeamCentre, Detector, PixelGrid, Sensor, Window
from nanobragg_numba.experiment.sampling import Outputs
from nanobragg_numba.formats.smv import SmvImage, read_smv
from nanobragg_numba.programs.nonbragg.defects import TABLE as DEFECTS
from nanobragg_numba.programs.nonbragg.option_values import OptionValues
from nanobragg_numba.programs.nonbragg.table import resolve_table
from nanobragg_numba.programs.shared.arithmetic import cross, divide, length, unit
from nanobragg_numba.programs.shared.beam import resolve_flux
from nanobragg_numba.programs.shared.checks import check_common, check_detector, check_trace_pixels
from nanobragg_numba.programs.shared.files import EACH_TIME, Files
from nanobragg_numba.programs.shared.frame import Axes, Frame, given, roi_said
from nanobragg_numba.programs.shared.headers import take_header
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.programs.shared.placement import PlacedPanel, place_detector
from nanobragg_numba.programs.shared.sources import sources_from_file, sources_from_grid
from nanobragg_numba.programs.shared.steps import beam_steps, phi_steps
from nanobragg_numba.records import dataclass, replace

_AXES: dict[str, Vector] = {
    "beam": (1.0, 0.0, 0.0), "fdet": (0.0, 0.0, 1.0), "sdet": (0.0, -1.0, 0.0), "odet": (1.0, 0.0, 0.0),
    "twotheta_axis": (0.0, 1.0, 0.0), "polar_axis": (0.0, 0.0, 1.0), "spindle": (0.0, 0.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True)
class Resolved:
    """An experiment with what the report says of its making."""

    experiment: AmorphousExperiment
    said: OptionValues
    notes: Notes


def apply_header(name: str, said: OptionValues, notes: Notes, files: Files = EACH_TIME) -> SmvImage | None:
    """Let the header of -img set options; returns the image."""
    if not name:
        return None
    with notes.reading():
        image: SmvImage = files.read(read_smv, name)
    take_header(said, image, flip_Ybeam=True)
    notes.before_banner.append(f"reading {name}")
    return image


def _count(said: OptionValues, notes: Notes, size: float, asked: int, of_image: int) -> int:
    """Pixels along one axis. With an image they are the image's, which has nothing for a pixel more."""
    quotient = size / said.pixel
    if quotient > 1e10:
        check_detector(2**31, 2**31)
    exact, meant = math.ceil(quotient), asked or math.ceil(quotient - 1e-6)
    if of_image and asked == of_image:
        return of_image
    if exact == meant or "extra-pixel" in said.fixes:
        return meant
    notes.defects.append("extra-pixel")
    return exact


def _pixel_grid(said: OptionValues, notes: Notes, image: SmvImage | None) -> PixelGrid:
    size_f = said.pixel * said.fpixels if said.fpixels else said.detsize_f
    size_s = said.pixel * said.spixels if said.spixels else said.detsize_s
    slow, fast = image.pixels.shape if image else (0, 0)
    fpixels = _count(said, notes, size_f, said.fpixels, fast)
    spixels = _count(said, notes, size_s, said.spixels, slow)
    check_detector(fpixels, spixels)
    if image is not None and (slow, fast) != (spixels, fpixels):
        raise FormatError(
            f"{image.header.source}: the image has {fast} x {slow} pixels, the detector {fpixels} x {spixels}"
        )
    return PixelGrid(fpixels, spixels, said.pixel, size_f, size_s)


def _beam_centre(said: OptionValues, grid: PixelGrid, notes: Notes) -> BeamCentre:
    pixel = said.pixel
    if not (math.isnan(said.ORGX) and math.isnan(said.ORGY)) and "org-half-pixel" not in said.fixes:
        notes.defects.append("org-half-pixel")
    half = 0.5 if "org-half-pixel" in said.fixes else 0.0
    X, Y = given(said.Xclose, (grid.size_f - pixel) / 2.0), given(said.Yclose, (grid.size_s + pixel) / 2.0)
    Xclose = X if math.isnan(said.ORGX) else (said.ORGX - half) * pixel
    Yclose = Y if math.isnan(said.ORGY) else (said.ORGY - half) * pixel
    Xbeam, Ybeam = given(said.Xbeam, Xclose), given(said.Ybeam, Yclose)
    return BeamCentre(Xbeam, Ybeam, Xclose, Yclose, Fbeam=Xbeam, Sbeam=Ybeam, Fclose=Xclose, Sclose=Yclose)


def _frame(said: OptionValues, grid: PixelGrid, notes: Notes) -> Frame:
    raw = dict(_AXES)
    for name in raw:
        if not math.isnan(getattr(said, f"{name}_x")):
            raw[name] = tuple(getattr(said, f"{name}_{i}") for i in "xyz")  # type: ignore[assignment]
    twotheta_axis = raw.pop("twotheta_axis")
    made = {name: unit(vector) for name, vector in raw.items()}
    normal = unit(cross(made["fdet"], made["sdet"]))
    if not math.isnan(said.odet_x) and made["odet"] != normal and "odet" not in said.fixes:
        notes.defects.append("odet")
    if math.isnan(said.odet_x) or "odet" not in said.fixes or length(raw["odet"]) != 1.0:
        made["odet"] = normal
    axes = Axes(twotheta_axis=twotheta_axis, **made)
    return Frame(
        grid=grid, convention="custom", pivot=said.pivot, axes=axes, vertical=unit(cross(axes.beam, axes.polar_axis)),
        centre=_beam_centre(said, grid, notes),
    )  # fmt: skip


def _sample(said: OptionValues, size: Vector) -> Sample:
    x, y, z = size
    volume = x * y * z
    density = said.density
    if said.molecules != 0.0:
        density = divide(divide(said.molecules, volume), AVOGADRO) * said.weight
    molecules = divide(volume * density * AVOGADRO, said.weight)
    return Sample(x, y, z, density, said.weight, molecules)


def _checked_sources(said: OptionValues, frame: Frame, beam: Beam, files: Files) -> Sources:
    if said.source_file:
        sources = sources_from_file(said, frame, files, said.source_distance)
    else:
        sources = sources_from_grid(
            said, frame, beam.hdivergence, beam.vdivergence, beam.dispersion, said.source_distance, whole_weights=True
        )
    whose = said.source_file or "the beam"
    if not np.all(np.isfinite(sources.wavelengths) & (sources.wavelengths != 0.0)):
        raise ExperimentError(f"{whose}: a source has no wavelength, or an infinite one")
    if not np.all(np.any(sources.positions != 0.0, axis=1)):
        raise ExperimentError(f"{whose}: a source stands at the sample: see -source_distance")
    return sources


def _beam(said: OptionValues, frame: Frame, fluence: float, flux: float) -> Beam:
    return Beam(
        wavelength=said.wavelength, direction=frame.axes.beam, fluence=fluence, flux=flux, exposure=said.exposure,
        beamsize=said.beamsize, kahn=said.kahn, nopolar=said.nopolar, polarization_axis=frame.axes.polar_axis,
        vertical=frame.vertical, dispersion=beam_steps(said.dispsteps, said.dispersion, said.dispstep),
        hdivergence=beam_steps(said.hdivsteps, said.hdivrange, said.hdivstep),
        vdivergence=beam_steps(said.vdivsteps, said.vdivrange, said.vdivstep),
    )  # fmt: skip


def _outputs(said: OptionValues) -> Outputs:
    with_pgm = said.pgm or "nopgm" not in said.fixes
    return Outputs(
        float_file=said.float_file, int_file=said.int_file, pgm_file=said.pgm_file if with_pgm else "",
        noise_file=said.noise_file if said.noise else "", png_file="", scale=said.scale, pgm_scale=said.pgm_scale,
        progress=said.progress and not said.printout, printout=said.printout,
        printout_pixel=(said.printout_spixel, said.printout_fpixel), trace_pixels=tuple(said.trace_pixels),
        trace_prefix=said.trace_prefix,
    )  # fmt: skip


def _check(said: OptionValues) -> None:
    check_common(said)
    if said.wavelength == 0.0 or not math.isfinite(said.wavelength):
        raise ExperimentError(f"the wavelength cannot be {said.wavelength * 1e10:g} A: see -lambda and -energy")
    if given(said.close_distance, said.distance) == 0.0:
        raise ExperimentError("the distance of the detector cannot be 0: see -distance and -close_distance")


def resolve(said: OptionValues, image: SmvImage | None, notes: Notes, files: Files = EACH_TIME) -> Resolved:
    """Turn what was said into an experiment.

    Parameters
    ----------
    said : OptionValues
        The header of -img applied; a table is named.
    image : SmvImage or None
        That of -img.
    notes : Notes
        Filled on the way.
    files : Files
        What reads the other files.

    Raises
    ------
    NanoBraggError
        Anything that cannot be.
    """
    _check(said)
    grid = _pixel_grid(said, notes, image)
    check_trace_pixels(said.trace_pixels, grid)
    frame = _frame(said, grid, notes)
    before = len(notes.before_banner)
    flux = resolve_flux(said, notes)
    notes.steps += notes.before_banner[before:]  # clipping is said after the banner here
    del notes.before_banner[before:]
    beam = _beam(said, frame, flux.fluence, flux.flux)
    phi = phi_steps(said.phisteps, said.osc, said.phistep)
    placed: PlacedPanel = place_detector(said, frame, even_behind=False)
    table = resolve_table(said, notes, files)
    detector = Detector(
        placed.panel, Sensor(1, 0.0, 0.0, -1.0), Window(roi_said(said, grid)), placed.centres, placed.placement
    )
    found = None
    if image is not None:
        ignored = tuple(int(value) & 65535 for value in said.ignored_values)
        found = ImageOfF(said.img_file, image.pixels, said.gain, ignored, said.stolout_file)
    experiment = AmorphousExperiment(
        beam=beam, sources=_checked_sources(said, frame, beam, files), detector=detector,
        sample=_sample(said, flux.sample), table=table, oversample=max(said.oversample, 1), Fmap=said.Fmap,
        phi0=said.phi0, phi_range=phi.range, image=found, noise_seed=said.noise_seed, adc=said.adc,
        outputs=_outputs(said), defects=Defects(DEFECTS.in_order(said.fixes)),
    )  # fmt: skip
    return Resolved(experiment, replace(said), notes)
