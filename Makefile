# Two commands set a fresh machine up: `make lab` to use it, `make test` to work on it.
# Needed beforehand: Python 3.10 or newer with venv, and make.

PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
NOTEBOOK ?= notebooks/1_first_sound.ipynb
# More for JupyterLab, e.g. make lab LAB_OPTIONS=--no-browser
LAB_OPTIONS ?=

PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(PY) -m pip install --quiet
# The pins were taken on Python 3.11; older ones have no wheels for some of them.
CONSTRAIN = $$($(PY) -c 'import sys; print("-c constraints.txt" if sys.version_info >= (3, 11) else "")')
# With the Node on PATH if it is new enough, else the one from PyPI that `make test` installs.
NPM := $(PY) hatch_build.py npm
# Chromium refuses its sandbox to root, and Jupyter wants to be told.
ROOT_OPTION := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

PACKAGE := pyproject.toml constraints.txt hatch_build.py
PAGE := js/package.json js/package-lock.json js/build.mjs js/tsconfig.json \
        $(shell find js/src -type f 2>/dev/null)
TESTED := $(PACKAGE) $(PAGE) Makefile $(shell find cartesia_nb tests notebooks js/test -type f \
        \( -name '*.py' -o -name '*.ipynb' -o -name '*.ts' -o -name '*.cjs' -o -name '*.json' \) \
        -not -path '*/.ipynb_checkpoints/*' 2>/dev/null)

.PHONY: help lab test test-all live check format build bench notebooks constraints clean faults
.DEFAULT_GOAL := help

help:
	@echo 'make lab        set everything up and open JupyterLab on the first lesson'
	@echo 'make test       set everything up and run the tests (some minutes)'
	@echo 'make test-all   make test, then what is long'
	@echo 'make live       the tests of the protocol, against Cartesia itself (CARTESIA_API_KEY)'
	@echo 'make check      linters, types and import arrows, in Python and TypeScript'
	@echo 'make format     let the formatters rewrite the sources'
	@echo 'make build      the wheel and the sdist, in dist/'
	@echo 'make bench      first sound beside ffplay, the timeline against the ear, bad networks, drawing'
	@echo 'make faults     what becomes of a take for each fault, written into CONTRIBUTING.md'
	@echo 'make notebooks  run the lessons and keep their outputs'
	@echo 'make clean      remove what the others made'

# --- setting up ---------------------------------------------------------------------------------

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	  echo "This needs Python 3.10 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: its venv module is not installed."; \
	  echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.lab: $(VENV)/.made $(PACKAGE) $(PAGE)
	@echo 'Installing cartesia_nb and JupyterLab into $(VENV) (a minute or two the first time)'
	$(PIP) $(CONSTRAIN) -e ".[local,analysis,lab]"
	@touch $@

$(VENV)/.test: $(VENV)/.made $(PACKAGE) $(PAGE)
	@echo 'Installing cartesia_nb and its tests into $(VENV) (a minute or two the first time)'
	$(PIP) $(CONSTRAIN) -e ".[test]"
	@touch $@ $(VENV)/.lab

# Browser and loudspeaker. What can't be had is named by the tests themselves, at their end.
$(VENV)/.machine: $(VENV)/.test tests/machine.py
	$(PY) -m tests.machine --install
	@touch $@

js/node_modules/.package-lock.json: js/package-lock.json | $(VENV)/.machine
	$(NPM) ci --include=dev --no-audit --no-fund
	@touch $@

# --- doing --------------------------------------------------------------------------------------

lab: $(VENV)/.lab
	$(PY) -m jupyter lab $(ROOT_OPTION) --LabApp.default_url=/lab/tree/$(notdir $(NOTEBOOK)) \
	  $(LAB_OPTIONS) $(NOTEBOOK)

test: $(VENV)/.machine js/node_modules/.package-lock.json
	$(NPM) test
	$(PY) -m pytest $(PYTEST_OPTIONS)
	@touch $(VENV)/.passed

$(VENV)/.passed: $(TESTED)
	$(MAKE) test

# What `make test` has passed since the last change is not run again.
test-all: $(VENV)/.passed
	$(PY) -m pytest -m long $(PYTEST_OPTIONS)

# Costs characters, and says how many first. The key stays off the command line, where others see it.
live: $(VENV)/.test
	@$(PY) -m tests.live

check: $(VENV)/.test js/node_modules/.package-lock.json
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(NPM) run check

format: $(VENV)/.test js/node_modules/.package-lock.json
	$(PY) -m ruff check --fix
	$(PY) -m ruff format
	$(NPM) run format

build: $(VENV)/.test
	$(PY) -m build

# Timings, which no test asserts. Needs ffplay as well.
bench: $(VENV)/.machine
	$(PY) -m tests.benchmarks.first_sound
	$(PY) -m tests.benchmarks.bad_networks
	$(PY) -m tests.benchmarks.main_thread
	$(PY) -m tests.benchmarks.ear
	$(PY) -m tests.benchmarks.spectrogram

# Every fault at every moment, on the router alone; its table stands in CONTRIBUTING.md.
faults: $(VENV)/.test
	$(PY) -m tests.faults --write

# The lessons' outputs, as they are committed.
notebooks: $(VENV)/.machine
	$(PY) -m tests.notebooks.regenerate

# The versions that the tests ran with, names and numbers only.
constraints: $(VENV)/.test
	$(PY) -m pip --disable-pip-version-check list --format=freeze \
	  --exclude-editable --exclude pip --exclude setuptools > constraints.txt

clean:
	rm -rf $(VENV) dist cartesia_nb/static js/node_modules artifacts \
	  .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
