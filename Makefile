# The front door. `make help` says what there is.
#
#: make            build every stage; link vega-server and vega-client here
#: make stage1     build that stage and what it stands on
#: make demo       install what the build needs, build, and take a tour
#:                 (STAGE=1 for one stage's act)
#: make test       unit tests under ASan and UBSan, then system tests
#: make lint       format, static analysis, layering, purity, links
#: make sim        a node (STAGE=2) or a cluster (STAGE=3) in the simulated
#:                 world: SEEDS=1..500
#: make test-clients  clients from npm against a cluster
#: make valgrind   unit tests under memcheck
#: make coverage   what the tests reach: build/coverage/html/index.html
#: make fuzz       every fuzzer for SECONDS=10
#: make bench      VegaDB beside Redis and memcached (BENCH=--quick, --json)
#: make load-test     mixed load of 1,000 clients, with a report (SECONDS=60)
#: make stress-test   the same with little memory and much churn (SECONDS=120)
#: make bench-store   the table alone, in process
#: make bench-image   the store to bytes and back, in process
#: make bench-free    how long freeing keeps the store at once, in process
#: make handout LAB=1 DEST=dir   what a student of that lab begins with
#:                 (LOWER=ref: the labs below as objects, not to be read)
#: make grade LAB=1   what this tree scores
#: make labs-check    starter trees, their gates, and a part of the zoo
#: make labs-soak     the reference on many seeds: SEEDS=1..10000
#: make zoo LAB=1     plant each known bug, and see which test kills it
#: make handin LAB=1 STUDENT=name   what is submitted, checked and packed
#: make instructor-demo   from submissions to grades, in about a minute
#: make setup      install what the build needs (Debian)
#: make format     let clang-format lay out the sources
#: make reference  write COMMANDS.md from the command table
#: make install    libvega and the programs, under PREFIX=/usr/local
#: make compile_commands.json   for editors
#: make clean      remove all that was built
.DEFAULT_GOAL := all
.NOTPARALLEL:
STAGES := $(sort $(wildcard stage?-*))
NAMES  := $(foreach s,$(STAGES),$(firstword $(subst -, ,$(s))))
NEWEST := $(lastword $(NAMES))

# SETUP=: skips the look at Debian's packages.
SETUP   ?= common/mk/install
PYTHON  ?= /usr/bin/python3
SECONDS ?= 10
SEEDS   ?= 1..500
PREFIX  ?= /usr/local
export PYTHON

# A compiler for each processor, unless make was told how many.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all help $(NAMES) setup demo test test-clients lint format valgrind coverage fuzz \
        sim bench bench-store bench-image bench-free reference load-test \
        stress-test install handout grade labs-check labs-soak zoo handin \
        instructor-demo clean
all: $(NAMES)
	@$(MAKE) --no-print-directory $(JOBS) -C common
	@ln -sfn build/$(NEWEST)/vega-server build/$(NEWEST)/vega-client .
	@ln -sfn common/vega-playground build
	@[ ! -e build/stage2/vega-check ] || ln -sfn stage2/vega-check build

help:
	@sed -n 's/^#: //p' Makefile

$(NAMES):
	@$(MAKE) --no-print-directory $(JOBS) -C $(filter $@-%,$(STAGES))

# needs-test: the packages of the tier "test".
needs-%:
	@$(SETUP) $*

setup: needs-build

demo: needs-build all
	@common/mk/demo $(STAGE)

test: needs-build needs-test all
	@tests/run

# node may bring its own npm, which Debian's package of that name conflicts with.
test-clients: needs-build needs-test all
	@command -v node >/dev/null && command -v npm >/dev/null || \
	    $(SETUP) clients
	@$(PYTHON) tests/clients/run.py

lint: needs-build needs-test needs-gates all compile_commands.json
	@common/mk/lint

format: needs-gates
	@git ls-files '*.[ch]' | xargs clang-format -i

# STAGE: 2, a node, is the default; 3, a cluster.
sim: needs-build
	@$(MAKE) --no-print-directory -C tests VARIANT=release sim
	@build/vega-sim --stage $(or $(STAGE),2) --seeds $(SEEDS)

