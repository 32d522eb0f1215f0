# make run    environment, first warehouse, application on http://localhost:8501
# make serve  the same for many people: several processes behind one address, on as many cores; needs nginx
# make test   environment, all tests
# make bench  loading against DuckDB alone, against other tools, and as the warehouse grows; the server's time for each page; a plan of a queue; clicks in
#             a browser; with SESSIONS=yes many people at once
# make lint   style, formatting, types, known faults of the packages
# make test-spark   the tests of the engine spark; needs Java 17 or later
# make lock   requirements.lock, requirements-dev.lock and requirements-spark.lock anew, after a change of the requirements
# make provider   a certified sign-in server for the browser tests; needs npm
# make pictures   screenshots of every page, those of the user guide, and the README's
#
# Python: the first of the candidates below that is 3.11–3.13; choose another with  make run PYTHON=…

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run serve test test-spark bench lint lock provider pictures

CANDIDATES := $(PYTHON) python3.13 python3.12 python3.11 python3 python
ENVIRONMENT := .venv
PY := $(ENVIRONMENT)/bin/python
WAREHOUSE := $(or $(TAKUUVAHTI_WAREHOUSE),data/warehouse)
PORT ?= 8501

# The stamps carry a hash of what was installed: another lock file installs anew, the same one does not.
RUN_HASH := $(shell cat requirements.lock | cksum | tr -d ' ')
DEVELOPMENT_HASH := $(shell cat requirements-dev.lock | cksum | tr -d ' ')
SPARK_HASH := $(shell cat requirements-dev.lock requirements-spark.lock | cksum | tr -d ' ')
RUN_STAMP := $(ENVIRONMENT)/installed-$(RUN_HASH)
DEVELOPMENT_STAMP := $(ENVIRONMENT)/installed-dev-$(DEVELOPMENT_HASH)
SPARK_STAMP := $(ENVIRONMENT)/installed-spark-$(SPARK_HASH)
# Every file is checked against the hash that the lock file has of it.
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

# A Python that was upgraded or removed takes its packages with it.
ifneq ($(shell $(PY) -c 'print("works")' 2>/dev/null),works)
$(shell rm -f $(ENVIRONMENT)/installed-*)
endif

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

run: $(RUN_STAMP)
	@test -e "$(WAREHOUSE)/CURRENT" || $(PY) -m pipelines setup
	@TAKUUVAHTI_SINGLE_USER=true $(PY) -m streamlit run app.py --server.port=$(PORT)

serve: $(RUN_STAMP)
	@test -e "$(WAREHOUSE)/CURRENT" || $(PY) -m pipelines setup
	@TAKUUVAHTI_SINGLE_USER=true $(PY) -m deploy.serve --port=$(PORT) $(if $(PROCESSES),--processes=$(PROCESSES))

test: $(DEVELOPMENT_STAMP)
	@$(PY) -m pytest -n auto --maxprocesses=4 --dist loadfile

# In the environment of the other tests, whose packages have the same versions in this lock file.
test-spark: $(SPARK_STAMP)
	@TAKUUVAHTI_REQUIRE_SPARK=1 $(PY) -m pytest tests/spark pipelines/spark

bench: $(DEVELOPMENT_STAMP)
	@$(PY) -m tests.bench.loading
	@$(PY) -m tests.bench.comparison
	@$(PY) -m tests.bench.growth
	@$(PY) -m tests.bench.pages
	@$(PY) -m tests.bench.queue_plan
	@$(PY) -m tests.bench.clicks
	@$(if $(SESSIONS),$(PY) -m tests.bench.sessions)

lint: $(DEVELOPMENT_STAMP)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@PY=$(PY) .ci/audit

# One lock for every system and Python 3.11–3.13; uv is needed for this alone.
lock:
	@for name in requirements requirements-dev requirements-spark; do \
		uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
			$$name.txt -o $$name.lock || exit 1; \
	done

# By its lock file alone, with the hash of every package and none of their scripts.
provider:
	@npm ci --prefix tests/browser/provider --ignore-scripts --no-audit --no-fund --loglevel=error

pictures: $(DEVELOPMENT_STAMP)
	@$(PY) -m pytest --quiet tests/browser/take_pictures.py

$(RUN_STAMP):
	@$(MAKE_ENVIRONMENT)
	@echo "Installing the packages (a minute or two, once) …"
	@$(PIP) -r requirements.lock
	@rm -f $(ENVIRONMENT)/installed-*
	@touch $@

$(DEVELOPMENT_STAMP):
	@$(MAKE_ENVIRONMENT)
	@echo "Installing the packages and the test tools (a minute or two, once) …"
	@$(PIP) -r requirements-dev.lock
	@rm -f $(ENVIRONMENT)/installed-*
	@touch $@ $(RUN_STAMP)

$(SPARK_STAMP): $(DEVELOPMENT_STAMP)
	@echo "Installing Apache Spark (a minute or two, once) …"
	@$(PIP) -r requirements-spark.lock
	@touch $@

# Keeps an environment that works; makes anew one that an interrupted start or an upgraded Python left broken.
define MAKE_ENVIRONMENT
if $(PY) -m pip --version >/dev/null 2>&1; then exit 0; fi; \
for candidate in $(CANDIDATES); do \
	if "$$candidate" -c '$(SUPPORTED)' >/dev/null 2>&1; then \
		echo "Making the environment with $$("$$candidate" --version) …"; \
		rm -rf $(ENVIRONMENT); \
		exec "$$candidate" -m venv $(ENVIRONMENT); \
	fi; \
done; \
echo "No Python 3.11, 3.12 or 3.13 with its venv module was found. Install one (on Debian and Ubuntu:" >&2; \
echo "apt install python3 python3-venv) or name one: make run PYTHON=/path/to/python3.12" >&2; \
exit 1
endef
SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
