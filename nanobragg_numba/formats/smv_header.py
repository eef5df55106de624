"""Header entries of the SMV images."""

from nanobragg_numba.constants import DEGREES_PER_RADIAN
from nanobragg_numba.experiment.amorphous import AmorphousExperiment
from nanobragg_numba.experiment.detector import PixelGrid
from nanobragg_numba.experiment.experiment import Experiment
from nanobragg_numba.formats.smv import HEADER_BYTES, LONG_HEADER_BYTES, is_as_long_as_it_says, smv_header_bytes
from nanobragg_numba.io.numbers import c_format


def smv_header(experiment: Experiment) -> bytes:
    """Header of the integer and the noise image, padded."""
    entries = _entries(experiment)
    header = smv_header_bytes([f"HEADER_BYTES={HEADER_BYTES};", *entries])
    if "smv-header" in experiment.defects.fixed and not is_as_long_as_it_says(header):
        return smv_header_bytes([f"HEADER_BYTES={LONG_HEADER_BYTES};", *entries], LONG_HEADER_BYTES)
    return header


def _entry(key: str, value: float) -> str:
    return c_format(f"{key}=%g;", value)


def _size_entries(panel: PixelGrid) -> list[str]:
    return [
        "DIM=2;",
        "BYTE_ORDER=little_endian;",
        "TYPE=unsigned_short;",
        f"SIZE1={panel.fpixels};",
        f"SIZE2={panel.spixels};",
    ]


def _entries(experiment: Experiment) -> list[str]:
    detector, sampling = experiment.detector, experiment.sampling
    panel, centres, given = detector.panel, detector.centres, detector.placement.centre
    phi0 = sampling.phi0 * DEGREES_PER_RADIAN

    return [
        *_size_entries(panel),
        _entry("PIXEL_SIZE", panel.pixel_size * 1000.0),
        _entry("DISTANCE", centres.distance * 1000.0),
        _entry("WAVELENGTH", experiment.beam.wavelength * 1e10),
        _entry("BEAM_CENTER_X", given.Xbeam * 1000.0),
        _entry("BEAM_CENTER_Y", given.Ybeam * 1000.0),
        _entry("ADXV_CENTER_X", centres.Fbeam * 1000.0),
        _entry("ADXV_CENTER_Y", (panel.size_s - centres.Sbeam) * 1000.0),
        _entry("MOSFLM_CENTER_X", (centres.Sbeam - 0.5 * panel.pixel_size) * 1000.0),
        _entry("MOSFLM_CENTER_Y", (centres.Fbeam - 0.5 * panel.pixel_size) * 1000.0),
        _entry("DENZO_X_BEAM", centres.Sbeam * 1000.0),
        _entry("DENZO_Y_BEAM", centres.Fbeam * 1000.0),
        c_format("DIALS_ORIGIN=%g,%g,%g", *centres.dials_origin),
        _entry("XDS_ORGX", centres.ORGX),
        _entry("XDS_ORGY", centres.ORGY),
        _entry("CLOSE_DISTANCE", centres.close_distance * 1000.0),
        _entry("PHI", phi0),
        _entry("OSC_START", phi0),
        _entry("OSC_RANGE", sampling.phi.range * DEGREES_PER_RADIAN),
        _entry("TWOTHETA", detector.placement.twotheta * DEGREES_PER_RADIAN),
        "DETECTOR_SN=000;",
        "BEAMLINE=fake;",
    ]


def amorphous_header(experiment: AmorphousExperiment) -> bytes:
    """Header of the same images of amorphous matter; it is never longer than it says."""
    detector, phi0 = experiment.detector, experiment.phi0 * DEGREES_PER_RADIAN
    panel, centres = detector.panel, detector.centres
    half = 0.5 if "org-half-pixel" in experiment.defects.fixed else 0.0
    entries = [
        f"HEADER_BYTES={HEADER_BYTES};",
        *_size_entries(panel),
        _entry("PIXEL_SIZE", panel.pixel_size * 1000.0),
        _entry("DISTANCE", centres.distance * 1000.0),
        _entry("WAVELENGTH", experiment.beam.wavelength * 1e10),
        _entry("BEAM_CENTER_X", centres.Fbeam * 1000.0),
        _entry("BEAM_CENTER_Y", (panel.size_s - centres.Sbeam) * 1000.0),
        _entry("ORGX", centres.Fclose / panel.pixel_size + half),
        _entry("ORGY", centres.Sclose / panel.pixel_size + half),
        _entry("CLOSE_DISTANCE", centres.close_distance * 1000.0),
        _entry("PHI", phi0),
        _entry("OSC_START", phi0),
        _entry("OSC_RANGE", experiment.phi_range * DEGREES_PER_RADIAN),
        _entry("TWOTHETA", detector.placement.twotheta * DEGREES_PER_RADIAN),
        "DETECTOR_SN=000;",
        "BEAMLINE=fake;",
    ]
    return smv_header_bytes(entries)
