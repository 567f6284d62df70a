# What a month costs, and which limit comes first.

.PHONY: cost
cost: setup ## count what each step asks for, and write docs/cost.md anew (needs Java)
	@$(BIN)/python -m benchmarks.cost
