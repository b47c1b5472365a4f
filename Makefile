# Everything a newcomer needs: make demo, make test, make check.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: demo demo-tryton test check docs bench clean
.DEFAULT_GOAL := demo

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made; on Debian install python3-venv."; exit 2; }

$(VENV)/.demo: pyproject.toml | $(PY)
	@$(PIP) -e '.[sql,cli,speed]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(PY)
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(PY) examples/quickstart.py

demo-tryton: $(VENV)/.demo
	@$(PY) examples/tryton_import.py

test: $(VENV)/.dev
	@$(PY) -m coverage erase
	@$(PY) -m coverage run -m pytest
	@$(PY) -m coverage combine --quiet

check: $(VENV)/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(VENV)/bin/pyright --pythonpath $(PY)
	@$(PY) -m pytest -q tests/test_layers.py
	@test -f .coverage || $(MAKE) test
	@$(PY) -m coverage report
	@$(MAKE) --no-print-directory docs

docs: $(VENV)/.dev
	@$(PY) -m sphinx -n -W --keep-going -q -b html docs docs/_build/html

bench: $(VENV)/.dev
	@$(PY) benchmarks/run.py

clean:
	rm -rf $(VENV) dist build docs/_build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
