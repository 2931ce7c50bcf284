# `make lab` for learners, `make test` for everyone who changes something. Each sets up what it needs first.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# What was asked for, also inside the make that sets up.
GOAL ?= $(or $(MAKECMDGOALS),lab)
export GOAL

.PHONY: lab test mutants bench build lint site sums

lab: .venv/lab.stamp
	$(BIN)/course lab $(ARGS)

# Style and types first: they take seconds, and what they find is mended in seconds. A test that hangs fails and says where.
test: lint
	$(BIN)/python -m pytest -n 2 --dist loadscope --max-worker-restart 0 --timeout 600 --timeout-method signal $(ARGS)

# Every small change to every solution and reference must be noticed by the exercises' fixed cases; ARGS=07 for one lesson.
mutants: .venv/test.stamp
	$(BIN)/python -m tests.mutants $(ARGS)

bench: .venv/bench.stamp
	@for benchmark in benchmarks/*.py; do echo "== $$benchmark"; $(BIN)/python $$benchmark || exit 1; done

build: .venv/lab.stamp
	$(BIN)/course build $(ARGS)

lint: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The website, in build/site, in both languages. English lessons are shown with their stored outputs; Indonesian ones,
# whose outputs are not stored, are run when they are out of date: some five minutes the first time.
site: .venv/site.stamp
	$(BIN)/course build --language id --jobs 2
	$(BIN)/python site

# After a change of the data set: the checksums that `course doctor` verifies. The card's words are no data: lessons
# need not run again when they change.
sums:
	cd data && git ls-files | grep -v -e SHA256SUMS -e README | LC_ALL=C sort | xargs sha256sum > SHA256SUMS

.venv/lab.stamp: pyproject.toml requirements.lock install.py
	@$(MAKE) --no-print-directory .venv/bin/python
	@echo "Installing the course (a minute or two the first time) ..."
	@$(BIN)/python install.py
	@touch $@

.venv/test.stamp: pyproject.toml requirements.lock install.py
	@$(MAKE) --no-print-directory .venv/bin/python
	@echo "Installing the course and its test tools (a minute or two the first time) ..."
	@$(BIN)/python install.py test site
	@touch $@ .venv/lab.stamp .venv/site.stamp

.venv/site.stamp: pyproject.toml requirements.lock install.py
	@$(MAKE) --no-print-directory .venv/bin/python
	@echo "Installing the course and what its website is made with (a minute or two the first time) ..."
	@$(BIN)/python install.py site
	@touch $@ .venv/lab.stamp

.venv/bench.stamp: .venv/test.stamp
	@$(BIN)/python install.py bench
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	    || { echo "make: Python 3.11 or newer is needed; install it, or name it: make PYTHON=python3.12 $(GOAL)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	    || { echo "make: this Python has no venv module; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "make: the virtual environment .venv could not be made"; exit 1; }
