"""The command noisify: from argv to exit code, reading top to bottom."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from nanobragg_numba.command.guard import complain, guarded
from nanobragg_numba.errors import one_line
from nanobragg_numba.version import VERSION_LINE, __version__

BANNER = f"noisify of nanobragg_numba {__version__}: photons to counts, after noisify by Holton"
NAME = "noisify"
NO_INPUT = 9


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name. By default those of the process, which then is this command's
        own: signals end it at once.

    Returns
    -------
    int
        Exit code: 0 done, 1 something is wrong, 2 bad usage, 9 no float image, 130 interrupted.
    """
    if argv is None:
        # Numba is kept from loading SciPy's BLAS, a quarter of the start-up, which no kernel uses.
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
    return guarded(NAME, _command, argv, kernels=True)


def _command(argv: list[str]) -> int:
    from nanobragg_numba.programs.noisify.parse import parse

    options, _ = parse(argv)
    if options.help:
        from nanobragg_numba.programs.noisify.help import usage

        print(usage(), end="")
        return 0
    if options.list_fixes:
        from nanobragg_numba.programs.noisify.defects import TABLE

        print(TABLE.listing(), end="")
        return 0
    if options.version:
        print(VERSION_LINE)
        return 0
    if not options.float_file:
        return _no_input()
    began = time.perf_counter()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    return _noisify(argv, began)


def _no_input() -> int:
    from nanobragg_numba.programs.noisify.help import usage

    print(BANNER)
    print(usage(), end="")
    complain(NAME, "no float image: give -floatfile, or an argument that contains floatimage.bin")
    return NO_INPUT


def _noisify(argv: list[str], began: float) -> int:
    import numpy as np

    from nanobragg_numba.programs.noisify.run import Events, Run

    class Console(Events):
        """Prints what the C program prints, and on standard error what it does not."""

        bar: Any = None

        def printed(self, text: str) -> None:
            sys.stdout.write(text)

        def warned(self, messages: Sequence[str]) -> None:
            for message in messages:
                print(f"{NAME}: warning: {one_line(message)}", file=sys.stderr)

        def began(self, stage: str, total: int) -> Callable[[int], None] | None:
            sys.stdout.flush()
            return _progress(stage, total) if run.options.progress else None

    run = Run(argv, Console())
    sys.stdout.write(run.scan_report + BANNER + _fixes(run.options.fixes) + "\n")
    imported = time.perf_counter()
    _announce_compilation()
    with np.errstate(all="ignore"):
        run.execute()
    sys.stdout.flush()
    if run.options.verbose:
        now = time.perf_counter()
        for name, seconds in (("imports", imported - began), ("reading, computing and writing", now - imported)):
            print(f"{NAME}: {seconds:8.3f} s  {name}", file=sys.stderr)
    return 0


def _fixes(names: frozenset[str]) -> str:
    from nanobragg_numba.programs.noisify.defects import TABLE

    return f"\nfixes: {' '.join(TABLE.in_order(names))}" if names else ""


def _announce_compilation() -> None:
    """Say so when the kernels are not in the cache yet: the first of them, which every run needs, stands for all."""
    import numpy as np

    from nanobragg_numba.kernels import jit
    from nanobragg_numba.kernels.noise.readout import scale_photons

    if not jit.is_cached(scale_photons, (np.zeros(1, np.float32), 0, 1, 1.0, 1.0)):
        complain(NAME, "compiling the kernels for this machine, once")


def _progress(stage: str, total: int) -> Callable[[int], None] | None:
    """A bar on a terminal; else None."""
    if not sys.stderr.isatty():
        return None
    from tqdm import tqdm

    columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80  # some terminals do not know their width
    bar = tqdm(total=total, unit="row" if stage == "spreading" else "pixel", desc=stage, file=sys.stderr, leave=False,
               smoothing=0.0, ncols=columns)  # fmt: skip

    def done(count: int) -> None:
        bar.update(count - bar.n)
        if count >= total:
            bar.close()

    return done


if __name__ == "__main__":
    sys.exit(main())
