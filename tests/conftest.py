"""Fixtures that several test files share."""

from cref_build import cref_binary, cref_omp_binary

__all__ = ["cref_binary", "cref_omp_binary"]
