# The functions as Lambda runs them, and a deployment of them; packaged, both of them.

ifeq ($(RUNTIME),lambda)
run demo e2e: $(SAM)
endif

.PHONY: deploy-local
deploy-local: setup $(SAM) ## deploy to MiniStack with permissions enforced, do the whole job, update, delete
	@$(BIN)/python -m local.deploy

.PHONY: e2e
e2e: setup ## the end-to-end tests alone; RUNTIME=lambda runs them against the packaged functions
	@RUNTIME=$(RUNTIME) $(BIN)/pytest -q tests/e2e
