"""The one driver of noisify: from arguments to images, with what is said on the way as events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nanobragg_numba.constants import R_E_SQR
from nanobragg_numba.engine.counting import Counting
from nanobragg_numba.engine.spread import PointSpread, Spreading, choose_radius
from nanobragg_numba.engine.threads import in_slices, slices, thread_count
from nanobragg_numba.io.atomic import OutputGroup
from nanobragg_numba.kernels import ready
from nanobragg_numba.kernels.noise import readout
from nanobragg_numba.options.words import words_of
from nanobragg_numba.programs.noisify import report
from nanobragg_numba.programs.noisify.defects import TABLE as DEFECTS
from nanobragg_numba.programs.noisify.header import Header
from nanobragg_numba.programs.noisify.option_values import OptionValues
from nanobragg_numba.programs.noisify.parse import parse
from nanobragg_numba.programs.noisify.photons import Source, open_source, read_photons, take_geometry
from nanobragg_numba.programs.noisify.place import check, complete, place, take_header
from nanobragg_numba.programs.noisify.result import Noisy
from nanobragg_numba.programs.noisify.writing import write_noise, write_noiseless

_SLICE = 1 << 18


def _by_width(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """As an array of 16 bits and one of 32, one of which is empty."""
    is_wide = counts.dtype == np.uint32
    return np.empty(0, np.uint16) if is_wide else counts, counts if is_wide else np.empty(0, np.uint32)


class Events:
    """What a run says; each method may be overridden."""

    def printed(self, text: str) -> None:
        """Lines for standard output."""

    def warned(self, messages: Sequence[str]) -> None:
        """Lines for standard error."""

    def began(self, stage: str, total: int) -> Callable[[int], None] | None:
        """A stage that may be long begins; what is returned is called with how much of the total is done."""
        return None


class Run:
    """A run.

    Parameters
    ----------
    args : str or sequence of str
    events : Events, optional
    source : Source, optional
        The image where it is not to be read from the file that the arguments name.

    Raises
    ------
    NanoBraggError
    """

    def __init__(self, args: str | Sequence[str], events: Events | None = None, source: Source | None = None) -> None:
        self.argv = words_of(args)
        self.events = events or Events()
        self.options, self._scan = parse(self.argv)
        self.source = source
        self.header: Header | None = None
        self.threads = thread_count(self.options.threads)
        self._defects = set(self._scan.defects)

    @property
    def has_input(self) -> bool:
        return self.source is not None or bool(self.options.float_file)

    @property
    def scan_report(self) -> str:
        """What C prints while it scans."""
        return "".join(f"{line}\n" for line in self._scan.report)

    def execute(self, write_files: bool = True) -> Noisy:
        """Do what the arguments say.

        Raises
        ------
        NanoBraggError
            Then no file is written, and older ones stay as they were.
        """
        self.events.warned(self._scan.notes)
        ready.prepare(["noisify"])
        photons = self._read()
        options = self.options
        result = Noisy(np.empty(0, np.uint16))
        self._scale(photons, result)
        with OutputGroup() as group:
            outputs = group if write_files else None
            if options.psf and options.psf_fwhm > 0.0 and not options.noise:
                self.events.printed(report.noiseless_spread(options.psf_fwhm / options.pixel))
                photons = self._spread(photons, result)
            self._noiseless(photons, result)
            write_noiseless(outputs, self, result, self.events.printed)
            if options.noise:
                photons = self._noise(photons, result)
                write_noise(outputs, self, result, self.events.printed)
            self._report_defects()
        return result

    # ---- input ----

    def _read(self) -> np.ndarray:
        options = self.options
        source = self.source = self.source or open_source(options.float_file)
        if options.header_file:
            self.events.printed(report.header_lines(options.header_file))
            self.options, self.header, defects = take_header(options, self.argv)
            options = self.options
            self._defects.update(defects)
            if not self.header.says(options.bits):
                self._defects.add("header-type")
        elif options.detsize_given and not options.xpixels and not options.ypixels:
            self._defects.add("detsize")
        take_geometry(source, options)
        for line in place(options, source.bytes // 4):
            self.events.printed(f"{line}\n")
        check(options)
        self.events.printed(report.importing(options, source.name))
        photons, warnings = read_photons(source, options)
        self.events.warned(warnings)
        if source.bytes < photons.nbytes:
            self._defects.add("short-file")
        if options.noise and (options.seed > 0 or (options.calibration > 0.0 and self._calibration_seed_is_negative())):
            self._defects.add("negative-seed")
        complete(options)
        self.events.printed(report.parameters(options))
        return photons

    def _calibration_seed_is_negative(self) -> bool:
        return self.options.calib_seed > 0 and self.options.calib_seed != OptionValues().calib_seed

    def _scale(self, photons: np.ndarray, result: Noisy) -> None:
        """Photons of intensities, in place; every negative one is said."""
        options, name = self.options, self.source.name if self.source else ""
        flat = photons.reshape(-1)
        if not np.min(flat, initial=0.0) >= 0.0:
            for value in flat[flat < 0.0].tolist():
                self.events.printed(report.negative(name, value))
        factor = options.fluence * R_E_SQR
        found = list(in_slices(self.threads, flat.size, _SLICE, lambda a, b: readout.scale_photons(
            flat, a, b, factor, options.scale,
        )))  # fmt: skip
        result.largest = max((each[0] for each in found), default=0.0)
        undefined = sum(each[2] for each in found)
        with np.errstate(all="ignore"):
            largest = np.float64(result.largest)
            on_scale = float(largest * options.scale * options.fluence * R_E_SQR)
        self.events.printed(report.maximum(result.largest, on_scale))
        if undefined and not (options.psf and options.psf_fwhm > 0.0 and not options.psf_radius):
            self.events.warned([f"{undefined} pixels hold no finite number of photons"])

    # ---- images ----

    def _noiseless(self, photons: np.ndarray, result: Noisy) -> None:
        options, fixes = self.options, self.options.fixes
        counts = self._new_counts(photons.size)
        self.preview = np.empty(photons.size if options.pgm else 0, np.uint8)
        limit = readout.LARGEST_32 if options.bits == 32 and "int-image-32" in fixes else readout.LARGEST_16
        flat = photons.reshape(-1)
        found = list(in_slices(self.threads, flat.size, _SLICE, lambda a, b: readout.noiseless_counts(
            flat, a, b, options.gain, options.adc, limit, "truncation" in fixes, "below-zero" in fixes,
            *_by_width(counts), self.preview,
        )))  # fmt: skip
        self._find_defects(found)
        if options.bits == 32 and any(each[2] for each in found):
            self._defects.add("int-image-32")
        result.noiseless = counts.reshape(photons.shape)

    def _new_counts(self, count: int) -> np.ndarray:
        return np.empty(count, np.uint32 if self.options.bits == 32 else np.uint16)

    def _find_defects(self, found: list[tuple[int, ...]]) -> None:
        for which, name in enumerate(("below-zero", "truncation")):
            if any(each[which] for each in found):
                self._defects.add(name)

    def _spread(self, photons: np.ndarray, result: Noisy) -> np.ndarray:
        options = self.options
        shape = PointSpread(
            options.psf, options.psf_fwhm / options.pixel, options.psf_radius, "psf-edge" not in options.fixes
        )
        radius = min(options.psf_radius, max(photons.shape))
        if not options.psf_radius:
            chosen = choose_radius(shape, photons)
            self.events.printed(report.automatic_radius(chosen.largest, chosen.asked))
            if chosen.asked is None:
                return np.zeros_like(photons)
            radius = chosen.radius
        spreading = Spreading(shape, photons, radius, self.threads)
        if spreading.reaches_beyond:
            self._defects.add("psf-edge")
        result.lost = spreading.lost
        share = float(np.float64(result.lost) / max(photons.size, 1))
        out = spreading.spread(share, self.events.began("spreading", len(photons)))
        self.events.printed(report.lost(result.lost))
        return out

    def _noise(self, photons: np.ndarray, result: Noisy) -> np.ndarray:
        options, fixes = self.options, self.options.fixes
        flat = photons.reshape(-1)
        self._note_counting(flat)
        calibration = options.calibration
        if calibration > 0.0 and "calibration-pattern" in fixes:
            self._apply_pattern(flat)
            calibration = 0.0
        mended = "poisson-minus-one" in fixes
        chain = Counting(options.seed, self._calibration_state(), options.flicker, calibration, mended)
        chain.count(flat, self.events.began("counting", flat.size))
        if "large-counts" in fixes:
            readout.round_counts(flat, 0, flat.size)
        if options.psf and options.psf_fwhm > 0.0:
            self.events.printed(report.noise_spread(float(readout.photon_sum(flat)), options.psf_fwhm))
            photons = self._spread(photons, result)
        self._read_out(photons.reshape(-1), chain, result)
        result.counts = result.counts.reshape(photons.shape) if result.counts is not None else None
        return photons

    def _calibration_state(self) -> int:
        seed = self.options.calib_seed
        return -abs(seed) if "negative-seed" in self.options.fixes and self._calibration_seed_is_negative() else seed

    def _note_counting(self, photons: np.ndarray) -> None:
        options = self.options
        if options.calibration > 0.0:
            self._defects.add("calibration-pattern")
        if photons.size and not np.max(photons) <= 1.0e6 and np.fmax.reduce(photons) > 1.0e6:
            self._defects.add("large-counts")
        if not (options.calibration > 0.0 or options.flicker > 0.0):
            first = next((value for value in map(float, photons) if not value > 1.0e6), 0.0)
            if first == -1.0:
                self._defects.add("poisson-minus-one")

    def _apply_pattern(self, photons: np.ndarray) -> None:
        """Calibration errors from a generator of their own, in place."""
        pattern = Counting(-abs(self.options.calib_seed), -1, 0.0, 0.0)
        for start, stop in slices(photons.size, _SLICE):
            errors = 1.0 + self.options.calibration * pattern.gauss_deviates(stop - start).astype(np.float64)
            photons[start:stop] = photons[start:stop] * errors

    def _read_out(self, photons: np.ndarray, chain: Counting, result: Noisy) -> None:
        """Counts of a detector from the photons that it has caught, with read-out noise.

        Parameters
        ----------
        photons : (n,) float32
        chain : Counting
        result : Noisy
        """
        options, fixes = self.options, self.options.fixes
        counts, total, found = self._new_counts(photons.size), 0.0, []
        for start, stop in slices(photons.size, _SLICE):
            deviates = chain.gauss_deviates(stop - start) if options.readout > 0.0 else np.empty(0, np.float32)
            total, overloads, *triggers = readout.noise_counts(
                photons, start, stop, options.gain, options.adc, options.readout, deviates, "truncation" in fixes,
                "below-zero" in fixes, total, *_by_width(counts),
            )  # fmt: skip
            result.overloads += overloads
            found.append(tuple(triggers))
        self._find_defects(found)
        result.photons, result.counts = float(total), counts
        self.events.printed(report.noise_image(result.photons, result.overloads))

    def _report_defects(self) -> None:
        self.events.warned(DEFECTS.sentences(self._defects - self.options.fixes))


__all__ = ["Events", "Header", "Noisy", "Run"]
