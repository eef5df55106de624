# make demo: set everything up and render a real crystal.   make test: set everything up and run every check.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed

.PHONY: demo test test-dials test-oldest-numba check bench cref clean

demo: bytecode
	@mkdir -p demo
	$(BIN)/python examples/demo.py demo

test: bytecode cref check
	$(BIN)/python -m pytest -n auto --dist loadfile

# With the real DIALS, Debian's package, which root gets here; LONG=1 for the long series.
test-dials: bytecode
	@if ! command -v dials.import > /dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dials; fi
	@if command -v dials.import > /dev/null; then LONG=$(LONG) $(BIN)/python -m pytest -x tests/dials; else \
		echo "*** THE TESTS WITH DIALS DID NOT RUN: it is not installed (Debian: apt-get install dials)" >&2; fi

# The oldest Numba that setup.cfg allows: its machine code, too, is linked, and gives the same bytes.
OLDEST_NUMBA = 0.65.0
OLDEST = .venv-oldest-numba
test-oldest-numba: cref
	test -x $(OLDEST)/bin/python || $(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --upgrade pip
	@if $(OLDEST)/bin/python -m pip install --quiet --editable '.[test]' numba==$(OLDEST_NUMBA) \
		--config-settings editable_mode=compat; then \
		$(OLDEST)/bin/python -m pytest -n auto --dist loadfile tests/unit/test_native.py tests/golden/test_golden.py; else \
		echo "*** NOTHING WAS TESTED WITH NUMBA $(OLDEST_NUMBA): it cannot be installed here" >&2; fi

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: bytecode cref
	$(BIN)/nb-bench --workloads all,rotation_500,rotation_500_hkl --out benchmarks/results
	$(BIN)/nb-bench --update-readme README.md
	$(BIN)/python benchmarks/noisify.py

cref:
	$(MAKE) -C cref

# An editable install leaves the manual pages where they are built; `man` looks for them beside bin.
$(STAMP): setup.cfg pyproject.toml nanobragg_numba/programs/nanobragg/option_rows.py nanobragg_numba/options/*.py nanobragg_numba/programs/*/help.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]' --config-settings editable_mode=compat
	mkdir -p $(VENV)/share/man/man1
	cp man/*.1 $(VENV)/share/man/man1/
	touch $@

# As an installation of a wheel does: without it, where PYTHONDONTWRITEBYTECODE is set, each start compiles all modules.
.PHONY: bytecode
bytecode: $(STAMP)
	@$(BIN)/python -m compileall -q nanobragg_numba

clean:
	rm -rf demo build dist man *.egg-info $(VENV) $(OLDEST)
	$(MAKE) -C cref clean
