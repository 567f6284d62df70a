# The local run: everything on this machine, nothing in the cloud.

.PHONY: run
run: setup ## start the whole system on PORT (3000): the demo is at http://localhost:3000/demo
	@exec $(BIN)/python -m local --port $(PORT)

.PHONY: demo
demo: setup ## connect, share, book, invite: drive the four steps and print each result
	@$(BIN)/python -m local.demo_drive --port $(PORT)

.PHONY: invoke
invoke: setup ## run one function with its event against a running local run: make invoke F=book_slot
	@test -n "$(F)" || { echo "Which function? For example: make invoke F=book_slot"; exit 1; }
	@$(BIN)/python -m local.invoke --port $(PORT) $(F) $(if $(EVENT),--event $(EVENT))

.PHONY: admin
admin: setup ## the operator's command against a running local run: make admin DO="check"
	@PORT=$(PORT) $(BIN)/python -m local.operate $(or $(DO),--help)
