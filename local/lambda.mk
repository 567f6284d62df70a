# The functions as Lambda runs them, packaged: what `make run RUNTIME=lambda` needs beside the rest.

ifeq ($(RUNTIME),lambda)
run demo: $(SAM)
endif
