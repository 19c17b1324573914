# Needs Python 3.11 or newer, git and make; everything else comes from requirements.lock.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
UNIT := tests/unit
# A test that decides by the clock fails only where it fails twice: a neighbour of the machine is not a defect.
CLOCKED := $(BIN)/python -m pytest -q -m measures
# An exploit that is accepted, or a run that does not survive, is one however seldom it happens.
NEVER_TWICE := reliability/exploits|e2e/test_killed

.PHONY: help setup demo test unit lint types layers schema bench-aa bench-proof bench-exploits bench-sandbox field-notes bench-localize bench-hunks bench-boxes soak-boxes soak-kills bench-store bench-lessons bench-telemetry soak-store lock clean

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: .venv/.ready ## Create .venv from the locked requirements

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: setup ## Run the main job on the fixture repositories, without a network or a model key
	$(BIN)/hotlap demo --out demo-out

test: lint types layers ## Everything that must pass before a change lands
	$(BIN)/python -m pytest -q -n auto --dist loadgroup -m "not measures" --cov --cov-report= $(PYTEST_ARGS)
	$(CLOCKED) --cov --cov-append --cov-report=term:skip-covered $(PYTEST_ARGS) \
	  || { [ $$? -eq 1 ] && [ -z "$(PYTEST_ARGS)" ] && ! grep -qE '$(NEVER_TWICE)' .pytest_cache/v/cache/lastfailed \
	       && echo "once more, what failed by the clock:" && $(CLOCKED) --last-failed --last-failed-no-failures none; }

unit: setup ## The unit tests alone, on every core: they start no process and measure nothing
	$(BIN)/python -m pytest -q -n auto $(UNIT)

lint: setup ## Ruff: format and every rule
	$(BIN)/ruff format --check bot tests
	$(BIN)/ruff check bot tests

types: setup ## Mypy, strict
	$(BIN)/mypy

layers: setup ## The import contracts of docs/architecture.md
	$(BIN)/lint-imports --no-logo

schema: setup ## Write docs/hotlap.schema.json and docs/configuration.md from the configuration model
	$(BIN)/hotlap config schema > docs/hotlap.schema.json
	$(BIN)/hotlap config docs > docs/configuration.md

bench-aa: setup ## Twenty runs of `hotlap measure` on equal revisions; raw results in aa-out/
	$(BIN)/python tests/bench/aa.py --out aa-out

bench-proof: setup ## Record this machine calm and under load; the table in docs/benchmarks/proof.md (MINUTES=35)
	$(BIN)/python -m tests.bench.proof --out proof-out --minutes $(or $(MINUTES),35)

bench-exploits: setup ## The catalogue of docs/cheating.md against the judge: one line for each change
	HOTLAP_EXPLOITS=all $(BIN)/python -m pytest -q -rA tests/reliability/exploits

bench-sandbox: setup ## What isolation costs: first byte, round trip, spread of pairs (IMAGE=digest adds docker)
	$(BIN)/python -m tests.bench.sandbox $(if $(IMAGE),--image $(IMAGE))

bench-boxes: setup ## Equal arms and a true 5% inside of namespaces and containers (IMAGE=digest adds docker)
	$(BIN)/python -m tests.bench.proof.boxes $(if $(IMAGE),--image $(IMAGE))

bench-hunks: setup ## Functions that diffs touch beside those that git names, over 50 commits (REPO=...)
	$(BIN)/python -m tests.bench.hunks "$(or $(REPO),.)"

soak-boxes: setup ## 32 boxes at once for a minute, with each sandbox that works here
	HOTLAP_SOAK_SECONDS=60 $(BIN)/python -m pytest -q tests/contract/sandbox -k many_boxes --durations=8

soak-kills: setup ## Kill a run at fifty moments and resume it
	HOTLAP_KILLS=50 $(BIN)/python -m pytest -q tests/e2e/test_killed.py

bench-localize: setup ## The index of functions on a checkout (REPO=...), beside aider's map (AIDER=its interpreter)
	$(BIN)/python -m tests.bench.localize "$(REPO)" $(if $(AIDER),--aider "$(AIDER)")

bench-store: setup ## Dashboard questions on a million figures in PostgreSQL, with their plans (ROWS=...)
	$(BIN)/python -m tests.bench.store $(if $(ROWS),--rows $(ROWS))

bench-lessons: setup ## How well labelled remarks of reviewers are read, set by set (WRONG=1 prints the others)
	$(BIN)/python -m tests.bench.lessons $(if $(WRONG),--wrong)

bench-telemetry: setup ## What it costs to watch the bot: the same steps with telemetry off and on, in turns
	$(BIN)/python -m tests.bench.telemetry

soak-store: setup ## Eight writers for a minute, writers that are killed, twenty jobs on one state branch
	HOTLAP_STORE_SECONDS=60 HOTLAP_STATE_JOBS=20 $(BIN)/python -m pytest -q -rA tests/reliability/store

field-notes: setup ## Optimise six real packages from the package index; raw results in field-out/
	$(BIN)/python tests/field/run.py --out field-out

lock: ## Resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --extra dev --extra fixtures --extra llm --extra analysis --extra otel --extra postgres --generate-hashes --no-annotate --no-header \
	  --python-version 3.11 --universal --quiet -o requirements.lock

clean: ## Remove what the other targets made
	rm -rf .venv demo-out field-out aa-out proof-out boxes-out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
