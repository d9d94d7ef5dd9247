# Run `make` or `make help` for what there is.

PYTHON ?= python3
UV_VERSION := 0.13.9
PIP_AUDIT_VERSION := 2.10.1
VENV := .venv
BIN := $(VENV)/bin
LOCKS := requirements.txt requirements-demo.txt
DEV_LOCK := requirements-dev.txt
PYTHONS ?= 3.11 3.12 3.13

export PYTHONPATH := include
# With it each airflow command would compile every module anew, and take twice as long.
unexport PYTHONDONTWRITEBYTECODE

SHELL := bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test test-pythons try-airflow filled soak up down status report bench lint audit lock \
	up-distributed down-distributed demo-distributed test-distributed

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(VENV)/.installed ## start everything, replay real retail data until messages arrive, say where to look
	@$(BIN)/python -m restock.local demo

up: $(VENV)/.installed ## start PostgreSQL, Airflow and the mail server on this machine
	@$(BIN)/python -m restock.local up

down: $(VENV)/.installed ## stop them all and keep the data
	@$(BIN)/python -m restock.local down

status: $(VENV)/.installed ## show what runs
	@$(BIN)/python -m restock.local status

up-distributed: $(VENV)/.installed ## run the services of docker-compose.yaml as processes here; RESTOCK_WORKERS=3
	@$(BIN)/python -m restock.local.distributed up

demo-distributed: $(VENV)/.installed ## the demo over them, and which worker ran how many tasks
	@$(BIN)/python -m restock.local.distributed demo

down-distributed: $(VENV)/.installed ## stop them all and keep the data
	@$(BIN)/python -m restock.local.distributed down

# As in any shell: a warehouse that the environment names goes before that of the stack here.
report: $(VENV)/.installed ## write report.html about the last 7 days; pass options on with ARGS="--from 2026-06-01"
	@env=$${RESTOCK_STATE_DIR:-.local}/env; \
	if [ -z "$$RESTOCK_WAREHOUSE_URL" ] && [ -e "$$env" ]; then . "$$env"; fi; \
	$(BIN)/python -m restock.report $(ARGS)

test: $(VENV)/.installed-dev ## run every test; pass options on with ARGS="-k quiet_hours"
	$(BIN)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS)

test-pythons: ## run every test under each Python, in environments of their own, and show a table; PYTHONS="3.12 3.13"
	@.ci/test_pythons $(PYTHONS)

try-airflow: $(BIN)/uv ## run every test with another Airflow, the locks left alone: make try-airflow VERSION=3.4.0
	@$(registry); .ci/try_airflow "$(VERSION)" $(BIN)/uv

filled: $(VENV)/.installed-dev ## write tests/warehouse/filled/ for the version that lands now, before a next migration is added
	PYTHONPATH=include:. $(BIN)/python -m tests.warehouse.fill

test-distributed: $(VENV)/.installed-dev ## every fault under the distributed run, with the seconds until all messages had arrived
	RESTOCK_TEST_ALL_FAULTS=1 $(BIN)/python -m pytest -s tests/e2e/test_distributed.py $(ARGS)

soak: $(VENV)/.installed-dev ## kill senders, break providers and restart the database for half an hour; RESTOCK_SOAK_TIMES=10
	RESTOCK_SOAK_TIMES=$${RESTOCK_SOAK_TIMES:-10} $(BIN)/python -m pytest tests/warehouse/test_delivery_faults.py $(ARGS)

bench: $(VENV)/.installed ## measure each step beside what this machine allows at most
	@PYTHONPATH=include:. $(BIN)/python -m tests.bench.bench $(ARGS)

lint: $(VENV)/.installed-dev ## check Python and SQL
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/sqlfluff lint --nocolor --processes 0 sql
	$(BIN)/mypy

# pip-audit runs in a folder of its own, as nothing else here needs what it needs.
audit: $(BIN)/uv ## ask whether a locked package has a published vulnerability; Error 1: yes, Error 2: nobody could be asked
	@$(registry); $(BIN)/python .ci/audit.py $(BIN)/uv tool run --from pip-audit==$(PIP_AUDIT_VERSION) pip-audit \
		--format json --progress-spinner off --require-hashes --disable-pip \
		$(addprefix --requirement ,$(LOCKS) requirements-dev.txt) $(ARGS)

lock: $(BIN)/uv ## pin the newest versions that the requirements*.in allow
	$(call compile,requirements)
	$(call compile,requirements-demo,-c requirements.txt)
	$(call compile,requirements-dev,-c requirements.txt -c requirements-demo.txt)

# One lock serves every supported Python and machine, and names no registry.
define compile
$(BIN)/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(2) $(1).in -o $(1).txt
endef

$(VENV)/.installed: $(LOCKS) | $(BIN)/uv
	@echo "Installing the locked requirements into $(VENV) (a minute or so the first time)"
	@$(call install,$(LOCKS))
	@touch $@

$(VENV)/.installed-dev: $(DEV_LOCK) $(VENV)/.installed
	@echo "Installing the development tools into $(VENV)"
	@$(call install,$(LOCKS) $(DEV_LOCK))
	@touch $@

# uv reads neither pip's settings nor, unless told to, the certificates that the system trusts: hand on the index and
# the certificates that a pip.conf or PIP_* names. What it downloads is shown, the list of 200 packages is not.
define registry
index=$$($(BIN)/pip config get global.index-url 2>/dev/null || echo "$$PIP_INDEX_URL"); \
cert=$$($(BIN)/pip config get global.cert 2>/dev/null || echo "$$PIP_CERT"); \
if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$index}"; fi; \
if [ -n "$$cert" ]; then export SSL_CERT_FILE="$${SSL_CERT_FILE:-$$cert}"; \
elif [ -e /etc/ssl/certs/ca-certificates.crt ]; then export UV_SYSTEM_CERTS="$${UV_SYSTEM_CERTS:-true}"; fi
endef

define install
$(registry); $(BIN)/uv pip install --compile-bytecode --python $(BIN)/python --require-hashes $(addprefix -r ,$(1)) 2>&1 \
	| sed -u '/^ [-+~] /d'
endef

$(BIN)/uv:
	@version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null); \
	case "$$version" in \
	3.11 | 3.12 | 3.13) ;; \
	"") echo "There is no $(PYTHON) that runs: install Python 3.11, 3.12 or 3.13 (apt-get install python3 python3-venv)." >&2; exit 1 ;; \
	*) echo "$(PYTHON) is Python $$version and Restock needs 3.11, 3.12 or 3.13: name one, as in make PYTHON=python3.12 $(MAKECMDGOALS)." >&2; exit 1 ;; \
	esac
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: apt-get install $(notdir $(PYTHON))-venv." >&2; exit 1; }
	@echo "Building $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
