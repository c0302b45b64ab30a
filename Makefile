# make demo    watch a program run in the simulator
# make test    the whole test suite
# make check   style, types, import contracts, coverage of the minds, generated pages
# make bench   how fast, against what
# make soak    kill -9 of the host fifty times at full pressure and in mid-soak, 200 times while it writes the journal; whole programs over the wire; eight hours of a board's life
# make ble-vm  the Bluetooth tests in a small machine with a real kernel and bluetoothd; needs qemu-system-x86, cpio, zstd
# make trial   300 healthy sessions; none may be stopped
# make faults  every fault in every phase, and every two at once in soak and massage; writes docs/reference/fault-matrix.csv
# make mutants break the modules that keep people safe, line by line; the tests must notice

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable
# Half of the tests wait for a device's clock: one worker more than processors, where there are two.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1); [ $$n -gt 1 ] && n=$$((n + 1)); [ $$n -gt 8 ] && n=8; echo $$n)

.PHONY: help demo test check style types contracts pages coverage bench ble-vm faults trial mutants soak docs clean

help:
	@sed -n 's/^# //p' Makefile | head -9

demo: $(VENV)/.installed
	$(BIN)/footctl run evening-unwind --sim --speed 60 --yes --plain

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

check: style types contracts pages coverage

style: $(VENV)/.installed-dev
	$(BIN)/ruff check .

types: $(VENV)/.installed-dev $(VENV)/board-stubs
	$(BIN)/mypy
	$(BIN)/python firmware/boards/check.py $(VENV)/board-stubs

contracts: $(VENV)/.installed-dev
	$(BIN)/lint-imports

pages: $(VENV)/.installed-dev
	$(BIN)/python -m firmware_protocol.reference --check
	$(BIN)/python -m docs.generate --check
	$(BIN)/python -m docs.gallery --check

# The minds on their own tests alone.
coverage: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/protocol tests/device tests/core --cov --cov-report=term

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench

faults: $(VENV)/.installed
	$(BIN)/python -m bench.faults
	$(BIN)/python -m docs.generate

soak: $(VENV)/.installed-test
	FOOTCTL_TRIES=50 $(BIN)/python -m pytest -q tests/system/test_kills.py
	FOOTCTL_KILLS=200 $(BIN)/python -m pytest -q tests/system/test_journal_kills.py
	$(BIN)/python -m pytest -q -m soak tests/system tests/ble tests/board
	FOOTCTL_TRIES=20 $(BIN)/python -m pytest -q tests/ble/test_sessions.py

# FOOTCTL_TRIES: how many whole sessions; BLE_TESTS: which of them.
BLE_TESTS ?= tests/ble/test_adapter.py tests/ble/test_sessions.py tests/ble/test_losses.py tests/ble/test_lessons.py
FOOTCTL_TRIES ?= 5
ble-vm: $(VENV)/.installed-test
	PIP="$(BIN)/python -m pip" tests/ble/vm/build.sh .cache/ble-vm
	tests/ble/vm/run.sh .cache/ble-vm "FOOTCTL_TRIES=$(FOOTCTL_TRIES) FOOTCTL_BLE_BENCH=bluez python3 -m pytest -q -p no:cacheprovider --confcutdir=tests/ble --color=no --durations=5 $(BLE_TESTS)"

trial: $(VENV)/.installed
	$(BIN)/python -m bench.nuisance

mutants: $(VENV)/.installed-test
	nice -n 19 $(BIN)/python -m bench.mutants --workers $(WORKERS)

docs: $(VENV)/.installed
	$(BIN)/python -m firmware_protocol.reference
	$(BIN)/python -m docs.generate
	$(BIN)/python -m docs.gallery

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage

# One stamp for each set of requirements; a change of them installs again.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) '.[dev]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-test

# Types of a board's MicroPython, in a folder of their own: beside other packages they would take the place of Python's.
$(VENV)/board-stubs: constraints.txt | $(BIN)/python
	@rm -rf $@
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --target $@ micropython-rp2-rpi-pico-w-stubs
	@touch $@

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "footctl needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V). Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo; echo "$(PYTHON) -m venv does not work here. On Debian or Ubuntu: sudo apt install python3-venv"; exit 1; }
