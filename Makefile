# The commands of the project; CONTRIBUTING.md spells them out for machines without make.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CONSTRAINTS := packaging/constraints.txt
CORE := .venv/.core
FULL := .venv/.full
BENCH := .venv/.bench
# A process for each core, and one thread in each: torch in several processes with several threads crawls.
PARALLEL := -n auto --maxprocesses 4
test test-core: export OMP_NUM_THREADS = 1
EXTRAS := PySide6-Essentials shiboken6 pyqtgraph pytest-qt timm

.PHONY: setup run demo test test-core lint format bench starter screenshots package clean

setup: $(FULL)

# What the program needs without its window and without timm, and its tests.
$(CORE): pyproject.toml $(CONSTRAINTS)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --constraint $(CONSTRAINTS) --editable ".[test]"
	@touch $@

$(FULL): $(CORE)
	$(PIP) install --constraint $(CONSTRAINTS) --editable ".[test,test-ui,lint,timm]"
	@touch $@

# The programs that the benchmarks compare with (fastai and its dependencies).
$(BENCH): $(FULL)
	$(PIP) install --constraint $(CONSTRAINTS) --editable ".[bench]"
	@touch $@

run: $(FULL)
	$(BIN)/tldesk

demo: $(FULL)
	$(BIN)/tldesk demo demo

test: $(FULL)
	$(BIN)/python -m pytest $(PARALLEL)

# Everything but the window, in an environment where neither Qt nor timm is installed; "make setup" brings both.
# Fewer: make test-core TESTS=tests/cli
test-core: $(CORE)
	@rm -f $(FULL)
	$(PIP) uninstall --yes $(EXTRAS)
	$(BIN)/python -m pytest $(PARALLEL) --ignore tests/ui -m "not slow" $(TESTS)

lint: $(FULL)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

format: $(FULL)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Single rows: make bench ROWS="--only frozen,epoch --sets coffee_leaf"
bench: $(BENCH)
	$(BIN)/python -m benchmarks $(ROWS)

# Draws, trains and packs the starter weights: hours; goes on where it was cut off (pretraining/README.md).
starter: $(FULL)
	$(BIN)/python -m pretraining

screenshots: $(FULL)
	$(BIN)/python packaging/screenshots.py

package: $(FULL)
	$(PIP) install --constraint $(CONSTRAINTS) build
	$(BIN)/python -m build --outdir dist

clean:
	rm -rf .venv build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
