# What only repeats, and for long: nothing that a push waits for.

.PHONY: soak
soak: setup ## run for long over everything there is, such as each turn of each zone's clock (10 minutes)
	@$(BIN)/pytest -q -m soak
