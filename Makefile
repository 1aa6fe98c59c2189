# The front door. `make help` says what there is.
.DEFAULT_GOAL := all
STAGES := stage1-singlenode
NEWEST := stage1

.PHONY: all stage1 test clean
all: stage1
	@ln -sf build/$(NEWEST)/vega-server build/$(NEWEST)/vega-client .

stage1:
	@$(MAKE) --no-print-directory -C stage1-singlenode

test:
	@$(MAKE) --no-print-directory -C tests run

clean:
	rm -rf build vega-server vega-client compile_commands.json
