# `make` or `make help` lists the targets. Everything is installed into .venv; delete that folder to begin anew.

VENV ?= .venv
# The first interpreter found that is new enough; choose another with `make PYTHON=python3.12 ...`.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

PIP := $(VENV)/bin/python -m pip --disable-pip-version-check -qq
FROM := pyproject.toml constraints.txt
SOURCES := src tests
CLIENT := src/descend/studio/static/index.html
CLIENT_SOURCES := scripts/client.py $(wildcard ui/*.json ui/*.ts ui/*.js ui/*.html) $(shell find ui/src ui/public -type f)

.PHONY: help start ui train test check format reproduce bench bench-ui clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@echo "descend: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*##  */  \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

start: $(VENV)/.installed $(CLIENT)  ## set up, then open the studio in the browser
	@$(VENV)/bin/python -m descend studio $(ARGS)

ui: $(CLIENT)  ## build the studio's client

train: $(VENV)/.installed  ## set up, then train LeNet on the embedded digits and draw its mistakes
	@$(VENV)/bin/python -m descend train mnist-lenet --data digits

test: $(VENV)/.installed-test $(CLIENT) $(VENV)/.browser  ## set up, then run the whole test suite
	@$(VENV)/bin/python scripts/client.py test
	@$(VENV)/bin/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev  ## lint, format, types and the order of imports
	@$(VENV)/bin/python -m ruff check .
	@$(VENV)/bin/python -m ruff format --check .
	@$(VENV)/bin/python -m mypy
	@$(VENV)/bin/lint-imports
	@$(VENV)/bin/python scripts/client.py check

format: $(VENV)/.installed-dev  ## put the sources into the common format
	@$(VENV)/bin/python -m ruff check --fix .
	@$(VENV)/bin/python -m ruff format .

reproduce: $(VENV)/.installed  ## run every recipe at full size and write results/ (hours)
	@$(VENV)/bin/python -m descend reproduce

bench: $(VENV)/.installed-bench  ## compare speed with the peers, side by side (about an hour)
	@missed=0; $(VENV)/bin/python -m benchmarks.training_steps --write --json || missed=1; \
	  $(VENV)/bin/python -m benchmarks --only compile_time,memory,recipes --write --json && exit $$missed

bench-ui: $(VENV)/.installed-test $(CLIENT) $(VENV)/.browser  ## how quick the studio is, in a real browser
	@$(VENV)/bin/python -m benchmarks --only studio --json

clean:  ## remove .venv and everything that was made
	rm -rf $(VENV) ui/node_modules src/descend/studio/static build dist results .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------------------------------- set-up
# A stamp is renewed only where pyproject.toml or the constraints changed.

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "descend needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "descend needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) -V 2>&1`"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "making $(VENV) with `$(PYTHON) -V`"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(FROM) | $(VENV)/bin/python
	@echo "installing descend and what it needs (once, about a minute)"
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-test: $(FROM) | $(VENV)/bin/python
	@echo "installing descend and what its tests need (once, a few minutes)"
	@$(PIP) install --constraint constraints.txt --editable '.[test]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: $(FROM) | $(VENV)/bin/python
	@echo "installing descend and the peers that it is compared with (once, a few minutes, 1.5 GB)"
	@$(PIP) install --constraint constraints.txt --editable '.[bench]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: $(FROM) | $(VENV)/bin/python
	@echo "installing the tools that check the sources"
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(CLIENT): $(CLIENT_SOURCES) | $(VENV)/bin/python
	@echo "building the studio's client (once, about half a minute)"
	@$(VENV)/bin/python scripts/client.py build

# The journeys through the studio need a browser; without one they are skipped and say so.
$(VENV)/.browser: | $(VENV)/bin/python
	@$(VENV)/bin/python scripts/browser.py
	@touch $@
