# flags.mk -- how everything is compiled: one place for compiler, flags and
# libraries. Includers set nothing; users may say
#
#     CC=clang          another compiler
#     VARIANT=asan      release (default), debug, asan, tsan, valgrind, coverage
#     BUILD=dir         where the results go; default build, or build/VARIANT
TOP := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/../..)
ifeq ($(origin CC),default)
CC := gcc
endif
VARIANT ?= release
ifeq ($(VARIANT),release)
BUILD ?= $(TOP)/build
else
BUILD ?= $(TOP)/build/$(VARIANT)
endif
override BUILD := $(abspath $(BUILD))

FLAGS_release  := -O3 -g -fno-plt
FLAGS_debug    := -O0 -g3
FLAGS_asan     := -O1 -g -fno-omit-frame-pointer \
                  -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan     := -O1 -g -fsanitize=thread
FLAGS_valgrind := -O1 -g
FLAGS_coverage := -O0 -g --coverage
ifndef FLAGS_$(VARIANT)
$(error VARIANT is one of release, debug, asan, tsan, valgrind, coverage)
endif

# jemalloc saves some 20 bytes an entry over glibc; the checkers bring their
# own allocator.
ifeq ($(VARIANT),release)
ifeq ($(shell echo '\#include <jemalloc/jemalloc.h>' | \
              $(CC) -E - >/dev/null 2>&1 && echo yes),yes)
FLAGS_release += -DVEGA_JEMALLOC
ALLOCATOR := -ljemalloc
endif
endif

WARNINGS := -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wvla
CFLAGS_ALL := -std=c17 -D_GNU_SOURCE -pthread $(WARNINGS) \
              $(FLAGS_$(VARIANT)) $(CFLAGS)
LDFLAGS_ALL := -pthread $(filter -fsanitize% --coverage -g -O%, \
               $(FLAGS_$(VARIANT))) -Wl,--as-needed $(LDFLAGS)
LIBS := -lyaml -ledit -lm $(ALLOCATOR)

# Rewritten only when the flags differ, so that objects are rebuilt then.
define FLAGS_TEXT
$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(LIBS)
endef
$(shell mkdir -p $(BUILD) && echo '$(FLAGS_TEXT)' >$(BUILD)/flags.$$$$ && \
        { cmp -s $(BUILD)/flags.$$$$ $(BUILD)/flags && \
          rm $(BUILD)/flags.$$$$ || mv $(BUILD)/flags.$$$$ $(BUILD)/flags; })
