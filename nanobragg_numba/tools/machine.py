"""What a measurement was made on: processor, memory, versions, commit."""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from nanobragg_numba.version import __version__

PACKAGE = Path(__file__).resolve().parents[1]


def machine() -> dict[str, Any]:
    """Describe this machine.

    Returns
    -------
    dict
        cpu, cores that this process may use, memory_gib, system.
    """
    return {
        "cpu": cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def cpu() -> str:
    """Name the processor, with the vector units that matter here."""
    name, flags = "", ""
    try:
        for line in Path("/proc/cpuinfo").read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and not name:
                name = value.strip()
            elif key.strip() == "flags" and not flags:
                flags = f" {value} "
    except OSError:
        pass
    units = [label for flag, label in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if f" {flag} " in flags]
    return (name or platform.processor() or platform.machine()) + (f" ({units[0]})" if units else "")


def versions() -> dict[str, str]:
    """Versions of this package and of what it stands on."""
    found = {"nanobragg_numba": __version__, "python": platform.python_version()}
    for name in ("numba", "llvmlite", "numpy", "scipy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    found["c_library"] = " ".join(platform.libc_ver())
    return found


def git_commit() -> str | None:
    """The commit of the checkout that this package lies in, `-modified` where it is; None outside of one."""
    if not git(PACKAGE, "ls-files", "__init__.py"):
        return None
    commit = git(PACKAGE, "rev-parse", "HEAD")
    changed = git(PACKAGE, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return f"{commit}-modified" if commit and changed else commit or None


def git(folder: Path, *arguments: str) -> str:
    """Return what git says there; empty where there is no git or no checkout."""
    try:
        command = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def json_text(values: Any) -> str:
    """Write values as JSON; numbers that it has no word for become text."""
    return json.dumps(_plain(values), indent=2) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
