"""From an argument list to an experiment: the stages of the set-up, in order."""

from nanobragg_numba.experiment.beam import Beam, Steps
from nanobragg_numba.experiment.crystal import Crystal
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector, PixelGrid, Sensor, Window
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.experiment.sampling import Outputs, RunSettings, Sampling
from nanobragg_numba.formats.stol import read_stol
from nanobragg_numba.kernels.noise.random import Generator, new_generator
from nanobragg_numba.programs.nanobragg.defects.table import in_order
from nanobragg_numba.programs.nanobragg.option_values import OptionValues
from nanobragg_numba.programs.nanobragg.resolve.cell import Cell, resolve_cell
from nanobragg_numba.programs.nanobragg.resolve.checks import check_indices, check_said
from nanobragg_numba.programs.nanobragg.resolve.convention import Frame, resolve_frame
from nanobragg_numba.programs.nanobragg.resolve.crystal_size import CrystalSize, resolve_size
from nanobragg_numba.programs.nanobragg.resolve.headers import Mask, check_mask
from nanobragg_numba.programs.nanobragg.resolve.mosaic import mosaic_counts, resolve_mosaic
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache, have_factors, resolve_factors
from nanobragg_numba.programs.shared.beam import Flux, resolve_flux
from nanobragg_numba.programs.shared.checks import check_counts, check_trace_pixels
from nanobragg_numba.programs.shared.files import EACH_TIME, Files
from nanobragg_numba.programs.shared.frame import roi_said
from nanobragg_numba.programs.shared.notes import Notes
from nanobragg_numba.programs.shared.placement import place_detector
from nanobragg_numba.programs.shared.sources import sources_from_file, sources_from_grid
from nanobragg_numba.programs.shared.steps import beam_steps, phi_steps, thickness_steps
from nanobragg_numba.records import dataclass, field_names, replace


@dataclass(frozen=True)
class Resolved:
    """An experiment with what the report says of its making.

    Attributes
    ----------
    experiment : Experiment
    said : OptionValues
    cell : Cell
    size : CrystalSize
    notes : Notes
    generator : Generator
        Random numbers, as the set-up leaves them for the noise.
    """

    experiment: Experiment
    said: OptionValues
    cell: Cell
    size: CrystalSize
    notes: Notes
    generator: Generator


def nothing_to_render(said: OptionValues, files: Files = EACH_TIME) -> bool:
    """Whether there is nothing to render: no structure factors, or no crystal."""
    return not have_factors(said, files) or (not said.matrix_file and said.a == 0.0)


def _sensor(said: OptionValues, notes: Notes) -> Sensor:
    mu = said.mu
    if said.thickness > 0.0 and mu < 0.0:
        mu = 1.0 / said.thickness
        notes.steps.append(f"WARNING: setting detector attenuation depth to {mu:g} m")
    layers = thickness_steps(said.thicksteps, said.thickness)
    if "thickness" in said.fixes:
        layers = replace(layers, step=layers.range / layers.count)
    return Sensor(layers.count, layers.range, layers.step, mu)


def _beam(said: OptionValues, frame: Frame, flux: Flux) -> Beam:
    return Beam(
        wavelength=said.wavelength, direction=frame.axes.beam, fluence=flux.fluence, flux=flux.flux,
        exposure=said.exposure, beamsize=said.beamsize, kahn=said.kahn, nopolar=said.nopolar,
        polarization_axis=frame.axes.polar_axis, vertical=frame.vertical,
        dispersion=beam_steps(said.dispsteps, said.dispersion, said.dispstep),
        hdivergence=beam_steps(said.hdivsteps, said.hdivrange, said.hdivstep),
        vdivergence=beam_steps(said.vdivsteps, said.vdivrange, said.vdivstep),
    )  # fmt: skip


def _window(said: OptionValues, grid: PixelGrid, mask: Mask | None) -> Window:
    roi = roi_said(said, grid)
    return Window(roi, mask.pixels, mask.name) if mask else Window(roi)


def _sampling(said: OptionValues, size: CrystalSize, phi: Steps) -> Sampling:
    return Sampling(
        oversample=size.oversample, phi0=said.phi0, phi=phi, dmin=said.dmin,
        oversample_thick=said.oversample_thick, oversample_polar=said.oversample_polar,
        oversample_omega=said.oversample_omega, water_size=said.water_size,
    )  # fmt: skip


def _run(said: OptionValues) -> RunSettings:
    return RunSettings(
        noise_seed=said.noise_seed, misset_seed=said.misset_seed, mosaic_seed=said.mosaic_seed, adc=said.adc
    )  # fmt: skip


def _outputs(said: OptionValues) -> Outputs:
    as_said = {name: getattr(said, name) for name in field_names(Outputs) if hasattr(said, name)}
    return Outputs(
        **{
            **as_said, "pgm_file": said.pgm_file if said.pgm else "",
            "noise_file": said.noise_file if said.noise else "",
            "printout_pixel": (said.printout_spixel, said.printout_fpixel), "trace_pixels": tuple(said.trace_pixels),
        }
    )  # fmt: skip


def _crystal(said: OptionValues, size: CrystalSize, cell: Cell, frame: Frame) -> Crystal:
    return Crystal(
        size.a, size.b, size.c, cell.a_star, cell.b_star, cell.c_star, size.lengths, size.Na, size.Nb,
        size.Nc, said.shape, said.fudge, frame.axes.spindle,
    )  # fmt: skip


def resolve(
    said: OptionValues, mask: Mask | None, notes: Notes, write_dump: bool, factor_cache: FactorCache | None = None,
    files: Files = EACH_TIME,
) -> Resolved:  # fmt: skip
    """Turn what was said into an experiment.

    Parameters
    ----------
    said : OptionValues
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
    check_said(said)
    flux = resolve_flux(said, notes)
    frame = resolve_frame(said, notes)
    check_mask(mask, frame.grid.spixels, frame.grid.fpixels)
    check_trace_pixels(said.trace_pixels, frame.grid)
    generator = new_generator(said.noise_seed, said.misset_seed, said.mosaic_seed)

    phi = phi_steps(said.phisteps, said.osc, said.phistep)
    beam = _beam(said, frame, flux)
    sensor = _sensor(said, notes)
    domains, spread = mosaic_counts(said, notes)
    check_counts(0, phi.count * domains)

    placed = place_detector(said, frame)
    interpolate = said.interpolate
    if interpolate is None:
        interpolate = min(said.Na, said.Nb, said.Nc) <= 2
    cell = resolve_cell(said, generator, notes, files)
    size = resolve_size(said, flux.sample, cell, placed.centres.distance, notes)
    if said.stol_file:
        files.read(read_stol, said.stol_file)
        notes.background.append(f"reading {said.stol_file}")
    if factor_cache is not None:
        factors = factor_cache.resolve(said, interpolate, notes)
    else:
        factors = resolve_factors(said, interpolate, write_dump, notes, files)
    if said.source_file:
        sources = sources_from_file(said, frame, files)
    else:
        sources = sources_from_grid(said, frame, beam.hdivergence, beam.vdivergence, beam.dispersion)
    check_indices(size.lengths, sources.wavelengths)
    mosaic = resolve_mosaic(domains, spread, generator)

    window = _window(said, frame.grid, mask)
    detector = Detector(placed.panel, sensor, window, placed.centres, placed.placement)
    experiment = Experiment(
        beam, sources, detector, _crystal(said, size, cell, frame), mosaic, factors, _sampling(said, size, phi),
        _run(said), _outputs(said), Defects(in_order(said.fixes)),
    )  # fmt: skip
    return Resolved(experiment, said, cell, size, notes, generator)
