# Everyone runs the same names. `make` alone prints them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PYTHONPATH := .:shared
PORT ?= 3000
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Workers for `make test`; 0 runs one test after another.
JOBS ?= 3

.PHONY: help
help: ## print this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/.ready: requirements.txt layers/dependencies/requirements.txt
	@echo "Installing the pinned packages into $(VENV) (once, about a minute) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 setup")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.PHONY: setup
setup: $(BIN)/.ready ## install everything that development needs

# build.mk names the SAM CLI, so it comes before those that ask for it.
include local/run.mk local/race.mk local/fuzz.mk local/soak.mk local/tools/build.mk local/lambda.mk local/cost.mk local/tools/audit.mk

.PHONY: format
format: setup ## put the code into the house's form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lint
lint: setup ## form, lint, types and imports (seconds)
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: check
check: lint ## everything fast: the same, and the tests of rules and template (seconds)
	@$(BIN)/pytest -q tests/unit tests/property tests/template

.PHONY: test
test: setup $(SAM) ## every test: fast ones, contracts, stand-ins, end to end, browser, packaging (minutes)
	@$(BIN)/pytest --numprocesses $(JOBS) --durations=10

BENCHMARK = $(or $(if $(filter cold,$(or $(ROW),cold)),cold_start),$(ROW))

.PHONY: bench
bench: setup ## measure against a floor: make bench ROW=cold (imports, the default), ROW=web (pages and card)
	@test -f "benchmarks/$(BENCHMARK).py" || { echo "ROW is cold or web."; exit 1; }
	@$(BIN)/python benchmarks/$(BENCHMARK).py $(if $(BUILT),--built)

.PHONY: clean
clean: ## remove everything that was made
	rm -rf $(VENV) .build .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* local/tools/*/.venv local/tools/*/.package
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
