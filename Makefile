# The commands of the project; CONTRIBUTING.md spells them out for machines without make.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CONSTRAINTS := packaging/constraints.txt
FULL := .venv/.full
BENCH := .venv/.bench
# One process more than there are cores, as each now and then waits for a window, a disk or a child, and one thread in
# each: torch in several processes with several threads crawls. Each takes up its share of the files in order, so that
# what the tests of a file share is made once; who is done first helps.
CORES := $(shell $(PYTHON) -c "import os; print(os.cpu_count() or 1)")
PARALLEL = -n $$(( $(CORES) < 8 ? $(CORES) + 1 : 8 )) --dist worksteal
test coverage thorough: export OMP_NUM_THREADS = 1

.PHONY: setup run demo test coverage thorough lint format bench starter screenshots package clean

setup: $(FULL)

$(FULL): pyproject.toml $(CONSTRAINTS)
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install $(PIP_OPTIONS) --constraint $(CONSTRAINTS) --editable ".[test,test-ui,lint,timm]"
	@touch $@

# The programs that the benchmarks compare with (fastai and its dependencies).
$(BENCH): $(FULL)
	$(PIP) install --constraint $(CONSTRAINTS) --editable ".[bench]"
	@touch $@

run: $(FULL)
	$(BIN)/tldesk

demo: $(FULL)
	$(BIN)/tldesk demo demo

# Fewer of them, or with more options of pytest: make test TESTS=tests/cli OPTIONS="--durations=10 -m 'not slow'"
test: $(FULL)
	$(BIN)/python -m pytest $(PARALLEL) $(OPTIONS) $(TESTS)

# All tests again, half as long once more: the files that they cover least, and the share of lines that they run.
coverage: $(FULL)
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report= $(OPTIONS) $(TESTS)
	$(BIN)/coverage report --sort=cover --skip-covered
	@echo "Lines covered: $$($(BIN)/coverage report --format=total) %"

# Builds, converts and trains every network, and notes that all passed: until something that they are built by changes
# again, "make test" tries a few of each kind (tests/thorough.py).
thorough: $(FULL)
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal -m thorough
	$(BIN)/python tests/thorough.py

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
	rm -rf .venv build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
