# `make help` says what there is. Everything happens in .venv; PYTHON=… chooses the Python it is made from.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run test check lint bench soak samples lock clean venv-local venv-dev venv-checkov
export PYTHON

RUN := .venv/bin/python
ARGS ?=

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv-local ## start everything, send the samples, show the results, serve (ARGS="--once --port 8010 --data DIR")
	@$(RUN) -m local run $(ARGS)

test: venv-dev ## run every test, on all cores (ARGS="-k name"; ARGS="-n 0" for one after the other)
	@$(RUN) -m pytest -n auto $(ARGS)

check: lint test ## formatting, linting, types, import contracts, and every test

lint: venv-dev venv-checkov ## the checks without the tests
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports
	@$(RUN) -m ops policies --check
	@.venv/bin/cfn-lint infra/*.yaml
	@build/checkov/bin/checkov --directory infra --framework cloudformation --compact --quiet --skip-download

soak: venv-dev ## what may go wrong in any order, 10,000 times (RUNS=…; an hour or two)
	@MACHINE_RUNS=$(or $(RUNS),10000) $(RUN) -m pytest -q tests/faults/test_state_machine.py

bench: venv-dev ## measure speed, memory, import time and package size (never part of the tests)
	@$(RUN) -m bench $(ARGS)

samples: venv-dev ## make the sample documents anew
	@$(RUN) -m samples.make_samples

lock: ## pin the requirements anew (needs uv)
	cd requirements && for name in dev local lambda bench-peer checkov; do \
	    if [ $$name = lambda ]; then target=../requirements.txt; else target=$$name.txt; fi; \
	    case $$name in dev|bench-peer|checkov) constraint=;; *) constraint="-c dev.txt";; esac; \
	    uv pip compile --universal --python-version 3.11 --no-emit-index-url \
	        --custom-compile-command "make lock" -q $$name.in $$constraint -o $$target; \
	done

clean: ## forget local data and caches (.venv stays)
	rm -rf .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

venv-local:
	@requirements/install local

venv-dev:
	@requirements/install dev

venv-checkov:
	@requirements/install checkov
