# Two commands carry this file: `make demo` and `make test`. Each makes .venv first, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# C that is on every machine: Python's headers, those of installed packages, the system's. Folders of C++ are left out.
PYTHON_HEADERS = $(shell $(BIN)/python -c "import sysconfig; print(sysconfig.get_paths()['include'])")
PACKAGES = $(shell $(BIN)/python -c "import sysconfig; print(sysconfig.get_paths()['purelib'])")
C_SOURCES = $(wildcard $(PYTHON_HEADERS)) $(PACKAGES) $(wildcard /usr/include)
NOT_C = torch c++ llvm* clang* node boost Qt* qt* grpc
SECONDS ?= 60

.PHONY: demo test test-slow lint clean help

help:  ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

demo: $(VENV)/.installed  ## Learn C from this machine's own headers for a minute, then write some.
	@mkdir -p demo
	$(BIN)/rnnlab corpus build $(C_SOURCES) $(NOT_C:%=--exclude '%') -o demo/machine.c --force
	$(BIN)/rnnlab train demo/machine.c --preset small --split 98/1/1 --time $(SECONDS)s --runs-dir demo/runs --plugin c-syntax
	@echo
	@echo "That was a minute. Next:"
	@echo "  . $(BIN)/activate"
	@echo "  rnnlab tui --runs-dir demo/runs              # look at the run; press ? for help"
	@echo "  rnnlab sample $$(ls -td demo/runs/*/ | head -n 1)   # let it write"
	@echo "  rnnlab train demo/machine.c --time 30m       # learn for longer"
	@echo "  rnnlab train linux-6.1.tar.xz --gpu          # and then the Linux kernel"

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
