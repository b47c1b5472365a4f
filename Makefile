# What a newcomer needs: make demo, make test, make check. Only Python 3.11+, git and make must be there before.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := demo
.DELETE_ON_ERROR: # half a virtual environment must not look like a whole one
.PHONY: demo demo-tryton demo-odoo install test coverage check docs pictures bench soak clean

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed. Name yours: make PYTHON=python3.12'; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo 'This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv'; exit 2; }
	@$(PYTHON) -m venv $(VENV)

# Stamps: a warm run installs nothing.
$(VENV)/.demo-installed: pyproject.toml | $(PY)
	@echo 'Installing into $(VENV) ...'
	@$(PIP) --editable '.[sql,cli]'
	@touch $@

$(VENV)/.dev-installed: pyproject.toml | $(PY)
	@echo 'Installing the development tools into $(VENV) ...'
	@$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/.demo-installed

demo: $(VENV)/.demo-installed
	@$(PY) examples/quickstart.py

demo-tryton: $(VENV)/.demo-installed
	@$(PY) examples/tryton_import.py

demo-odoo: $(VENV)/.demo-installed
	@$(PY) examples/odoo_import.py

install: $(VENV)/.dev-installed

# Much of the time a test waits for a server of its own, so one more than there are cores is no crowd.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
TESTS := $(PY) -m pytest --numprocesses $(WORKERS) --no-loadscope-reorder

test: $(VENV)/.dev-installed
	@$(TESTS)
	@echo 'All tests passed.'

# The same tests; each line that they run is counted, which takes half as long again.
coverage: $(VENV)/.dev-installed
	@$(PY) -m coverage erase
	@$(TESTS) --cov --cov-report=
	@echo 'All tests passed.'

# The coverage gate reads the data of the last `make coverage`, and runs the tests only where there is none.
check: $(VENV)/.dev-installed
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(PY) -m pyright --pythonpath $(PY)
	@$(PY) -m pytest -q tests/test_layers.py tests/test_public_names.py
	@test -f .coverage || $(MAKE) --no-print-directory coverage
	@$(PY) -m coverage report
	@$(MAKE) --no-print-directory docs

# -E reads every page anew: a page that warned in the last run would be skipped in this one.
docs: $(VENV)/.dev-installed
	@$(PY) -m sphinx -n -W -E --keep-going -q -b html docs docs/_build/html

# The pictures of the docs that show pages of ours, and the texts that tests hold them against. Needs a chromium.
pictures: $(VENV)/.dev-installed
	@PICTURES=1 $(PY) -m pytest -q -n 0 tests/docs/test_pictures.py

# Ends with an error where a figure misses its goal, which a busy machine brings about; all rows are measured before.
bench: $(VENV)/.dev-installed
	@$(PY) benchmarks/run.py

# Hours: hundreds of kills of an import of a thousand, then a million records, two runs of which are killed. `make test` has some of each.
soak: $(VENV)/.dev-installed
	@SOAK=1 $(PY) -m pytest -q -s tests/soak
	@SOAK=1 $(PY) -m pytest -q tests/sync -k kill
	@$(PY) benchmarks/million.py
	@$(PY) benchmarks/relay.py

clean:
	rm -rf $(VENV) dist build docs/_build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
