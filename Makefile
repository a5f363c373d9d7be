# Two commands do everything on a fresh machine:
#   make demo   installs, builds a demo world, plays the whole loop and serves it at http://localhost:8000
#   make test   installs and passes every check and test

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV ?= .venv
PY := $(VENV)/bin/python

define find_python
	for name in python3 python3.13 python3.12; do \
	  if command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then \
	    echo $$name; exit 0; fi; done; \
	echo "No Python 3.12 or newer was found: install one, then run make again." >&2; exit 1
endef

.PHONY: help demo demo-check test lint types test-unit test-browser prove bench lighthouse install install-dev clean

help:
	@echo "make demo        install, build the demo world, play the loop, serve at http://localhost:8000"
	@echo "make demo-check  the same without serving; the last line is one JSON object"
	@echo "make test        install, then lint, types, contracts, all tests, browser tests"
	@echo "make prove       the long proofs"
	@echo "make bench       the benchmarks (QUICK=1 for the short ones)"
	@echo "make lighthouse  what Lighthouse says of four pages (needs npm and a Chromium)"

$(PY):
	@echo "Making $(VENV) …"
	@python=$$($(find_python)) && $$python -m venv $(VENV)

# One lock, two installers: uv when it is there, pip otherwise; both check every hash.
define install_lock
	@echo "Installing $(1) …"
	@if command -v uv >/dev/null; then \
	  VIRTUAL_ENV=$(CURDIR)/$(VENV) uv pip install --quiet --require-hashes -r $(1); \
	else \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); fi
endef

$(VENV)/.runtime: requirements.lock | $(PY)
	$(call install_lock,requirements.lock)
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(PY)
	$(call install_lock,requirements-dev.lock)
	@touch $@ $(VENV)/.runtime

# Fonts and drag-and-drop come through npm; without it the site runs with system fonts and up/down buttons.
var/.npm: package.json package-lock.json
	@mkdir -p var
	@if command -v npm >/dev/null; then \
	  echo "Installing fonts and sortablejs …"; \
	  npm ci --no-audit --no-fund --loglevel=error || echo "npm did not succeed: going on with system fonts."; \
	else echo "npm was not found: going on with system fonts and up/down buttons."; fi
	@touch $@

LOCALES := $(wildcard locale/*/LC_MESSAGES/django.po)

var/.locale: $(LOCALES) | $(VENV)/.runtime
	@mkdir -p var
	@if [ -n "$(LOCALES)" ]; then $(VENV)/bin/pybabel --quiet compile --domain django --directory locale; fi
	@touch $@

install: $(VENV)/.runtime var/.npm var/.locale

install-dev: $(VENV)/.dev var/.npm var/.locale

demo: install
	@$(PY) manage.py demo

demo-check: install
	@$(PY) manage.py demo --check

lint: install-dev
	@echo "ruff …" && $(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check .
	@echo "djade …" && git ls-files -z 'templates/*.html' | xargs -0 $(VENV)/bin/djade --check --target-version 6.1
	@echo "import contracts …" && $(VENV)/bin/lint-imports
	@echo "migrations …" && DJANGO_SETTINGS_MODULE=cms.settings.test $(PY) manage.py makemigrations --check --dry-run

types: install-dev
	@echo "mypy …" && $(VENV)/bin/mypy

test-unit: install-dev
	@$(PY) -m pytest -n auto --dist loadfile -m "not prove" --ignore tests/browser -p no:playwright

# Without a Chromium this says so and passes; with CI=true it fails (tests/browser/conftest.py decides).
test-browser: install-dev
	@$(PY) -m pytest -n auto --dist loadfile -m browser tests/browser

# What reads the code needs one processor: it goes beside the tests that need no browser. Browser tests go alone, since
# they wait for pages no longer than a person would. Each that fails fails the whole.
test: install-dev
	@$(MAKE) --no-print-directory --jobs 2 lint types test-unit
	@$(MAKE) --no-print-directory test-browser

prove: install-dev
	@$(PY) -m pytest -n auto --dist load -m prove

bench: install-dev
	@for bench in bench/*.py; do $(PY) $$bench $(if $(QUICK),--quick,); done

# Lighthouse comes through npm too, with packages and a lock of its own: the site installs without it.
var/.lighthouse: tests/lighthouse/package.json tests/lighthouse/package-lock.json
	@mkdir -p var
	@echo "Installing Lighthouse …" && npm ci --prefix tests/lighthouse --no-audit --no-fund --loglevel=error
	@touch $@

lighthouse: install-dev var/.lighthouse
	@$(PY) tests/lighthouse/lighthouse.py $(if $(QUICK),--quick,)

clean:
	@rm -rf $(VENV) node_modules tests/lighthouse/node_modules var $(LOCALES:.po=.mo)
