"""A cluster of dask.distributed, one that runs already or one of our own, with the interface of the local pool."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from nanobragg_numba.errors import NanoBraggError
from nanobragg_numba.version import __version__

_PATIENCE = 8.0
_PATIENCE_FOR_WORKERS = 60.0


def _distributed() -> Any:
    try:
        import distributed
    except ImportError as error:
        raise NanoBraggError("a cluster needs dask.distributed: pip install 'nanobragg-numba[sweep]'") from error
    return distributed


def worker_version() -> str:
    """The version of this package that a worker has."""
    return __version__


class DaskPool:
    """Workers of a cluster.

    Parameters
    ----------
    address : str
        Of the scheduler; empty for a cluster of our own on this machine.
    workers, threads : int
        Of our own cluster.

    Raises
    ------
    NanoBraggError
        dask is not installed; nobody answers there.
    """

    def __init__(self, address: str, workers: int, threads: int) -> None:
        os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "error")  # before it is imported
        distributed = _distributed()
        self.deaths = 0
        self._slots = 1
        self._cluster = None
        self._lost_since = 0.0
        try:
            if not address:
                for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
                    os.environ[name] = str(threads)  # dask's own settings do not reach Numba
                self._cluster = distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
                )
            self._client = distributed.Client(self._cluster or address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise NanoBraggError(f"no dask scheduler answers at {address or 'this machine'}: {error}") from error
        self._await_a_worker()
        self._compare_versions()
        self._executor = self._client.get_executor(pure=False)

    def _await_a_worker(self) -> None:
        """Wait until there is a worker to ask; one that was just started takes a while to join."""
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE_FOR_WORKERS)
        except TimeoutError as error:
            self.close()
            raise NanoBraggError(
                f"the cluster has had no worker for {_PATIENCE_FOR_WORKERS:g} s; start `dask worker`s"
            ) from error

    def _compare_versions(self) -> None:
        """Refuse workers that have another version of this package, or none."""
        try:
            versions = set(self._client.run(worker_version).values())
        except Exception as error:
            self.close()
            raise NanoBraggError(
                f"workers of the cluster cannot load nanobragg_numba with nb-sweep; install it there: {error}"
            ) from error
        if versions - {__version__}:
            self.close()
            raise NanoBraggError(f"workers of the cluster have nanobragg_numba {versions}, here it is {__version__}")

    @property
    def slots(self) -> int:
        """Threads of all workers that there are now; the last number known while the scheduler does not answer."""
        with suppress(OSError):  # `check` says whether it is gone for good
            self._slots = max(1, sum(self._client.ncores().values()))
        return self._slots

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a function called in some worker."""
        self.check()
        return self._executor.submit(function, *arguments)

    def check(self) -> None:
        """Find out whether the scheduler is still there.

        Raises
        ------
        NanoBraggError
            It is not, and has not been for a while.
        """
        if self._client.status == "running":
            self._lost_since = 0.0
            return
        self._lost_since = self._lost_since or time.monotonic()
        if self._client.status != "connecting" or time.monotonic() - self._lost_since > _PATIENCE:
            raise NanoBraggError("the dask scheduler is gone; what is complete is kept, run again to go on")

    def close(self) -> None:
        """Leave the cluster; end it if it is our own."""
        with suppress(Exception):  # whatever goes wrong here, what is complete is recorded already
            self._client.close(timeout=2)
        if self._cluster is not None:
            with suppress(Exception):
                self._cluster.close(timeout=5)
