# Every target sets up what it needs: a virtual environment in .venv, and for `test` and `bench` real servers.

VENV    := .venv
BIN     := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEV     := $(VENV)/.installed-dev
PYTEST  := $(BIN)/pytest --doctest-modules exporter/pronoia tests
PROCESSES = $(shell expr $$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) \* 3 / 2)

# Debian keeps some servers where only root's PATH looks.
export PATH := $(PATH):/usr/sbin:/sbin

.DEFAULT_GOAL := help
.PHONY: help demo stack test lint check bench bench-scale dashboards venv servers constraints clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME)  ## replay a bundled recording and forecast it: http://localhost:10190/
	$(BIN)/pronoia demo

# The servers are started by the tests' support.
stack: $(RUNTIME) servers  ## Prometheus, Alertmanager, node_exporter and Pronoia with two weeks of history, until Ctrl-C
	PYTHONPATH=tests $(BIN)/python scripts/stack.py $(FLAGS)

# Those that watch clocks are among tests/e2e: what else there is need not be collected for them. A file's tests share the
# servers that it starts. Half of the time tests wait for servers, so that there are more processes than cores; the
# order is that of tests/conftest.py.
test: $(DEV) servers  ## all tests, with real servers on loopback
	$(BIN)/pytest tests/e2e -m alone
	$(BIN)/pytest tests/e2e -m paced --numprocesses 2 --dist loadfile
	$(PYTEST) -m "not alone and not paced" --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

lint: $(DEV)  ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint  ## what `lint` does, doctests, fast tests
	$(PYTEST) -m "not e2e and not slow" --numprocesses auto

# Not part of `make bench`: what takes hours, and what asks for a recording (--data).
BENCH_BY_HAND := $(foreach name,scale paths anomaly_daily anomaly_faults anomaly_peers anomaly_rules failure_quiet,%/bench_$(name).py)

bench: $(DEV) servers  ## benchmarks, one after the other, each with its table
	@for script in $(filter-out $(BENCH_BY_HAND),$(wildcard tests/benchmarks/bench_*.py)); do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

bench-scale: $(DEV)  ## two hours: 10,000 series fitted, then refitted and forecast every minute
	$(BIN)/python tests/benchmarks/bench_scale.py --series 10000 --minutes 60

dashboards: $(DEV)  ## write grafana/dashboards anew
	$(BIN)/python grafana/generator

venv: $(DEV)  ## the virtual environment, with all that development needs

servers:  ## Prometheus, Alertmanager and node_exporter, from PATH or Debian's packages
	@scripts/install_servers.sh

constraints:  ## pin again what a fresh environment resolves to
	scripts/pin_constraints.sh > constraints.new && mv constraints.new constraints.txt

clean:  ## remove the environment, caches and everything that was built
	rm -rf $(VENV) .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -prune -exec rm -rf {} +

$(RUNTIME): pyproject.toml constraints.txt
	scripts/make_venv.sh $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(DEV): $(RUNTIME)
	$(BIN)/pip install --quiet --constraint constraints.txt --group dev
	@touch $@
