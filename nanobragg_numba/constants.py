"""Physical and numerical constants, to the digits that decide the output bytes."""

DEGREES_PER_RADIAN = 180.0 * 0.31830988618379067154
"""RTD: degrees are divided by it, never multiplied by pi/180, which differs in the last bit."""

R_E_SQR = 7.94079248018965e-30
"""Thomson scattering cross-section r_e^2, m^2."""

AVOGADRO = 6.02214179e23
"""Particles per mole."""

EV_ANGSTROM = 12398.42
"""Photon energy times wavelength, eV * Angstrom."""

SMALLEST_NORMAL = 2.2250738585072014e-308
"""DBL_MIN, which stands in for a zero that must be divided by."""

LARGEST_COUNT = 65535
"""What a pixel of an image of 2-byte integers holds at most; where counts are cut off, and detectors overflow."""
