# flags.mk -- how everything is compiled: one place for compiler, flags and
# libraries. Includers set nothing; users may say
#
#     CC=clang          another compiler
#     VARIANT=asan      release (default), debug, asan, tsan, valgrind,
#                       coverage, fuzz
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

SANITIZE := -fno-omit-frame-pointer -fno-sanitize-recover=all

FLAGS_release  := -O3 -g -fno-plt
FLAGS_debug    := -O0 -g3
FLAGS_asan     := -O1 -g -fsanitize=address,undefined $(SANITIZE)
FLAGS_tsan     := -O1 -g -fsanitize=thread
FLAGS_valgrind := -O1 -g
FLAGS_coverage := -O0 -g --coverage
FLAGS_fuzz     := -O1 -g -fsanitize=fuzzer-no-link,address,undefined $(SANITIZE)
ifndef FLAGS_$(VARIANT)
$(error VARIANT is one of release, debug, asan, tsan, valgrind, coverage, fuzz)
endif

# jemalloc saves some 20 bytes an entry over glibc; the checkers bring their
# own allocator.
includes = $(shell $(CC) -E $(1:%=-include %) -x c /dev/null \
                   >/dev/null 2>&1 && echo yes)
ifeq ($(VARIANT),release)
ifeq ($(call includes,jemalloc/jemalloc.h),yes)
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
LIBS := -lyaml -ljansson -ledit -llz4 -lcrypto -luring -lm $(ALLOCATOR)

# build/flags says with what, and where, the objects there were made. It is
# written only when that differs, and everything depends on it.
FLAGS_TEXT := $(strip $(TOP) $(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $(LIBS))
ifneq ($(file <$(BUILD)/flags),$(FLAGS_TEXT))
ifneq ($(call includes,yaml.h jansson.h xxhash.h lz4.h openssl/evp.h \
    editline/readline.h liburing.h),yes)
$(error $(CC), or a library that the build needs, is missing; run: make setup)
endif
$(shell mkdir -p $(BUILD))
$(file >$(BUILD)/flags,$(FLAGS_TEXT))
endif

# Prints the lines of compile_commands.json for some sources. The plain tree is
# the include path there: an editor should open the file, not a link to it.
comma := ,
print_commands = $(foreach s,$(1),$(info {"directory": "$(TOP)"$(comma) \
    "file": "$(s)"$(comma) "command": "$(CC) $(CFLAGS_ALL) -I. -c $(s)"},))
