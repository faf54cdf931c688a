# `make demo` and `make test` need Python 3.11 and git, nothing else; both set up what they use.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MODEL := smollm2-135m-instruct

.PHONY: demo test lint bench clean

demo: $(READY)  ## a branch changes a prompt: plan, optimize, commit, verify, answer with the pin
	$(BIN)/python docs/demo/run.py

test: $(READY) lint  ## the whole suite, real-model tests included
	$(BIN)/pytest -n 2 --dist loadgroup

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## what the README claims about speed and memory
	$(BIN)/python -m benchmarks

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	$(BIN)/landrace models pull $(MODEL)
	touch $@

clean:
	rm -rf $(VENV) build dist .landrace
