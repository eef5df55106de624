"""From an argument list to an experiment on amorphous matter: the stages of the set-up, in order."""

import math

import numpy as np

from nanobragg_numba.constants import AVOGADRO, LARGEST_COUNT
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
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.programs.shared.frame import Axes, Frame, given, roi_of
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
    options: OptionValues
    notes: Notes


def apply_header(name: str, options: OptionValues, notes: Notes, files: Files = UNCACHED) -> SmvImage | None:
    """Let the header of -img set options; returns the image.

    Parameters
    ----------
    name : str
        Of the image; empty: none.
    options : OptionValues
        Changed in place.
    notes : Notes
    files : Files
    """
    if not name:
        return None
    with notes.reading():
        image: SmvImage = files.read(read_smv, name)
    take_header(options, image, flip_Ybeam=True)
    notes.before_banner.append(f"reading {name}")
    return image


def _count(options: OptionValues, notes: Notes, size: float, asked: int, of_image: int) -> int:
    """Pixels along one axis. With an image they are the image's, which has nothing for a pixel more.

    Parameters
    ----------
    options : OptionValues
    notes : Notes
    size : float
        Of the detector along the axis, m.
    asked : int
        Pixels that were asked for; 0: by the size.
    of_image : int
        Pixels of the image; 0: there is none.
    """
    quotient = size / options.pixel
    if quotient > 1e10:
        check_detector(2**31, 2**31)
    exact, meant = math.ceil(quotient), asked or math.ceil(quotient - 1e-6)
    if of_image and asked == of_image:
        return of_image
    if exact == meant or "extra-pixel" in options.fixes:
        return meant
    notes.defects.append("extra-pixel")
    return exact


def _pixel_grid(options: OptionValues, notes: Notes, image: SmvImage | None) -> PixelGrid:
    size_f = options.pixel * options.fpixels if options.fpixels else options.detsize_f
    size_s = options.pixel * options.spixels if options.spixels else options.detsize_s
    slow, fast = image.pixels.shape if image else (0, 0)
    fpixels = _count(options, notes, size_f, options.fpixels, fast)
    spixels = _count(options, notes, size_s, options.spixels, slow)
    check_detector(fpixels, spixels)
    if image is not None and (slow, fast) != (spixels, fpixels):
        raise FormatError(
            f"{image.header.source}: the image has {fast} x {slow} pixels, the detector {fpixels} x {spixels}"
        )
    return PixelGrid(fpixels, spixels, options.pixel, size_f, size_s)


def _beam_centre(options: OptionValues, grid: PixelGrid, notes: Notes) -> BeamCentre:
    pixel = options.pixel
    if not (math.isnan(options.ORGX) and math.isnan(options.ORGY)) and "org-half-pixel" not in options.fixes:
        notes.defects.append("org-half-pixel")
    half = 0.5 if "org-half-pixel" in options.fixes else 0.0
    X, Y = given(options.Xclose, (grid.size_f - pixel) / 2.0), given(options.Yclose, (grid.size_s + pixel) / 2.0)
    Xclose = X if math.isnan(options.ORGX) else (options.ORGX - half) * pixel
    Yclose = Y if math.isnan(options.ORGY) else (options.ORGY - half) * pixel
    Xbeam, Ybeam = given(options.Xbeam, Xclose), given(options.Ybeam, Yclose)
    return BeamCentre(Xbeam, Ybeam, Xclose, Yclose, Fbeam=Xbeam, Sbeam=Ybeam, Fclose=Xclose, Sclose=Yclose)


def _frame(options: OptionValues, grid: PixelGrid, notes: Notes) -> Frame:
    raw = dict(_AXES)
    for name in raw:
        if not math.isnan(getattr(options, f"{name}_x")):
            raw[name] = tuple(getattr(options, f"{name}_{i}") for i in "xyz")  # type: ignore[assignment]
    twotheta_axis = raw.pop("twotheta_axis")
    made = {name: unit(vector) for name, vector in raw.items()}
    normal = unit(cross(made["fdet"], made["sdet"]))
    if not math.isnan(options.odet_x) and made["odet"] != normal and "odet" not in options.fixes:
        notes.defects.append("odet")
    if math.isnan(options.odet_x) or "odet" not in options.fixes or length(raw["odet"]) != 1.0:
        made["odet"] = normal
    axes = Axes(twotheta_axis=twotheta_axis, **made)
    return Frame(
        grid=grid, convention="custom", pivot=options.pivot, axes=axes,
        vertical=unit(cross(axes.beam, axes.polar_axis)),
        centre=_beam_centre(options, grid, notes),
    )  # fmt: skip


