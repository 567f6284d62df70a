# Many guests, one slot.

.PHONY: race
race: setup ## 500 guests at one slot, on both engines, with a table; so many requests: make race SOAK=100000
	@$(BIN)/python -m local.race --soak $(or $(SOAK),0)
