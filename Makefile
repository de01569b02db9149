# Every target makes the environment first; the second time that costs nothing.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin

.PHONY: help demo up test check unit score compare bench lock clean env

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: env ## the whole pipeline on this machine, with a sample outlet (ARGS="--for 45" ends by itself)
	@$(BIN)/dongtin demo $(ARGS)

up: env ## the whole pipeline with your own outlets (ARGS="--config FILE")
	@$(BIN)/dongtin up $(ARGS)

test: check ## every check and every test, those against real servers included
	@$(BIN)/python -m pytest $(ARGS)

unit: env ## the tests that need no server: seconds
	@$(BIN)/python -m pytest -m "not servers and not faults and not shared" $(ARGS)

score: env ## extraction against hand-read articles: figures, gains and losses (ARGS="--errors 20", "--accept")
	@$(BIN)/python -m tests.corpus.gate $(ARGS)

compare: env ## extraction beside one regular expression a kind and underthesea's NER
	@$(BIN)/python -m tests.benchmark.compare $(ARGS)

bench: env ## speed, memory and linearity of extraction
	@$(BIN)/python -m tests.benchmark.speed $(ARGS)

check: env ## format, lint, types, walls between the rooms
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

lock: env ## renew requirements.lock: versions and hashes, no addresses
	@$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --upgrade --group dev --output-file requirements.lock pyproject.toml

clean: ## remove the environment and the local servers' data
	rm -rf .venv .dongtin

env:
	@command -v $(PYTHON) >/dev/null || { echo "dongtin: $(PYTHON) was not found; Python 3.11 or newer is needed" >&2; exit 1; }
	@$(PYTHON) deploy/bootstrap.py
