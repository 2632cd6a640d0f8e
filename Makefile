# Everything a newcomer needs: `make demo` to see it, `make test` to trust it. Both install what is missing, in .venv.
# PYTHON=python3.12 make setup    chooses another Python.

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
# Nothing of the caller's Python may leak in.
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: .venv/.run ## install what Handrail needs to run

setup-test: .venv/.test ## install what the tests need as well

demo: setup ## see it at work, in a page on this machine: make demo ARGS="--text STORY"
	@$(BIN)/handrail demo $(ARGS)

check: format-check lint types imports test-fast ## the fast loop: style, types, direction of imports, quick tests

test: check .venv/.javascript ## everything: check, then browsers, other makes of app, real PostgreSQL and kills
	@.ci/browser
	@echo "== tests, slow: faults and kills, each with the machine to itself"
	@$(BIN)/python -m pytest -q -m slow tests/faults $(ARGS)
	@echo "== tests, slow: all others; they wait for servers more than for the machine, so three at a time"
	@$(BIN)/python -m pytest -q -m slow -n 3 --dist loadfile --ignore=tests/faults $(ARGS)

bench: setup-test ## measure: make bench ARGS="..."
	@$(BIN)/python -m tests.bench $(ARGS)

reader: .venv/.training ## train the second reader anew, from tests/corpus/open: make reader ARGS="--version 2"
	@$(BIN)/python -m tests.training $(ARGS)

format: setup-test ## put the code into the house style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix-only .

clean: ## remove what was installed and cached
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf tests/matrix/javascript/node_modules
	find bot flows storage tests -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the steps of check -----------------------------------------------------------------------------------------------

format-check: setup-test
	@echo "== format (make format puts it right)"
	@$(BIN)/ruff format --check .

lint: setup-test
	@echo "== lint"
	@$(BIN)/ruff check .

types: setup-test
	@echo "== types"
	@$(BIN)/python -m mypy

imports: setup-test
	@echo "== direction of imports"
	@$(BIN)/lint-imports --no-logo

test-fast: setup-test
	@echo "== tests, fast"
	@$(BIN)/python -m pytest -q -m "not slow" -n 2 --dist worksteal $(ARGS)

# --- installation: each stamp is newer than the lock it was made from -------------------------------------------------

# A copied or moved checkout would run the code of the one it came from; so its environment is made anew.
ifneq ($(shell test -x .venv/bin/python && cat .venv/.home 2>/dev/null),$(CURDIR))
.venv/.home: FORCE
endif

.venv/.home:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Handrail needs Python 3.11 or newer, and $(PYTHON) is not: install one, then PYTHON=python3.12 make ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv is missing here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@echo "$(CURDIR)" > $@

.venv/.run: .ci/run.lock pyproject.toml .venv/.home
	@echo "Installing what Handrail needs to run"
	@$(PIP) install -qq --only-binary :all: --require-hashes -r .ci/run.lock
	@$(PIP) install -qq --no-build-isolation --no-deps --no-index -e .
	@touch $@

.venv/.test: .ci/test.lock .venv/.run
	@echo "Installing what the tests need"
	@$(PIP) install -qq --only-binary :all: --require-hashes -r .ci/test.lock
	@touch $@

.venv/.training: .ci/training.lock .venv/.test
	@echo "Installing what training the second reader needs"
	@$(PIP) install -qq --only-binary :all: --require-hashes -r .ci/training.lock
	@touch $@

# With the Node that came in a wheel, whatever the machine has; it trusts whom the machine trusts; no package may run
# anything of its own.
.venv/.javascript: tests/matrix/javascript/package-lock.json .venv/.test
	@echo "Installing an app on the JavaScript SDK, which the tests of Matrix drive"
	@NODE_OPTIONS=--use-system-ca $(BIN)/npm ci --prefix tests/matrix/javascript --ignore-scripts --loglevel=error >/dev/null
	@touch $@

FORCE:

.PHONY: help setup setup-test demo check test bench reader format clean format-check lint types imports test-fast FORCE
