# `make` lists what there is. Every command makes its own environment, .venv, on its first run.
# Names are relative and programs are modules of .venv's Python, so the project's path may hold spaces.

PYTHON ?=
export PYTHON

PEERS ?= 1
python := .venv/bin/python
book := _build/html/index.html

.PHONY: help book pdf recheck test test-frameworks test-package test-pdf test-site execute lab bench mutants lint format lock clean
.PHONY: .venv .venv-site .venv-bench .venv-frameworks .venv-ci
.SILENT:
.DEFAULT_GOAL := help

help: # list the commands
	echo "make COMMAND, where COMMAND is one of"
	sed -n 's/^\([a-z-]*\):[^#]*# /\1	/p' Makefile | while IFS='	' read -r name what; do \
		printf '  %-15s %s\n' "$$name" "$$what"; done
	echo "make COMMAND PYTHON=python3.12 chooses the Python (3.11 or newer) that .venv is made with."

.venv:
	sh scripts/venv.sh .venv requirements.txt pyproject.toml

.venv-bench:
	sh scripts/venv.sh .venv-bench requirements/bench.txt

.venv-frameworks: .venv-bench # .venv-bench, with the frameworks in it
	cmp -s requirements/frameworks.txt .venv-bench/frameworks || { \
		echo "Adding PyTorch, JAX, Keras, transformers and others to .venv-bench (once)" && \
		.venv-bench/bin/python -m pip install --quiet --quiet --no-compile --disable-pip-version-check -r requirements/frameworks.txt && \
		cp requirements/frameworks.txt .venv-bench/frameworks; }

.venv-ci:
	sh scripts/venv.sh .venv-ci requirements/ci.txt

book: .venv # build the HTML book; a warning is an error
	$(python) -c 'from jupyter_book.cli.main import main; main()' \
		build . -W -n --keep-going --quiet >/dev/null || { rm -rf _build/.doctrees; exit 1; } # else the next run forgets the warning
	$(python) -c 'from pathlib import Path; page = Path("$(book)").resolve(); \
		print(f"The book: {page}\nor, in a browser: {page.as_uri()}")'

.venv-site: .venv # .venv, with what drives a browser in it
	cmp -s requirements/site.txt .venv/site || { \
		echo "Adding Playwright to .venv (once)" && \
		$(python) -m pip install --quiet --quiet --no-compile --disable-pip-version-check -r requirements/site.txt && \
		cp requirements/site.txt .venv/site; }

pdf: book .venv-site # print the book to one PDF; needs Chromium or Chrome
	$(python) scripts/pdf.py

test-pdf: pdf # test the PDF: its links, its bookmarks, its fonts, its pictures
	$(python) -m pytest -c tests/pdf/pytest.ini tests/pdf

test: .venv # run all tests, and every notebook against its stored outputs (TESTS="tests/lstm" for some)
	$(python) -m pytest $(TESTS)

test-frameworks: .venv-frameworks # run the tests against PyTorch, JAX, Keras, ONNX, transformers and other trainers
	.venv-bench/bin/python -m pytest -c tests/peers/pytest.ini tests/peers

recheck: .venv # check both backward passes by a script that shares nothing with the package
	$(python) scripts/recheck.py

test-package: .venv-ci # test the built package in fresh environments, which it fills from PyPI
	.venv-ci/bin/python -m pytest -c tests/installed/pytest.ini tests/installed

test-site: book .venv-site # test the built pages in a browser: Chromium or Chrome, which must be there
	$(python) -m pytest -c tests/site/pytest.ini tests/site $(SITE_OPTIONS)

execute: .venv # run the notebooks and store their outputs (NOTEBOOKS="chapters/intro.ipynb" for some)
	$(python) scripts/execute.py $(NOTEBOOKS)
	$(python) scripts/cover.py # the README shows a picture of the first chapter

lab: .venv # open the chapters in JupyterLab
	cmp -s requirements/lab.txt .venv/lab || { \
		echo "Adding JupyterLab to .venv (once)" && \
		$(python) -m pip install --quiet --quiet --no-compile --disable-pip-version-check -r requirements/lab.txt && \
		cp requirements/lab.txt .venv/lab; }
	$(python) -m jupyterlab $(LAB_OPTIONS) chapters

bench: $(if $(PEERS),.venv-frameworks,.venv-bench) # measure time and memory beside PyTorch and JAX (QUICK=1: only see that all runs; PEERS=: without them)
	.venv-bench/bin/python -m benchmarks $(if $(QUICK),--quick) $(if $(PEERS),--complete)

mutants: .venv # break the LSTM in hundreds of ways: do the tests notice? (STORE=1: store the counts)
	for layer in plain fast; do \
		OMP_NUM_THREADS=1 $(python) -m tests.mutants --layer $$layer $(if $(STORE),--store) || exit 1; done # two processes share the cores

lint: .venv # check the style of the code, notebooks too, and the form of the texts
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) scripts/prose.py

format: .venv # put the code in the common style, notebooks too
	$(python) -m ruff check --fix
	$(python) -m ruff format

lock: .venv-ci # pin what the requirements need in turn (UPGRADE=1: in the newest versions)
	.venv-ci/bin/python scripts/lock.py $(if $(UPGRADE),--upgrade)

clean: # remove the built book, the environments and all caches
	rm -rf _build .venv .venv-bench .venv-ci .executed .pytest_cache .hypothesis
	find . \( -name __pycache__ -o -name .ruff_cache -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
