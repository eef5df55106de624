"""From an argument list to an experiment: the stages of the set-up, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nanobragg_numba.errors import ExperimentError
from nanobragg_numba.experiment.beam import Beam, Steps
from nanobragg_numba.experiment.crystal import Crystal
from nanobragg_numba.experiment.defects import Defects
from nanobragg_numba.experiment.detector import Detector, Roi
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.experiment.sampling import Outputs, Sampling
from nanobragg_numba.formats.stol import read_stol
from nanobragg_numba.kernels.noise.random import Generator, new_generator
from nanobragg_numba.programs.nanobragg.defects import in_order
from nanobragg_numba.programs.nanobragg.resolve.beam import Flux, resolve_flux
from nanobragg_numba.programs.nanobragg.resolve.cell import Cell, resolve_cell
from nanobragg_numba.programs.nanobragg.resolve.checks import check_counts, check_said
from nanobragg_numba.programs.nanobragg.resolve.convention import Frame, resolve_frame
from nanobragg_numba.programs.nanobragg.resolve.crystal_size import CrystalSize, resolve_size
from nanobragg_numba.programs.nanobragg.resolve.files import EACH_TIME, Files
from nanobragg_numba.programs.nanobragg.resolve.headers import Mask, check_mask
from nanobragg_numba.programs.nanobragg.resolve.mosaic import mosaic_counts, resolve_mosaic
from nanobragg_numba.programs.nanobragg.resolve.notes import Notes
from nanobragg_numba.programs.nanobragg.resolve.placement import Placement, place_detector
from nanobragg_numba.programs.nanobragg.resolve.sources import sources_from_file, sources_from_grid
from nanobragg_numba.programs.nanobragg.resolve.steps import beam_steps, phi_steps, thickness_steps
from nanobragg_numba.programs.nanobragg.resolve.structure_factors import FactorCache, have_factors, resolve_factors
from nanobragg_numba.programs.nanobragg.said import Said


@dataclass(frozen=True)
class Resolved:
    """An experiment with what the report says of its making.

    Attributes
    ----------
    experiment : Experiment
    said : Said
    cell : Cell
    size : CrystalSize
    notes : Notes
    generator : Generator
        Random numbers, as the set-up leaves them for the noise.
    """

    experiment: Experiment
    said: Said
    cell: Cell
    size: CrystalSize
    notes: Notes
    generator: Generator


def lacks_input(said: Said, files: Files = EACH_TIME) -> bool:
    """Whether there is nothing to render: no structure factors, or no crystal."""
    return not have_factors(said, files) or (not said.matrix_file and said.a == 0.0)


def _thickness(said: Said, notes: Notes) -> tuple[Steps, float]:
    """Layers of the sensor and its attenuation coefficient, 1/m."""
    mu = said.mu
    if said.thickness > 0.0 and mu < 0.0:
        mu = 1.0 / said.thickness
        notes.steps.append(f"WARNING: setting detector attenuation depth to {mu:g} m")
    layers = thickness_steps(said.thicksteps, said.thickness)
    if "thickness" in said.fixes:
        layers = replace(layers, step=layers.range / layers.count)
    return layers, mu


def _beam(said: Said, frame: Frame, flux: Flux) -> Beam:
    return Beam(
        wavelength=said.wavelength, direction=frame.axes.beam, fluence=flux.fluence, flux=flux.flux,
        exposure=said.exposure, beamsize=said.beamsize, kahn=said.kahn, nopolar=said.nopolar,
        polarization_axis=frame.axes.polar_axis, vertical=frame.vertical,
        dispersion=beam_steps(said.dispsteps, said.dispersion, said.dispstep),
        hdivergence=beam_steps(said.hdivsteps, said.hdivrange, said.hdivstep),
        vdivergence=beam_steps(said.vdivsteps, said.vdivrange, said.vdivstep),
    )  # fmt: skip


def _roi(said: Said, frame: Frame) -> Roi:
    return Roi(
        max(said.roi_xmin, 0),
        frame.fpixels if said.roi_xmax < 0 else said.roi_xmax,
        max(said.roi_ymin, 0),
        frame.spixels if said.roi_ymax < 0 else said.roi_ymax,
    )


def _detector(
    said: Said, frame: Frame, place: Placement, layers: Steps, mu: float, mask: Mask | None
) -> Detector:
    return Detector(
        fpixels=frame.fpixels, spixels=frame.spixels, pixel_size=frame.pixel, size_f=frame.size_f,
        size_s=frame.size_s, convention=frame.convention, pivot=frame.pivot, fdet=place.fdet, sdet=place.sdet,
        odet=place.odet, twotheta_axis=frame.axes.twotheta_axis, rotx=said.rotx, roty=said.roty,
        rotz=said.rotz, twotheta=said.twotheta, pix0=place.pix0, distance=place.distance,
        close_distance=place.close_distance, Xbeam=frame.Xbeam, Ybeam=frame.Ybeam, Xclose=frame.Xclose,
        Yclose=frame.Yclose, Fbeam=place.Fbeam, Sbeam=place.Sbeam, Fclose=place.Fclose, Sclose=place.Sclose,
        ORGX=place.ORGX, ORGY=place.ORGY, xds_beam=place.xds_beam, dials_origin=place.dials_origin,
        thick_steps=layers.count, thickness=layers.range, thickstep=layers.step, mu=mu, curved=said.curved,
        point_pixel=said.point_pixel, roi=_roi(said, frame), mask=mask.pixels if mask else None,
        mask_file=mask.name if mask else "", placement=place.traced,
    )  # fmt: skip


def _sampling(said: Said, size: CrystalSize, phi: Steps) -> Sampling:
    return Sampling(
        oversample=size.oversample, phi0=said.phi0, phi=phi, dmin=said.dmin,
        oversample_thick=said.oversample_thick, oversample_polar=said.oversample_polar,
        oversample_omega=said.oversample_omega, water_size=said.water_size,
    )  # fmt: skip


def _outputs(said: Said) -> Outputs:
    return Outputs(
        float_file=said.float_file, int_file=said.int_file, pgm_file=said.pgm_file if said.pgm else "",
        noise_file=said.noise_file if said.noise else "", png_file=said.png_file, scale=said.scale,
        pgm_scale=said.pgm_scale, adc=said.adc, noise_seed=said.noise_seed, misset_seed=said.misset_seed,
        mosaic_seed=said.mosaic_seed, progress=said.progress, printout=said.printout,
        printout_pixel=(said.printout_spixel, said.printout_fpixel), trace_pixels=tuple(said.trace_pixels),
        trace_prefix=said.trace_prefix, nexus_file=said.nexus_file, frames=said.frames, cbf_file=said.cbf_file,
        expt_file=said.expt_file, poni_file=said.poni_file,
    )  # fmt: skip


def _check_pixels(pixels: Sequence[tuple[int, int]], frame: Frame) -> None:
    for slow, fast in pixels:
        if not (0 <= slow < frame.spixels and 0 <= fast < frame.fpixels):
            raise ExperimentError(
                f"pixel {slow} {fast} (slow fast) of -trace_pixel is not on the detector of "
                f"{frame.spixels} x {frame.fpixels} pixels"
            )


def resolve(
    said: Said, mask: Mask | None, notes: Notes, write_dump: bool, kept: FactorCache | None = None,
    files: Files = EACH_TIME,
) -> Resolved:  # fmt: skip
    """Turn what was said into an experiment.

    Parameters
    ----------
    said : Said
        Image headers applied, `lacks_input` refused.
    mask : Mask or None
    notes : Notes
        Filled on the way.
    write_dump : bool
        Write the dump file after reading -hkl, as the command does.
    kept : FactorCache, optional
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
    check_mask(mask, frame.spixels, frame.fpixels)
    _check_pixels(said.trace_pixels, frame)
    generator = new_generator(said.noise_seed, said.misset_seed, said.mosaic_seed)

    phi = phi_steps(said.phisteps, said.osc, said.phistep)
    beam = _beam(said, frame, flux)
    layers, mu = _thickness(said, notes)
    domains, spread = mosaic_counts(said, notes)
    check_counts(0, phi.count * domains)

    place = place_detector(said, frame)
    interpolate = said.interpolate
    if interpolate is None:
        interpolate = min(said.Na, said.Nb, said.Nc) <= 2
    cell = resolve_cell(said, generator, notes, files)
    size = resolve_size(said, flux.sample, cell, place, notes)
    if said.stol_file:
        files.read(read_stol, said.stol_file)
        notes.background.append(f"reading {said.stol_file}")
    if kept is not None:
        factors = kept.resolve(said, interpolate, notes)
    else:
        factors = resolve_factors(said, interpolate, write_dump, notes, files)
    if said.source_file:
        sources = sources_from_file(said, frame, files)
    else:
        sources = sources_from_grid(said, frame, beam.hdivergence, beam.vdivergence, beam.dispersion)
    mosaic = resolve_mosaic(domains, spread, generator)

    crystal = Crystal(
        size.a, size.b, size.c, cell.a_star, cell.b_star, cell.c_star, size.lengths, size.Na, size.Nb,
        size.Nc, said.shape, said.fudge, frame.axes.spindle,
    )  # fmt: skip
    detector = _detector(said, frame, place, layers, mu, mask)
    experiment = Experiment(
        beam, sources, detector, crystal, mosaic, factors, _sampling(said, size, phi), _outputs(said),
        Defects(in_order(said.fixes)),
    )  # fmt: skip
    return Resolved(experiment, said, cell, size, notes, generator)