# Memcheck is some 30 times slower, so model tests do less. VALGRIND tells the
# tests of what memcheck does itself. Leaks are found by the sanitizers.
valgrind: needs-build needs-test needs-gates
	@VALGRIND=1 CK_TIMEOUT_MULTIPLIER=10 OPERATIONS=20000 \
	    $(MAKE) --no-print-directory -C tests run VARIANT=valgrind \
	    RUNNER="valgrind -q --error-exitcode=99"

coverage: needs-build needs-test needs-gates
	@tests/coverage

fuzz: needs-build needs-gates
	@$(MAKE) --no-print-directory -C tests/fuzz run SECONDS=$(SECONDS)

bench: needs-build needs-bench all
	@$(PYTHON) tests/bench/bench.py $(BENCH)
ifneq ($(BENCH),--json)
	@$(PYTHON) tests/bench/bench_evict.py $(filter --quick,$(BENCH))
	@$(PYTHON) tests/bench/bench_times.py $(filter --quick,$(BENCH))
	@$(PYTHON) tests/bench/bench_log.py $(filter --quick --readme,$(BENCH))
	@$(PYTHON) tests/bench/bench_cluster.py $(filter --quick --readme,$(BENCH))
endif

# What every command does, from the table of the newest stage.
reference: all
	@build/$(NEWEST)/vega-reference >COMMANDS.md

# SECONDS has a default for fuzzing: only one that was given counts here.
load-test stress-test: needs-build all
	@$(PYTHON) tests/load/load.py $(@:-test=) \
	    $(if $(filter file default undefined,$(origin SECONDS)),,--seconds $(SECONDS))

bench-store bench-image bench-free: needs-build
	@$(MAKE) --no-print-directory -C tests VARIANT=release bench
	@build/tests/$(subst -,_,$@)

# ---- The labs. In CI a part of the zoo, another one every day.
LABS := $(foreach l,$(wildcard labs/lab?-*),$(patsubst lab%,%,$(firstword \
          $(subst -, ,$(notdir $(l))))))
LAB  ?= $(firstword $(LABS))
DAY ?= $(shell date +%j)

handout: needs-labs
	@[ '$(DEST)' ] || { echo 'usage: make handout LAB=1 DEST=dir'; exit 1; }
	@$(PYTHON) labs/tools/handout.py $(LAB) '$(DEST)' $(LOWER:%=--lower %)

grade: needs-build
	@labs/grade $(LAB)

labs-check: needs-build needs-labs needs-gates all
	@set -e; for lab in $(LABS); do echo "Lab $$lab"; \
	    $(PYTHON) labs/tools/check.py $$lab --day $(DAY); done

# Of the labs that have seeds. SEEDS has a default for the simulator: only one
# that was given counts here.
labs-soak: needs-build
	@set -e; for lab in $(foreach l,$(LABS),$(if \
	    $(shell grep -l '^    seeds:' labs/lab$(l)-*/lab.yml),$(l))); do \
	    labs/grade $$lab --seeds $(if $(filter file,$(origin \
	        SEEDS)),1..10000,$(SEEDS)); done

zoo: needs-build needs-labs all
	@$(PYTHON) labs/tools/zoo.py $(LAB)

handin:
	@labs/handin $(LAB) $(STUDENT)

instructor-demo: needs-build needs-labs all
	@$(PYTHON) labs/tools/demo.py $(LAB)

install: all
	@$(MAKE) --no-print-directory -C common libvega
	@common/mk/install-files '$(DESTDIR)' '$(PREFIX)'

compile_commands.json: $(wildcard */Makefile common/mk/*.mk) FORCE
	@for layer in common $(STAGES) tests; do \
	    $(MAKE) -s --no-print-directory -C $$layer commands; \
	done | sed '1s/^/[\n/; $$s/,$$/\n]/' >$@
FORCE:

clean:
	rm -rf build vega-server vega-client compile_commands.json
