"""Header entries of the SMV images."""

from nanobragg_numba.constants import DEGREES_PER_RADIAN
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


def _entries(experiment: Experiment) -> list[str]:
    detector, sampling = experiment.detector, experiment.sampling
    panel, centres, given = detector.panel, detector.centres, detector.placement.centre
    phi0 = sampling.phi0 * DEGREES_PER_RADIAN

    def entry(key: str, value: float) -> str:
        return c_format(f"{key}=%g;", value)

    return [
        "DIM=2;",
        "BYTE_ORDER=little_endian;",
        "TYPE=unsigned_short;",
        f"SIZE1={panel.fpixels};",
        f"SIZE2={panel.spixels};",
        entry("PIXEL_SIZE", panel.pixel_size * 1000.0),
        entry("DISTANCE", centres.distance * 1000.0),
        entry("WAVELENGTH", experiment.beam.wavelength * 1e10),
        entry("BEAM_CENTER_X", given.Xbeam * 1000.0),
        entry("BEAM_CENTER_Y", given.Ybeam * 1000.0),
        entry("ADXV_CENTER_X", centres.Fbeam * 1000.0),
        entry("ADXV_CENTER_Y", (panel.size_s - centres.Sbeam) * 1000.0),
        entry("MOSFLM_CENTER_X", (centres.Sbeam - 0.5 * panel.pixel_size) * 1000.0),
        entry("MOSFLM_CENTER_Y", (centres.Fbeam - 0.5 * panel.pixel_size) * 1000.0),
        entry("DENZO_X_BEAM", centres.Sbeam * 1000.0),
        entry("DENZO_Y_BEAM", centres.Fbeam * 1000.0),
        c_format("DIALS_ORIGIN=%g,%g,%g", *centres.dials_origin),
        entry("XDS_ORGX", centres.ORGX),
        entry("XDS_ORGY", centres.ORGY),
        entry("CLOSE_DISTANCE", centres.close_distance * 1000.0),
        entry("PHI", phi0),
        entry("OSC_START", phi0),
        entry("OSC_RANGE", sampling.phi.range * DEGREES_PER_RADIAN),
        entry("TWOTHETA", detector.placement.twotheta * DEGREES_PER_RADIAN),
        "DETECTOR_SN=000;",
        "BEAMLINE=fake;",
    ]
