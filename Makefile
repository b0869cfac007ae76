# Two commands for everybody:  make demo   make test
# The rest is for those who work on reconciler; each sets up what it needs.

PYTHON := $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
JOBS ?= 2
N ?= 200
SEED ?= 1
EXAMPLES ?= 500
CARRIERS := voicetel dial9-telcom dial9-connect

# Where it is set, each of the many processes that the tests start compiles all of reconciler anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test slow check fix schemas golden show-stale show-threeway show-release show-port crash-kill \
	crash-waiting crash-enumerate crash-mutants properties order-mutants bad-inputs bench-startup bench-loader bench nightly \
	bench-carrier bench-postgresql postgresql clean

demo: $(READY)
	@cd examples && ../$(BIN)/python ../scripts/demo.py

test: $(READY)
	$(BIN)/python -m pytest -q -n auto --dist worksteal

# What `test` leaves out: more processes of a kind that its tests start too.
slow: $(READY)
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m slow

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.freshness

fix: $(READY)
	$(BIN)/ruff check --fix . || true
	$(BIN)/ruff format .

schemas: $(READY)
	$(BIN)/python -m scripts.freshness --write

golden: $(READY)
	$(BIN)/python -m tests.golden --write

# What is promised, shown. Each prints what it did and fails when it does not hold.

show-stale: $(READY)
	@$(BIN)/python -m scripts.show_stale

show-threeway: $(READY)
	@$(BIN)/python -m scripts.show_threeway

show-release: $(READY)
	@$(BIN)/python -m scripts.show_release

show-port: $(READY)
	@$(BIN)/python -m scripts.show_port

crash-kill: $(READY)
	@$(BIN)/python -m tests.crash.kill --count $(N) --seed $(SEED) $(KILL)

# Killed while the carrier keeps an order and lets its answer wait: N times at each.
crash-waiting: $(READY)
	@for carrier in $(CARRIERS); do echo "$$carrier:" \
		&& $(BIN)/python -m tests.crash.kill --count $(N) --seed $(SEED) --carrier $$carrier --waiting || exit 1; done

crash-enumerate: $(READY)
	@$(BIN)/python -m tests.crash.enumerate --jobs $(JOBS)

crash-mutants: $(READY)
	@$(BIN)/python -m tests.crash.mutants

properties: $(READY)
	@RECONCILER_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest -q -p no:randomly -s \
		--hypothesis-seed=$(SEED) tests/engine/test_properties.py

order-mutants: $(READY)
	@$(BIN)/python -m tests.engine.order_mutants

bad-inputs: $(READY)
	@$(BIN)/python -m scripts.bad_inputs

bench-startup: $(READY)
	@$(BIN)/python -m benchmarks.startup

# A fleet of 10,000 and of 100,000 objects on both databases, and as many records on octoDNS,
# which is installed beside, never into, our own environment.
bench: $(READY)
	$(BIN)/pip install -q -e ".[postgresql]"
	test -x .venv-peers/bin/octodns-sync || { $(PYTHON) -m venv .venv-peers && .venv-peers/bin/pip install -q octodns; }
	@$(BIN)/python tests/start_postgresql.py -- $(BIN)/python -m benchmarks.scale --postgresql --octodns .venv-peers/bin

# What is too long for every push.
nightly: $(READY)
	$(MAKE) test slow check postgresql
	$(MAKE) crash-enumerate crash-mutants order-mutants
	$(MAKE) crash-kill N=1000 SEED=$$(date +%j)
	$(MAKE) crash-kill N=200 SEED=$$(date +%j) KILL=--account
	$(MAKE) crash-waiting N=100 SEED=$$(date +%j)
	$(MAKE) properties EXAMPLES=3000 SEED=$$(date +%j)
	$(MAKE) show-stale show-threeway show-release show-port bad-inputs
	$(MAKE) bench-startup bench-loader bench-carrier bench-postgresql bench

bench-loader: $(READY)
	@$(BIN)/python -m benchmarks.loader

postgresql: $(READY)
	$(BIN)/pip install -q -e ".[postgresql]"
	RECONCILER_POSTGRESQL_REQUIRED=1 $(BIN)/python tests/start_postgresql.py -- \
		$(BIN)/python -m pytest -q -n $(JOBS) tests/conformance tests/ledger tests/e2e/test_postgresql.py \
		tests/e2e/test_examples.py

bench-carrier: $(READY)
	@$(BIN)/python -m benchmarks.carrier

bench-postgresql: $(READY)
	$(BIN)/pip install -q -e ".[postgresql]"
	@$(BIN)/python tests/start_postgresql.py -- $(BIN)/python -m benchmarks.postgresql

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "reconciler needs Python 3.11 or newer."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -e ".[dev]"
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf examples/.reconciler
