"""Random command lines of nonBragg, from its whole table, small enough to be run by the hundred."""

import random

TABLES = ["liquid.stol", "air.stol", "coarse.stol", "unsorted.stol", "shuffled.stol", "negative.stol", "odd.stol",
          "comments.stol", "two.stol", "one.stol", "three.stol", "steep.stol", "repeated.stol", "close.stol",
          "below_zero.stol", "missing_ends.stol", "crlf.stol", "descending.stol"]  # fmt: skip


def _number(draw: random.Random, low: float, high: float) -> str:
    return f"{draw.uniform(low, high):.{draw.randint(1, 6)}g}"


def _vector(draw: random.Random, size: float = 1.0) -> str:
    return " ".join(_number(draw, -size, size) for _ in range(3))


def _optional(draw: random.Random) -> list[str]:
    def n(low: float, high: float) -> str:
        return _number(draw, low, high)

    count = draw.randint
    return [
        f"-Xbeam {n(-2, 12)}", f"-Ybeam {n(-2, 12)}", f"-Xclose {n(-2, 12)}", f"-Yclose {n(-2, 12)}",
        f"-ORGX {n(-3, 20)}", f"-ORGY {n(-3, 20)}", "-pivot sample", "-pivot beam",
        f"-detector_rotx {n(-30, 30)}", f"-detector_roty {n(-30, 30)}", f"-detector_rotz {n(-30, 30)}",
        f"-twotheta {n(-40, 40)}", f"-twotheta_axis {_vector(draw)}", f"-fdet_vector {_vector(draw)}",
        f"-sdet_vector {_vector(draw)}", f"-odet_vector {_vector(draw)}",
        f"-beam_vector 1 {n(-0.2, 0.2)} {n(-0.2, 0.2)}",
        f"-polar_vector {_vector(draw)}", f"-spindle_axis {_vector(draw)}", f"-pix0_vector {_vector(draw)}",
        f"-close_distance {n(10, 60)}", f"-source_distance {n(100, 20000)}", "-curved_det 1", "-point_pixel", "-Fmap",
        f"-polar {n(-1, 1)}", f"-polar {n(0.9, 1)}", "-nopolar", f"-oversample {count(0, 3)}",
        f"-oversample_thick {count(1, 3)}",
        f"-roi {count(-1, 8)} {count(3, 25)} {count(-1, 8)} {count(3, 25)}", f"-energy {n(8000, 16000)}",
        f"-flux 1e{count(10, 14)}", f"-exposure {n(0, 3)}", f"-beamsize {n(0.05, 1)}",
        f"-dispersion {n(0.1, 8)}", f"-dispsteps {count(1, 4)}", f"-divergence {n(0.1, 20)}",
        f"-divsteps {count(1, 4)}",
        f"-hdivrange {n(0.1, 20)}", f"-vdivrange {n(0.1, 20)}", f"-hdivsteps {count(1, 4)}",
        f"-vdivsteps {count(1, 4)}",
        f"-vdivstep {n(3, 9)}", "-square_div", "-round_div", f"-adc {n(0, 100)}", f"-gain {n(0.5, 3)}",
        f"-phi {n(0, 90)}", f"-osc {n(0, 3)}", f"-phistep {n(0, 1)}", f"-phisteps {count(0, 5)}",
        f"-sourcefile inputs/{draw.choice(['sources.txt', 'sources_some.txt', 'sources_xyz.txt'])}",
        "-nonoise", "-nopgm",
        f"-scale {n(0, 2)}", f"-pgmscale {n(0, 2)}", "-printout", f"-printout_pixel {count(0, 12)} {count(0, 12)}",
        "-progress", f"-thickness {n(0.01, 3)}", f"-width {n(0.01, 3)}", f"-sample_height {n(0.01, 3)}",
        f"-samplesize {n(0.01, 3)}",
        f"-density {n(0.001, 3)}", f"-molecules 1e{count(10, 18)}", f"-MW {n(2, 300)}", "-noreject", "-coherent",
        f"-thicksteps {count(1, 4)}", f"-trace_pixel {count(0, 7)} {count(0, 7)} -trace_prefix TRACE",
        "-mosflm", f"-wave {n(0.5, 2)}",
    ]  # fmt: skip


def random_command(seed: int) -> str:
    """A command line, the same for the same seed."""
    draw = random.Random(seed)
    kind = draw.choice(["-stol", "-stol", "-stol", "-4stol", "-Q"])
    pixels = draw.randint(8, 24)
    words = [f"{kind} inputs/{draw.choice(TABLES)}", f"-distance {_number(draw, 15, 80)}",
             f"-pixel {_number(draw, 0.2, 1)}", f"-fluence 1e{draw.randint(15, 24)}",
             f"-seed {draw.randint(-3, 1000)}", "-noprogress"]  # fmt: skip
    if draw.random() < 0.2:
        words = [words[0], f"-img inputs/{draw.choice(['ring.img', 'keys.img', 'faint.img'])}", *words[3:],
                 *(f"-ignore {draw.randint(0, 100)}" for _ in range(draw.randint(0, 2)))]  # fmt: skip
    else:
        square = draw.random() < 0.7
        words.append(f"-detpixels {pixels}" if square else f"-detpixels_f {pixels} -detpixels_y {pixels - 3}")
    extra = _optional(draw)
    words += draw.sample(extra, draw.randint(0, 12))
    return " ".join(words)
