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
    d, sampling = experiment.detector, experiment.sampling
    phi0 = sampling.phi0 * DEGREES_PER_RADIAN

    def entry(key: str, value: float) -> str:
        return c_format(f"{key}=%g;", value)

    return [
        "DIM=2;",
        "BYTE_ORDER=little_endian;",
        "TYPE=unsigned_short;",
        f"SIZE1={d.fpixels};",
        f"SIZE2={d.spixels};",
        entry("PIXEL_SIZE", d.pixel_size * 1000.0),
        entry("DISTANCE", d.distance * 1000.0),
        entry("WAVELENGTH", experiment.beam.wavelength * 1e10),
        entry("BEAM_CENTER_X", d.Xbeam * 1000.0),
        entry("BEAM_CENTER_Y", d.Ybeam * 1000.0),
        entry("ADXV_CENTER_X", d.Fbeam * 1000.0),
        entry("ADXV_CENTER_Y", (d.size_s - d.Sbeam) * 1000.0),
        entry("MOSFLM_CENTER_X", (d.Sbeam - 0.5 * d.pixel_size) * 1000.0),
        entry("MOSFLM_CENTER_Y", (d.Fbeam - 0.5 * d.pixel_size) * 1000.0),
        entry("DENZO_X_BEAM", d.Sbeam * 1000.0),
        entry("DENZO_Y_BEAM", d.Fbeam * 1000.0),
        c_format("DIALS_ORIGIN=%g,%g,%g", *d.dials_origin),
        entry("XDS_ORGX", d.ORGX),
        entry("XDS_ORGY", d.ORGY),
        entry("CLOSE_DISTANCE", d.close_distance * 1000.0),
        entry("PHI", phi0),
        entry("OSC_START", phi0),
        entry("OSC_RANGE", sampling.phi.range * DEGREES_PER_RADIAN),
        entry("TWOTHETA", d.twotheta * DEGREES_PER_RADIAN),
        "DETECTOR_SN=000;",
        "BEAMLINE=fake;",
    ]
