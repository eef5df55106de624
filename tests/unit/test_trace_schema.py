"""traces/ says what the code does, and the reference logs are the ones it has a passport for."""

import hashlib

from paths import TRACES
from trace_text import LOGS

from nanobragg_numba.trace import schema


def test_the_schema_is_the_token_table():
    written = (TRACES / "SCHEMA.md").read_text(encoding="utf-8")
    assert written == schema.text(), "run python -m nanobragg_numba.trace.schema"


def test_the_reference_logs_have_the_digests_of_their_passport():
    digests = {}
    for line in (TRACES / "reference.sha256").read_text().splitlines():
        digest, name = line.split()
        digests[(TRACES / name).resolve()] = digest
    assert digests == {
        path.resolve(): hashlib.sha256(path.read_bytes()).hexdigest() for path in LOGS
    }
