# Two commands: `make up` runs Glimpse here, `make test` tests all of it. `make help` lists more.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help up down status demo test check fmt gen lock install

PORT ?= 8000
BIN := .venv/bin
NPM := infra/install.sh npm
# Generators and checks of the web app ask Python for the schemas.
export PATH := $(CURDIR)/$(BIN):$(PATH)

help: ## list the commands
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/'

up: ## install, build and start everything, on http://localhost:$PORT
	@infra/install.sh run
	@infra/install.sh site
	@$(BIN)/glimpse up --detach --demo --port $(PORT)

down: ## stop everything; what is stored stays
	@if [ -x $(BIN)/glimpse ]; then $(BIN)/glimpse down; else echo "Glimpse was not running."; fi

status: ## show every process
	@$(BIN)/glimpse status

demo: ## fill a running Glimpse with people and photos
	@$(BIN)/glimpse demo

install: ## everything the tests and checks need
	@infra/install.sh dev
	@infra/install.sh node

test: ## run every test, beside a running `make up`
	@infra/install.sh dev
	@infra/install.sh site
	@infra/install.sh browser
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder --durations=15 $(ARGS)
	$(NPM) test

check: install ## format, lint, types, contracts, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m infra.checks
	$(BIN)/glimpse schema --check
	$(NPM) run --silent typecheck
	$(NPM) run --silent lint
	$(NPM) run --silent gen:check

fmt: install ## format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(NPM) run --silent fmt

gen: install ## write the generated files anew
	$(BIN)/glimpse schema
	$(NPM) run --silent gen

lock: ## pin every dependency anew (newest that fits pyproject.toml)
	@infra/lock.sh
