# The front door. `make help` says what there is.
.DEFAULT_GOAL := all
.NOTPARALLEL:
STAGES := $(sort $(wildcard stage?-*))
NAMES  := $(foreach s,$(STAGES),$(firstword $(subst -, ,$(s))))
NEWEST := $(lastword $(NAMES))

.PHONY: all $(NAMES) test clean
all: $(NAMES)
	@ln -sfn build/$(NEWEST)/vega-server build/$(NEWEST)/vega-client .

$(NAMES):
	@$(MAKE) --no-print-directory -C $(filter $@-%,$(STAGES))

test:
	@$(MAKE) --no-print-directory -C tests run

clean:
	rm -rf build vega-server vega-client compile_commands.json
