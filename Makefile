# One word for each thing you do here. `make help` lists them.

PYTHON := .venv/bin/python
STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev
NODE_STAMP := node_modules/.installed
# Nothing of a browser is loaded, and what is compiled is kept whatever the shell says: each process needs all of it.
# A process keeps to its share until another is through with its own, so that what a file's tests share is made once.
# Three on two cores, as a test waits for a quarter of its time; a journey waits for most of it.
SWIFT := PYTHONDONTWRITEBYTECODE= $(PYTHON) -m pytest --numprocesses 3 --dist worksteal -p no:playwright \
	--ignore tests/journeys --ignore tests/fleet --ignore tests/browser
RANDOM := tests/services tests/web
# A second database tries few examples of each property: what differs is the SQL, and more of them bring hardly any.
FEW := ORDERCALL_TEST_EXAMPLES=25
ON_POSTGRES := tests/storage tests/jobs tests/services tests/intake tests/web

.PHONY: help setup run test quick random postgres journeys fleet browser check fix bench bench-quick bench-reads bench-pages machines screenshots settings audit licences sbom css tools chromium hosts

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make the environment in .venv

run: $(STAMP)  ## Serve web, worker and, with nothing configured, the sandbox on http://localhost:5000
	@exec .venv/bin/ordercall serve

test:  ## Everything that has to be right; with REQUIRE_ALL=1, as in CI, no part may be left out
	@bin/run-tests

quick: $(DEV_STAMP)  ## The tests that take seconds
	$(SWIFT) -m "not random"

random: $(DEV_STAMP)  ## Whole shops in which anything may happen, in many random orders, on both databases
	$(SWIFT) -m random $(RANDOM)
	$(FEW) $(SWIFT) -m random --database postgres $(RANDOM)

postgres: $(DEV_STAMP)  ## The tests of whatever asks the database once more, on a Postgres of their own
	$(FEW) $(SWIFT) -m "not random" --database postgres $(ON_POSTGRES)

journeys: $(DEV_STAMP)  ## Real processes: load, outages, kill -9, SIGTERM
	$(PYTHON) -m pytest --numprocesses 4 --dist worksteal -m journey
	$(PYTHON) -m pytest --numprocesses 4 --dist worksteal -m journey --database postgres

fleet: hosts $(DEV_STAMP)  ## Hosts in network namespaces of their own: workers killed, cables cut, Postgres restarted
	tests/fleet/run $(PYTHON) -m pytest -m fleet tests/fleet

browser: chromium $(DEV_STAMP) $(NODE_STAMP)  ## The pages in a real Chromium: journeys, accessibility, weight
	bin/with-node $(PYTHON) -m pytest --numprocesses 2 --dist loadgroup -m browser tests/browser

check: $(DEV_STAMP)  ## Format, lint and types
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

tools: $(DEV_STAMP) $(NODE_STAMP)

chromium:
	@bin/find-chromium >/dev/null

hosts:
	@tests/fleet/run true

fix: $(DEV_STAMP)  ## Repair what can be repaired by itself
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: $(DEV_STAMP)  ## Measure intake, worker, start and idling on SQLite and on Postgres; writes bench/RESULTS.md
	$(PYTHON) bench

bench-quick: $(DEV_STAMP)  ## The same in under two minutes, and nothing is written
	$(PYTHON) bench --quick

bench-reads: $(DEV_STAMP)  ## Measure the pages of shops with up to a million orders, kept in build/shops; writes its part
	$(PYTHON) bench/reads.py

bench-pages: chromium $(DEV_STAMP) $(NODE_STAMP)  ## Measure how soon the pages are there and answer in a browser; writes its part
	bin/with-node $(PYTHON) bench/pages.py

machines: $(DEV_STAMP)  ## Both commands on fresh Debian 12, 13 and testing, made by debootstrap; an hour, as root
	$(PYTHON) tests/machines/run.py

screenshots: chromium $(DEV_STAMP) $(NODE_STAMP)  ## Pictures of every page and state, in build/screenshots, and those of the README
	bin/with-node $(PYTHON) tests/browser/screenshots.py build/screenshots

settings: $(DEV_STAMP)  ## Write .env.example and the documented table of the settings anew
	$(PYTHON) tests/support/setting_documents.py

audit: $(STAMP)  ## Ask an index of advisories about every package; fails where one has some, or was not looked up
	$(PYTHON) requirements/audit.py

licences: $(STAMP)  ## Write docs/licences.md anew, from what the installed packages say
	$(PYTHON) requirements/licences.py

sbom: $(STAMP)  ## Write the bill of materials (CycloneDX) of this environment into build/sbom.cdx.json
	@mkdir -p build
	$(PYTHON) requirements/sbom.py >build/sbom.cdx.json

css: $(NODE_STAMP)  ## Build the stylesheet, script, icons and font anew
	bin/with-node npm run build

$(STAMP): requirements/run.txt pyproject.toml bin/find-python
	@bin/make-environment requirements/run.txt
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(STAMP)
	@bin/make-environment requirements/dev.txt
	@touch $@

$(NODE_STAMP): package-lock.json requirements/node.txt bin/with-node $(STAMP)
	bin/with-node npm ci --no-audit --no-fund
	@touch $@
