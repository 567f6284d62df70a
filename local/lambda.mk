# The functions as Lambda runs them, and a deployment of them; packaged, both of them.

ifeq ($(RUNTIME),lambda)
run demo: $(SAM)
endif

.PHONY: deploy-local
deploy-local: setup $(SAM) ## deploy to MiniStack with permissions enforced, do the whole job, update, delete
	@$(BIN)/python -m local.deploy
