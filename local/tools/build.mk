# Packaging for Lambda. The SAM CLI lives in a venv of its own: its pins are not ours.

SAM := local/tools/sam/.venv/.ready
ARCH ?= arm64

$(SAM): local/tools/sam/requirements.txt
	@echo "Installing the SAM CLI into local/tools/sam/.venv (once, about a minute) ..."
	@$(PYTHON) -m venv local/tools/sam/.venv
	@local/tools/sam/.venv/bin/pip install --quiet --disable-pip-version-check -r local/tools/sam/requirements.txt
	@touch $@

.PHONY: build
build: setup $(SAM) ## package for AWS Lambda: make build ARCH=arm64 (or x86_64)
	@$(BIN)/python -m local.build --architecture $(ARCH)

.PHONY: validate
validate: setup $(SAM) ## check template.yaml with the SAM CLI and cfn-lint
	@$(BIN)/python -m local.build --validate-only
