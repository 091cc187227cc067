# Marketops: `make run` and `make test` are all that is needed. `make help` lists the rest.
# PYTHON=... names the interpreter (3.11 to 3.14); PORT and MARKETOPS_HOME are honoured by run.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
export MAKECMDGOALS
export PYTHON ?= python3
# Container images often set this: every process would then compile all it imports anew, most of its start.
unexport PYTHONDONTWRITEBYTECODE

CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
# What a public server would set: `check --deploy` looks at the settings as they are there.
DEPLOYED := MARKETOPS_LOCAL=0 HTTPS=1 ALLOWED_HOSTS=marketops.example \
	SECRET_KEY=only-for-this-check-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG

.PHONY: help
help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup:  ## Prepare everything that `make run` needs, without starting it
	@scripts/setup runtime
	@$(MAKE) -s catalogues

.PHONY: run
run: setup  ## Start Marketops with its own database, workers and demo shop; Ctrl-C stops all of it
	@exec .venv/bin/python -m marketops.local run

.PHONY: setup-dev
setup-dev:  ## Prepare everything that `make test` needs
	@scripts/setup dev
	@$(MAKE) -s catalogues

.PHONY: test
test: lint browser  ## Check and test everything, with a PostgreSQL and a Redis of its own
	.venv/bin/python -m pytest -q -n 4  # many tests wait for processes: more of them than cores

.PHONY: lint
lint: setup-dev  ## Everything of `make test` that comes before pytest
	.venv/bin/ruff check . && .venv/bin/ruff format --check -q .
	.venv/bin/mypy
	.venv/bin/lint-imports
	@home=$$(mktemp -d) && chmod 755 "$$home" && trap 'rm -rf "$$home"' EXIT && export MARKETOPS_HOME="$$home" && set -e -x && \
	.venv/bin/python manage.py makemigrations --check && \
	env $(DEPLOYED) .venv/bin/python manage.py check --deploy --fail-level WARNING

.PHONY: bench
bench: setup-dev  ## Measure side-by-side ratios; ONLY=name runs one row
	@.venv/bin/python -m benchmarks $(ONLY)

.PHONY: messages
messages: setup-dev  ## Collect the strings that people see into locale/, list what has no translation, compile
	@.venv/bin/python manage.py messages

.PHONY: browser
browser:  ## Install Chromium for the browser tests, where the system's package manager can
	@scripts/install-chromium

.PHONY: lock
lock: setup-dev  ## Choose the newest allowed packages and write requirements/*.txt (UPGRADE=1 moves what is already locked)
	@for name in uv runtime dev; do \
		.boot/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate  \
			--python-version 3.11 $(if $(UPGRADE),--upgrade) \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done

.PHONY: clean
clean: setup  ## Delete the demo's data (MARKETOPS_HOME, default .marketops); refuses while anything uses them
	@.venv/bin/python -m marketops.local clean

.PHONY: catalogues
catalogues: $(CATALOGUES)
	@:

%.mo: %.po
	@.venv/bin/pybabel -q compile -D django -i $< -o $@