def _sample(options: OptionValues, size: Vector) -> Sample:
    x, y, z = size
    volume = x * y * z
    density = options.density
    if options.molecules != 0.0:
        density = divide(divide(options.molecules, volume), AVOGADRO) * options.weight
    molecules = divide(volume * density * AVOGADRO, options.weight)
    return Sample(x, y, z, density, options.weight, molecules)


def _checked_sources(options: OptionValues, frame: Frame, beam: Beam, files: Files) -> Sources:
    if options.source_file:
        sources = sources_from_file(options, frame, files, options.source_distance)
    else:
        sources = sources_from_grid(
            options,
            frame,
            beam.hdivergence,
            beam.vdivergence,
            beam.dispersion,
            options.source_distance,
            whole_weights=True,
        )
    whose = options.source_file or "the beam"
    if not np.all(np.isfinite(sources.wavelengths) & (sources.wavelengths != 0.0)):
        raise ExperimentError(f"{whose}: a source has no wavelength, or an infinite one")
    if not np.all(np.any(sources.positions != 0.0, axis=1)):
        raise ExperimentError(f"{whose}: a source stands at the sample: see -source_distance")
    return sources


def _beam(options: OptionValues, frame: Frame, fluence: float, flux: float) -> Beam:
    """The beam of the experiment.

    Parameters
    ----------
    options : OptionValues
    frame : Frame
    fluence : float
        photons/m^2.
    flux : float
        photons/s.
    """
    return Beam(
        wavelength=options.wavelength, direction=frame.axes.beam, fluence=fluence, flux=flux, exposure=options.exposure,
        beamsize=options.beamsize, kahn=options.kahn, nopolar=options.nopolar, polarization_axis=frame.axes.polar_axis,
        vertical=frame.vertical, dispersion=beam_steps(options.dispsteps, options.dispersion, options.dispstep),
        hdivergence=beam_steps(options.hdivsteps, options.hdivrange, options.hdivstep),
        vdivergence=beam_steps(options.vdivsteps, options.vdivrange, options.vdivstep),
    )  # fmt: skip


def _outputs(options: OptionValues) -> Outputs:
    with_pgm = options.pgm or "nopgm" not in options.fixes
    return Outputs(
        float_file=options.float_file, int_file=options.int_file, pgm_file=options.pgm_file if with_pgm else "",
        noise_file=options.noise_file if options.noise else "", png_file="", scale=options.scale,
        pgm_scale=options.pgm_scale,
        progress=options.progress and not options.printout, printout=options.printout,
        printout_pixel=(options.printout_spixel, options.printout_fpixel), trace_pixels=tuple(options.trace_pixels),
        trace_prefix=options.trace_prefix,
    )  # fmt: skip


def _check(options: OptionValues) -> None:
    check_common(options)
    if options.wavelength == 0.0 or not math.isfinite(options.wavelength):
        raise ExperimentError(f"the wavelength cannot be {options.wavelength * 1e10:g} A: see -lambda and -energy")
    if given(options.close_distance, options.distance) == 0.0:
        raise ExperimentError("the distance of the detector cannot be 0: see -distance and -close_distance")


def resolve(options: OptionValues, image: SmvImage | None, notes: Notes, files: Files = UNCACHED) -> Resolved:
    """Turn what was said into an experiment.

    Parameters
    ----------
    options : OptionValues
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
    _check(options)
    grid = _pixel_grid(options, notes, image)
    check_trace_pixels(options.trace_pixels, grid)
    frame = _frame(options, grid, notes)
    before = len(notes.before_banner)
    flux = resolve_flux(options, notes)
    notes.steps += notes.before_banner[before:]  # clipping is said after the banner here
    del notes.before_banner[before:]
    beam = _beam(options, frame, flux.fluence, flux.flux)
    phi = phi_steps(options.phisteps, options.osc, options.phistep)
    placed: PlacedPanel = place_detector(options, frame, even_behind=False)
    table = resolve_table(options, notes, files)
    detector = Detector(
        placed.panel, Sensor(1, 0.0, 0.0, -1.0), Window(roi_of(options, grid)), placed.centres, placed.placement
    )
    found = None
    if image is not None:
        ignored = tuple(int(value) & LARGEST_COUNT for value in options.ignored_values)
        found = ImageOfF(options.img_file, image.pixels, options.gain, ignored, options.stolout_file)
    experiment = AmorphousExperiment(
        beam=beam, sources=_checked_sources(options, frame, beam, files), detector=detector,
        sample=_sample(options, flux.sample), table=table, oversample=max(options.oversample, 1), Fmap=options.Fmap,
        phi0=options.phi0, phi_range=phi.range, image=found, noise_seed=options.noise_seed, adc=options.adc,
        outputs=_outputs(options), defects=Defects(DEFECTS.in_order(options.fixes)),
    )  # fmt: skip
    return Resolved(experiment, replace(options), notes)
