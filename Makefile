# Two commands carry this file: `make demo` and `make test`. Each makes .venv first, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-slow lint clean help

help:  ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

test: $(VENV)/.installed lint  ## Install if needed, check style and types, run the tests.
	$(BIN)/python -m pytest -n auto -m "not slow"

test-slow: $(VENV)/.installed  ## Run the tests that take minutes.
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.installed  ## ruff, mypy --strict and the import floors.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:  ## Remove .venv and everything that was built.
	rm -rf $(VENV) build dist *.egg-info
