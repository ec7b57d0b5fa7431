# Everything needs only make and Python 3.11+; each target first brings the set-up up to date.
.DEFAULT_GOAL := help
SETUP := sh tools/python -m tools.setup
RUN := .venv/bin/python -m

.PHONY: help setup demo test check pictures fix phone-test bench docs lock fresh-demo faults crawl hostile sbom

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Everything the server and the tests need
	@$(SETUP) tests

demo: ## Set up, then serve the demo county on 127.0.0.1:$PORT (8000)
	@$(SETUP)
	@$(RUN) tools.demo

fresh-demo: ## Forget the demo county in var/, then build and serve a new one
	@$(SETUP)
	@$(RUN) tools.demo --fresh

test: ## Set up, then every test on both databases; the last line is the total
	@$(SETUP) tests
	@$(RUN) tools.gates

check: ## The quick gates only: style, layers, types, migrations
	@$(SETUP)
	@$(RUN) tools.gates check

fix: ## Let ruff put style and imports right
	@$(SETUP)
	@$(RUN) ruff check --fix . && $(RUN) ruff format .

phone-test: ## The phone app's own tests
	@$(SETUP)
	@$(RUN) tools.gates phone

docs: ## Write the generated pages of docs/reference
	@$(SETUP)
	@$(RUN) tools.docs

pictures: ## The pictures of docs/pictures, made anew by the browser tests
	@$(SETUP) tests
	@LIANHU_TEST_PICTURES=1 $(RUN) tools.gates browser

faults: ## Break things on purpose, at length: make faults SEEDS=20 MINUTES=1 DB=postgres
	@$(SETUP) tests
	@PYTHONPATH=. .venv/bin/python -m tests.faults --database $(or $(DB),sqlite) --seeds $(or $(SEEDS),20) --minutes $(or $(MINUTES),1)

crawl: ## Every route as every caller, 104,000 calls, and the bugs put in on purpose
	@$(SETUP) tests
	@LIANHU_TEST_DB=sqlite $(RUN) pytest -q -n 2 tests/crawl

hostile: ## Random inputs to every route, at length: make hostile EXAMPLES=200000 SEED=1
	@$(SETUP) tests
	@LIANHU_TEST_DB=sqlite LIANHU_TEST_INPUTS=$(or $(EXAMPLES),200000) LIANHU_TEST_INPUTS_SEED=$(or $(SEED),321) \
	LIANHU_TEST_SCHEMA=500 $(RUN) pytest -q -n 2 tests/hostile/test_inputs.py tests/api/test_schema.py

bench: ## A measurement: make bench NAME=letters
	@$(SETUP) tests
	@.venv/bin/lianhu bench $(NAME)

sbom: ## Write the bill of materials (CycloneDX) from the locks
	@$(SETUP)
	@$(RUN) tools.sbom

lock: ## Resolve the dependencies of pyproject.toml anew into requirements.lock
	@$(SETUP)
	@$(RUN) tools.lock && $(RUN) tools.sbom
