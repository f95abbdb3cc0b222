# make run | test | check | bench: each makes its own .venv first.
PYTHON ?= python3
PYTEST_ARGS ?= -n logical --maxprocesses 4
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run test check bench
.DEFAULT_GOAL := run

run: $(VENV)/run.stamp
	@exec $(PY) -m saifa_crm.stack

test: $(VENV)/dev.stamp
	@$(PY) -m pytest $(PYTEST_ARGS)

# The deployment check sees a production-like environment; its keys are thrown away.
check: $(VENV)/dev.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	DEBUG=1 $(PY) -m mypy
	DEBUG=1 $(PY) manage.py makemigrations --check --dry-run
	@echo "$(PY) manage.py check --deploy --fail-level WARNING"
	@SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	 FIELD_ENCRYPTION_KEYS=$$($(PY) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
	 DEBUG=0 HOST=0.0.0.0 ALLOWED_HOSTS=crm.example.com PUBLIC_BASE_URL=https://crm.example.com TRUSTED_PROXY_COUNT=1 \
	 $(PY) manage.py check --deploy --fail-level WARNING

# The figures, then the kill and interleaving tests at length.
bench: $(VENV)/dev.stamp
	@$(PY) -m benchmarks
	@KILLS=30 INTERLEAVINGS=2000 $(PY) -m pytest overview/tests/test_kills.py channels_ingest/tests/test_interleavings.py

$(VENV)/run.stamp: requirements.txt .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv $(VENV) requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv $(VENV) requirements-dev.txt
	@touch $@
