"""From an argument list to an experiment: the stages of the set-up, in order."""

import os

from nanobragg_numba.experiment.beam import Beam, Steps
from nanobragg_numba.experiment.crystal import Crystal
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector, PixelGrid, Sensor, Window
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.experiment.sampling import Outputs, RunSettings, Sampling
from nanobragg_numba.formats.stol import read_stol
from nanobragg_numba.kernels.noise.random import Generator, new_generator
from nanobragg_numba.programs.nanobragg.defects.loops import Thickness
from nanobragg_numba.programs.nanobragg.defects.table import in_order
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.resolve.advice import layer_warning
from nanobragg_numba.programs.nanobragg.resolve.cell import Cell, resolve_cell
from nanobragg_numba.programs.nanobragg.resolve.checks import check_indices, check_options
from nanobragg_numba.programs.nanobragg.resolve.convention import Frame, resolve_frame
from nanobragg_numba.programs.nanobragg.resolve.crystal_size import CrystalSize, resolve_size
from nanobragg_numba.programs.nanobragg.resolve.headers import Mask, check_mask
from nanobragg_numba.programs.nanobragg.resolve.mosaic import mosaic_counts, resolve_mosaic
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache, have_factors, resolve_factors
from nanobragg_numba.programs.shared.beam import Flux, resolve_flux
from nanobragg_numba.programs.shared.checks import check_counts, check_trace_pixels
from nanobragg_numba.programs.shared.files import UNCACHED, Files
from nanobragg_numba.programs.shared.frame import roi_of
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.programs.shared.placement import place_detector
from nanobragg_numba.programs.shared.sources import sources_from_file, sources_from_grid
from nanobragg_numba.programs.shared.steps import beam_steps, phi_steps, thickness_steps
from nanobragg_numba.records import dataclass, field_names


@dataclass(frozen=True)
class Resolved:
    """An experiment with what the report says of its making.

    Attributes
    ----------
    experiment : Experiment
    options : OptionValues
    cell : Cell
    size : CrystalSize
    notes : Notes
    generator : Generator
        Random numbers, as the set-up leaves them for the noise.
    """

    experiment: Experiment
    options: OptionValues
    cell: Cell
    size: CrystalSize
    notes: Notes
    generator: Generator


_OF_THE_WHOLE = ("float_file", "int_file", "pgm_file", "noise_file", "png_file", "cbf_file")


def nothing_to_render(options: OptionValues, files: Files = UNCACHED) -> bool:
    """Whether there is nothing to render: no structure factors, or no crystal."""
    return not have_factors(options, files) or (not options.matrix_file and options.a == 0.0)


def _sensor(options: OptionValues, notes: Notes) -> Sensor:
    mu = options.mu
    if options.thickness > 0.0 and mu < 0.0:
        mu = 1.0 / options.thickness
        notes.steps.append(f"WARNING: setting detector attenuation depth to {mu:g} m")
    layers = thickness_steps(options.thicksteps, options.thickness)
    if Thickness.name in options.fixes:
        layers = Thickness.layers(layers)
    elif options.thicksteps == 1 and layers.count > 1:
        notes.warnings += layer_warning(layers)
    return Sensor(layers.count, layers.range, layers.step, mu)


def _beam(options: OptionValues, frame: Frame, flux: Flux) -> Beam:
    return Beam(
        wavelength=options.wavelength, direction=frame.axes.beam, fluence=flux.fluence, flux=flux.flux,
        exposure=options.exposure, beamsize=options.beamsize, kahn=options.kahn, nopolar=options.nopolar,
        polarization_axis=frame.axes.polar_axis, vertical=frame.vertical,
        dispersion=beam_steps(options.dispsteps, options.dispersion, options.dispstep),
        hdivergence=beam_steps(options.hdivsteps, options.hdivrange, options.hdivstep),
        vdivergence=beam_steps(options.vdivsteps, options.vdivrange, options.vdivstep),
    )  # fmt: skip


def _window(options: OptionValues, grid: PixelGrid, mask: Mask | None) -> Window:
    roi = roi_of(options, grid)
    return Window(roi, mask.pixels, mask.name) if mask else Window(roi)


