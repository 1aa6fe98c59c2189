# layer.mk -- the one set of rules that builds a layer. A layer's Makefile says
#
#     NAME     := stage3-sharding        its folder
#     BELOW    := common stage1-...      the layers that it may include
#     PROGRAMS := vega-server=main ...   program = the source with its main()
#
# and includes this file. The layer becomes build/lib/NAME.a, and its programs
# build/stage3/vega-server and so on.
#
# Sources are compiled with an include path that holds links to the layer
# itself and those below, and nothing else: an include that reaches up fails in
# the compiler. (make lint closes the side door, "../".)
include $(dir $(lastword $(MAKEFILE_LIST)))flags.mk
.DEFAULT_GOAL := all

SEE     := $(BUILD)/see/$(NAME)
OBJ     := $(BUILD)/obj
LIB     := $(BUILD)/lib/$(NAME).a
OUT     := $(BUILD)/$(firstword $(subst -, ,$(NAME)))
SOURCES := $(sort $(shell cd $(TOP) && find $(NAME) -name '*.c'))
MAINS   := $(foreach p,$(PROGRAMS),$(NAME)/$(lastword $(subst =, ,$(p))).c)
OBJECTS := $(patsubst %.c,$(OBJ)/%.o,$(filter-out $(MAINS),$(SOURCES)))
BELOW_LIBS := $(foreach l,$(BELOW),$(BUILD)/lib/$(l).a)
BINARIES := $(foreach p,$(PROGRAMS),$(OUT)/$(firstword $(subst =, ,$(p))))

all: $(LIB) $(BINARIES)

# The layers below, lowest first, each once. ALONE says they are built already.
.PHONY: all below
below:
ifndef ALONE
	@set -e; for layer in $(BELOW); do \
	    $(MAKE) --no-print-directory -C $(TOP)/$$layer ALONE=1; done
endif
$(BELOW_LIBS): below ;

$(SEE):
	@mkdir -p $@ && ln -sfn $(foreach l,$(NAME) $(BELOW),$(TOP)/$(l)) $@

$(OBJ)/%.o: $(TOP)/%.c $(BUILD)/flags | $(SEE)
	@mkdir -p $(@D)
	@echo "CC    $*.c"
	@cd $(TOP) && $(CC) $(CFLAGS_ALL) -I$(SEE) -MMD -MP -c $*.c -o $@

# Made anew, so that objects of deleted sources do not stay inside.
$(LIB): $(OBJECTS)
	@mkdir -p $(@D) && rm -f $@
	@echo "AR    $(NAME).a"
	@ar rcs $@ $^

define PROGRAM_RULE
$(OUT)/$(firstword $(subst =, ,$(1))): \
    $(OBJ)/$(NAME)/$(lastword $(subst =, ,$(1))).o $(LIB) $(BELOW_LIBS)
	@mkdir -p $$(@D)
	@echo "LD    $$(patsubst $(TOP)/%,%,$$@)"
	@$(CC) $(LDFLAGS_ALL) -o $$@ $$< $(LIB) \
	    $(call reversed,$(BELOW_LIBS)) $(LIBS)
endef
reversed = $(if $(1),$(call reversed,$(wordlist 2,99,$(1))) $(firstword $(1)))
$(foreach p,$(PROGRAMS),$(eval $(call PROGRAM_RULE,$(p))))

-include $(OBJECTS:.o=.d) $(patsubst %.c,$(OBJ)/%.d,$(MAINS))
