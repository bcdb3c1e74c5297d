# The two commands of the README are `make demo` and `make test`; `make` alone lists the rest.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench api lock

help: ## Lists these commands
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Poolkeeper needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: .venv/ready ## Makes .venv from the hashed lock file

demo: setup ## Prepares data, starts everything, prints where to look; Ctrl-C ends it
	@$(BIN)/poolkeeper init
	@$(BIN)/poolkeeper serve --demo

test: setup ## Runs the tests against the real parts
	@sh tests/setup.sh
	$(BIN)/pytest

lint: setup ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## Measures server CPU per request as ratios of what the machine can do
	$(BIN)/python -m tools.bench

api: setup ## Compiles the AWS service models into shared/aws/api
	$(BIN)/python -m tools.api

lock: ## Resolves requirements.lock anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --extra dev pyproject.toml -o requirements.lock