def _sampling(options: OptionValues, size: CrystalSize, phi: Steps) -> Sampling:
    return Sampling(
        oversample=size.oversample, phi0=options.phi0, phi=phi, dmin=options.dmin,
        oversample_thick=options.oversample_thick, oversample_polar=options.oversample_polar,
        oversample_omega=options.oversample_omega, water_size=options.water_size,
    )  # fmt: skip


def _run(options: OptionValues) -> RunSettings:
    return RunSettings(
        noise_seed=options.noise_seed, misset_seed=options.misset_seed, mosaic_seed=options.mosaic_seed,
        adc=options.adc, adc_asked=options.adc_asked,
    )  # fmt: skip


def _outputs(options: OptionValues) -> Outputs:
    same_names = {name: getattr(options, name) for name in field_names(Outputs) if hasattr(options, name)}
    nothing = {**dict.fromkeys(_OF_THE_WHOLE, ""), "float_file": os.devnull, "int_file": os.devnull}
    return Outputs(
        **{
            **same_names, "pgm_file": options.pgm_file if options.pgm else "",
            "noise_file": options.noise_file if options.noise else "",
            "printout_pixel": (options.printout_spixel, options.printout_fpixel),
            "trace_pixels": tuple(options.trace_pixels),
            **(nothing if options.frames_only else {}),
        }
    )  # fmt: skip


def _crystal(options: OptionValues, size: CrystalSize, cell: Cell, frame: Frame) -> Crystal:
    return Crystal(
        size.a, size.b, size.c, cell.a_star, cell.b_star, cell.c_star, size.lengths, size.Na, size.Nb,
        size.Nc, options.shape, options.fudge, frame.axes.spindle,
    )  # fmt: skip


def resolve(
    options: OptionValues, mask: Mask | None, notes: Notes, write_dump: bool, factor_cache: FactorCache | None = None,
    files: Files = UNCACHED,
) -> Resolved:  # fmt: skip
    """Turn what was said into an experiment.

    Parameters
    ----------
    options : OptionValues
        Image headers applied, `nothing_to_render` refused.
    mask : Mask or None
    notes : Notes
        Filled on the way.
    write_dump : bool
        Write the dump file after reading -hkl, as the command does.
    factor_cache : FactorCache, optional
        Take structure factors from there; then nothing is dumped.
    files : Files
        What reads the other files.

    Raises
    ------
    NanoBraggError
        Anything that cannot be.
    """
    check_options(options)
    flux = resolve_flux(options, notes)
    frame = resolve_frame(options, notes)
    check_mask(mask, frame.grid.spixels, frame.grid.fpixels)
    check_trace_pixels(options.trace_pixels, frame.grid)
    generator = new_generator(options.noise_seed, options.misset_seed, options.mosaic_seed)

    phi = phi_steps(options.phisteps, options.osc, options.phistep)
    beam = _beam(options, frame, flux)
    sensor = _sensor(options, notes)
    domains, spread = mosaic_counts(options, notes)
    check_counts(0, phi.count * domains)

    placed = place_detector(options, frame)
    interpolate = options.interpolate
    if interpolate is None:
        interpolate = min(options.Na, options.Nb, options.Nc) <= 2
    cell = resolve_cell(options, generator, notes, files)
    size = resolve_size(options, flux.sample, cell, placed.centres.distance, notes)
    if options.stol_file:
        files.read(read_stol, options.stol_file)
        notes.background.append(f"reading {options.stol_file}")
    if factor_cache is not None:
        factors = factor_cache.resolve(options, interpolate, notes)
    else:
        factors = resolve_factors(options, interpolate, write_dump, notes, files)
    if options.source_file:
        sources = sources_from_file(options, frame, files)
    else:
        sources = sources_from_grid(options, frame, beam.hdivergence, beam.vdivergence, beam.dispersion)
    check_indices(size.lengths, sources.wavelengths)
    mosaic = resolve_mosaic(domains, spread, generator)

    window = _window(options, frame.grid, mask)
    detector = Detector(placed.panel, sensor, window, placed.centres, placed.placement)
    experiment = Experiment(
        beam, sources, detector, _crystal(options, size, cell, frame), mosaic, factors, _sampling(options, size, phi),
        _run(options), _outputs(options), Defects(in_order(options.fixes)),
    )  # fmt: skip
    return Resolved(experiment, options, cell, size, notes, generator)
