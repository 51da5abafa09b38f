# Every target sets up what it needs: Python 3.11+ and make are all there is to install by hand.
# After the first run nothing here touches the network.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
# The first of these that is new enough and can make environments; `make PYTHON=/path/to/python` overrides.
PYTHON ?=
PYTHONS = $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
PYTEST := $(BIN)/python -m pytest
# Three on two cores: much of the time is spent waiting for processes and databases.
PYTEST_FLAGS ?= -n 3 --dist worksteal
ARGS ?=

.PHONY: screenshots install install-dev demo test check bench chaos soak image fuzz lock schema docs golden kernel clean
.DELETE_ON_ERROR:

# A checkout that was moved has to be linked again: its environment holds the old path.
ifneq ($(shell cat $(VENV)/.linked 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/.linked
endif

install: $(VENV)/.installed $(VENV)/.linked

install-dev: $(VENV)/.installed-dev $(VENV)/.linked

demo: install
	@exec $(BIN)/python -m app.cli demo $(ARGS)

test: check
	$(PYTEST) $(PYTEST_FLAGS) -m "not chaos and not soak and not image" $(ARGS)

check: install-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-cache

bench: install-dev
	$(BIN)/python -m benchmarks $(ARGS)

chaos: install-dev
	$(PYTEST) -m chaos $(ARGS)

# Five minutes of fifty users; an hour, the full form, with SOAK_S=3600.
soak: install-dev
	$(PYTEST) -s -m soak tests/soak $(ARGS)

# The Dockerfile's steps in a clean root, for where there is no container engine. As root, on Linux; pip downloads.
image: install-dev
	$(PYTEST) -s -m image tests/image $(ARGS)

# More than 5,000 cases against the API's own description, and as many schemas as nobody would write.
fuzz: export FUZZ_EXAMPLES ?= 120
fuzz: install-dev
	$(PYTEST) -s tests/integration/fuzz $(ARGS)

# Pictures of the pages for docs/images; needs Chromium.
screenshots: install-dev
	$(BIN)/python -m tests.browser.screenshots

# The generated dump of the tables, functions and policies that the migrations make.
schema: install-dev
	$(BIN)/python -m migrations.dump

# The pages about generators, overrides and types, and the schema of seedbed.yaml, which say what the code does.
docs: install-dev
	$(BIN)/python -m app.generator.handbook docs
	$(BIN)/python -m app.commands.configuration

# The digests of what the engine makes: only with a new ENGINE_VERSION, or with ARGS=--same-version before a release.
golden: install-dev
	$(BIN)/python -m tests.golden.digests --write $(ARGS)

# The engine's inner loops, compiled. The same source gives the same code with this one compiler, so only who changes
# the source needs it.
KERNEL := app/generator/kernel
kernel: install-dev
	$(PIP) -r requirements/kernel.txt
	$(BIN)/python -m ziglang cc -target wasm32-freestanding -O3 -msimd128 -mbulk-memory -nostdlib -Wall -Wextra \
	  -Wl,--no-entry -Wl,--strip-all -o $(KERNEL)/lines.wasm $(KERNEL)/lines.c
	chmod 644 $(KERNEL)/lines.wasm
	cd $(KERNEL) && sha256sum lines.c lines.wasm > lines.sha256

# Versions with hashes, for all platforms, and no word of where they were found.
COMPILE = $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
lock: install
	$(PIP) -r requirements/lock.txt
	$(COMPILE) pyproject.toml -o requirements/main.txt
	$(COMPILE) --extra otel -c requirements/main.txt pyproject.toml -o requirements/otel.txt
	$(COMPILE) --extra dev -c requirements/main.txt pyproject.toml -o requirements/dev.txt
	echo ziglang==0.17.1 | $(COMPILE) - -o requirements/kernel.txt

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .seedbed
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@$(BIN)/python -m pip --version >/dev/null 2>&1 && { touch $@; exit 0; }; \
	for python in $(PYTHONS); do \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  found=$$python; \
	  "$$python" -c 'import venv, ensurepip' 2>/dev/null || continue; \
	  echo "making $(VENV) with $$("$$python" -V), and installing the locked dependencies into it (a minute or two)"; \
	  "$$python" -m venv --clear $(VENV) && touch $@; exit; \
	done; \
	if [ -n "$$found" ]; then \
	  echo "$$found cannot make virtual environments: install its venv module (on Debian: apt install python3-venv)" >&2; \
	else \
	  echo "Seedbed needs Python 3.11 or newer, and found none as: $(PYTHONS); try make PYTHON=/path/to/python3" >&2; \
	fi; exit 1

$(VENV)/.installed: requirements/main.txt | $(VENV)/.created
	@$(PIP) -r requirements/main.txt
	@touch $@

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed
	@$(PIP) -r requirements/dev.txt
	@touch $@

$(VENV)/.linked: requirements/link.py | $(VENV)/.created
	@$(BIN)/python requirements/link.py
	@$(BIN)/python -m compileall -q app tasks
	@printf '%s\n' "$(CURDIR)" > $@
