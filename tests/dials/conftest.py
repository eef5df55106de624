"""These tests need Debian's DIALS; they are not collected by `make test` but by `make test-dials`."""

import pytest
from dials_tools import missing


def pytest_sessionstart(session):
    why = missing()
    if why:
        pytest.exit(f"THE TESTS WITH DIALS DID NOT RUN: {why}", returncode=4)
