# One word for each thing you do here. `make help` lists them.

PYTHON := .venv/bin/python
STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev

.PHONY: help setup run test quick journeys fleet check fix bench css

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make the environment in .venv

run: $(STAMP)  ## Serve web, worker and, with nothing configured, the sandbox on http://localhost:5000
	@exec .venv/bin/ordercall serve

test: check quick journeys fleet  ## Everything that has to be right, as CI runs it

quick: $(DEV_STAMP)  ## The tests that take seconds
	$(PYTHON) -m pytest --numprocesses 2 -m "not journey and not fleet"

journeys: $(DEV_STAMP)  ## Real processes: load, outages, kill -9, SIGTERM
	$(PYTHON) -m pytest -m journey

fleet: $(DEV_STAMP)  ## Hosts in network namespaces of their own: workers killed, cables cut, Postgres restarted
	tests/fleet/run $(PYTHON) -m pytest -m fleet tests/fleet

check: $(DEV_STAMP)  ## Format, lint and types
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

fix: $(DEV_STAMP)  ## Repair what can be repaired by itself
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: $(DEV_STAMP)  ## Webhooks answered and orders synced, measured on this machine
	$(PYTHON) bench/intake.py

css:  ## Build the stylesheet, script, icons and font anew (needs Node 20 or newer)
	npm ci --no-audit --no-fund
	npm run build

$(STAMP): requirements/run.txt pyproject.toml bin/find-python
	@bin/make-environment requirements/run.txt
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(STAMP)
	@bin/make-environment requirements/dev.txt
	@touch $@
