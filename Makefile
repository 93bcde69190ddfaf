# Every target sets up what it needs: packages from the hashed lock, translations, embedded servers, tables.
.DEFAULT_GOAL := help
.PHONY: help setup setup-run setup-dev migrate demo test check replay bench stop lock messages

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || echo python3)
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
PORT ?= 8000
ONCE ?=
FILES ?=
BENCH ?=
ARGS ?=

help: ## this list
	@sed -n -E 's/^([a-z]+):[^#]*## (.*)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 12

setup: setup-dev ## install everything that development needs into .venv

setup-run:
	@PYTHON="$(PYTHON)" .ci/setup run >&2

setup-dev:
	@PYTHON="$(PYTHON)" .ci/setup dev >&2

migrate: setup-run ## bring the database's tables up to date
	@$(MANAGE) migrate --verbosity 0 >&2

demo: migrate ## play a year of cases and serve them; ONCE=1 stops after the set-up
	@DEBUG=off $(MANAGE) demo
ifeq ($(ONCE),)
	@port=$$($(BIN)/python -c 'import socket; print(next(p for p in range($(PORT), $(PORT) + 100) if socket.socket().connect_ex(("127.0.0.1", p))))'); \
	echo "Serving at http://127.0.0.1:$$port/  (Ctrl-C stops the web, worker and beat processes)"; \
	DEBUG=off DJANGO_SETTINGS_MODULE=config.settings.development PORT=$$port $(BIN)/honcho start
endif

test: setup-dev ## the tests, spread over the cores; ARGS="-k objection -x" goes to pytest
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

check: setup-dev ## lint, format, types, layers, migrations, generated documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check
	$(MANAGE) states --check

replay: migrate ## play case scripts: make -s replay FILES="tests/cases/*.json" prints JSON and nothing else
	@$(MANAGE) replay --json $(FILES)

bench: setup-dev ## print ratios against the machine's own limit; BENCH="G4 G5" runs those
	@$(BIN)/python -m tests.benchmarks $(BENCH)

stop: ## stop the embedded servers; the data stay
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m config.embedded stop; fi

lock: ## write requirements/*.txt anew from pyproject.toml
	@$(PYTHON) -m venv .local/uv && .local/uv/bin/pip install --quiet --disable-pip-version-check uv
	@compile=".local/uv/bin/uv pip compile pyproject.toml --quiet --universal --generate-hashes --upgrade --no-header --no-annotate --no-emit-index-url"; \
	$$compile --output-file requirements/run.txt && \
	$$compile --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt

messages: setup-dev ## collect texts to translate (needs GNU gettext); they are compiled without it
	@$(MANAGE) makemessages --locale zh_Hans --add-location file --no-obsolete --ignore ".venv/*" --ignore ".local/*"
