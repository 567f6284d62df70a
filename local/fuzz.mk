# Every route of the OpenAPI document, with whatever anybody may send.

.PHONY: fuzz
fuzz: setup ## call every route with anything, for long: make fuzz EXAMPLES=10000 SEED=1
	@seed=$${SEED:-$$RANDOM}; echo "SEED=$$seed"; \
	  SEED=$$seed EXAMPLES=$(or $(EXAMPLES),1000) $(BIN)/pytest -q tests/security/test_fuzz.py
