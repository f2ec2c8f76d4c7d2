# `make help` says what there is. Everything happens in .venv; PYTHON=… chooses the Python it is made from.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run test e2e check lint bench storm soak samples lock clean venv-local venv-dev venv-checkov
export PYTHON

RUN := .venv/bin/python
ARGS ?=
RUNS ?= 10000
SEED ?= $(shell date +%s)
PYTEST_QUIET := $(RUN) -m pytest -q -p no:cacheprovider

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: venv-local ## start everything, send the samples, show the results, serve (ARGS="--once --port 8010 --data DIR")
	@$(RUN) -m local run $(ARGS)

test: venv-dev ## run every test, on all cores (ARGS="-k name"; ARGS="-n 0" for one after the other)
	@$(RUN) -m pytest -n auto $(ARGS)

e2e: venv-dev ## deploy to an emulator of AWS, and use what was deployed (a few minutes; ARGS="-k policies")
	@$(RUN) -m tests.e2e.environment
	@E2E=1 $(RUN) -m pytest -n 2 --dist loadfile tests/e2e $(ARGS)

check: lint test ## formatting, linting, types, import contracts, and every test

lint: venv-dev venv-checkov ## the checks without the tests
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports
	@$(RUN) -m ops policies --check
	@.venv/bin/cfn-lint infra/*.yaml
	@build/checkov/bin/checkov --directory infra --framework cloudformation --compact --quiet --skip-download

soak: venv-dev ## what may go wrong in any order, 10,000 times, on all cores (RUNS=…, SEED=…; twenty minutes of two cores)
	@seq $(SEED) $$(($(SEED) + ($(RUNS) + 499) / 500 - 1)) | MACHINE_RUNS=500 xargs -P $$(getconf _NPROCESSORS_ONLN) -I{} sh -c \
	    'out=$$($(PYTEST_QUIET) --show-capture=no tests/faults/test_state_machine.py --hypothesis-seed={} 2>&1); code=$$?; \
	    test $$code = 0 && out=$$(echo "$$out" | tail -1); echo "seed {}: $$out"; exit $$code'

bench: venv-dev ## measure speed, memory, import time and package size (never part of the tests)
	@$(RUN) -m bench $(ARGS)

storm: venv-dev ## 500 documents while messages get lost, calls fail and the process is killed (ARGS="--seed 2 --documents 100")
	@$(RUN) -m bench.stack_storm $(ARGS)

samples: venv-dev ## make the sample documents anew
	@$(RUN) -m samples.make_samples

lock: ## pin the requirements anew (needs uv)
	cd requirements && for name in dev local lambda bench-peer checkov e2e; do \
	    if [ $$name = lambda ]; then target=../requirements.txt; else target=$$name.txt; fi; \
	    case $$name in dev|bench-peer|checkov|e2e) constraint=;; *) constraint="-c dev.txt";; esac; \
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
