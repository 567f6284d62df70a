# What other people's tools say of the code, the template and the pinned packages.

.PHONY: audit
audit: setup $(SAM) ## bandit, cfn-lint, checkov, cfn-guard, SAM CLI, pip-audit: make audit OFFLINE=1 leaves out the last
	@$(BIN)/python -m local.audit $(if $(OFFLINE),--offline)
