# make alone lists the targets. Everything runs in .venv, made from the hash-locked requirements.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help setup run demo serve test check bench bench-dedup bench-extraction bench-flagging bench-events torture pictures new-site lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-16s  %s\n", $$1, $$2}'

# Two stamps: what a newcomer runs needs no test tools.
$(VENV)/.run-stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tocsin needs Python 3.11 or newer, this is %d.%d: make PYTHON=python3.12" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python has no venv here: apt-get install python3-venv, or your system's like"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing from requirements.lock (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev-stamp: $(VENV)/.run-stamp requirements-dev.lock
	@echo "Installing from requirements-dev.lock ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.dev-stamp ## make .venv with everything, development tools included

run: $(VENV)/.run-stamp ## poll every due feed once, print what was flagged
	@$(BIN)/tocsin run

demo: $(VENV)/.run-stamp ## a sample wire day from a local server through the whole pipeline
	@$(BIN)/tocsin demo

serve: $(VENV)/.run-stamp ## Prefect server with UI and every schedule
	@$(BIN)/tocsin serve

test: $(VENV)/.dev-stamp ## the whole suite, no network
	@$(BIN)/python -m pytest

check: $(VENV)/.dev-stamp ## format, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev-stamp ## what README and CHANGELOG quote
	@$(BIN)/python -m benchmarks

bench-dedup: $(VENV)/.dev-stamp ## deduplication alone; FULL=--full adds 5 million articles
	@$(BIN)/python -m benchmarks dedup $(FULL)

bench-extraction: $(VENV)/.dev-stamp ## full text, titles, dates beside other extractors; pages from TOCSIN_SHARED
	@$(BIN)/python -m benchmarks extraction

bench-flagging: $(VENV)/.dev-stamp ## how well it flags and codes, with confidence intervals
	@$(BIN)/python -m benchmarks flagging coding

bench-events: $(VENV)/.dev-stamp ## which articles are one event, on sample days; translations found; speed
	@$(BIN)/python -m benchmarks events crossing event_speed

torture: $(VENV)/.dev-stamp ## the long form of the fault and kill tests
	@$(BIN)/python -m pytest -m torture -s

pictures: $(VENV)/.dev-stamp ## take the README's pictures again (needs Chromium)
	@TOCSIN_PICTURES=docs/pictures $(BIN)/python -m pytest tests/browser

new-site: $(VENV)/.dev-stamp ## files for a site scraper: make new-site HOST=www.outlet.example
	@$(BIN)/python tools/new_site.py "$(HOST)"

lock: ## pin the requirements again (needs uv)
	@$(PYTHON) tools/lock.py
