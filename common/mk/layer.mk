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
# A tree may hold objects of sources that are not to be read (labs/README.md).
GIVEN   := $(sort $(shell cd $(TOP) && find lower/$(NAME) -name '*.o' 2>&-))
GIVEN   := $(filter-out $(SOURCES:%.c=lower/%.o),$(GIVEN))
OBJECTS := $(patsubst %.c,$(OBJ)/%.o,$(filter-out $(MAINS),$(SOURCES))) \
           $(GIVEN:%=$(TOP)/%)
BELOW_LIBS := $(foreach l,$(BELOW),$(BUILD)/lib/$(l).a)
BINARIES := $(foreach p,$(PROGRAMS),$(OUT)/$(firstword $(subst =, ,$(p))))

# Sources are named from the top, in messages and dependency files too.
VPATH := $(TOP)

.PHONY: all lib below commands
all: $(LIB) $(BINARIES) ; @:
lib: $(LIB) ; @:

# The layers below, lowest first, each once.
below:
	@set -e; for layer in $(BELOW); do \
	    $(MAKE) --no-print-directory -C $(TOP)/$$layer lib; done
$(BELOW_LIBS): below ;

$(SEE)/made: Makefile $(BUILD)/flags
	@rm -rf $(@D) && mkdir -p $(@D)
	@ln -s $(foreach l,$(NAME) $(BELOW),$(TOP)/$(l)) $(@D)
	@touch $@

$(OBJ)/%.o: %.c $(SEE)/made
	@mkdir -p $(@D)
	@echo "CC    $*.c"
	@cd $(TOP) && $(CC) $(CFLAGS_ALL) -I$(SEE) -fmacro-prefix-map=$(SEE)/= \
	    -MMD -MP -c $*.c -o $@

# Made anew, also when a source has gone: nothing deleted stays inside.
MEMBERS := members: $(OBJECTS)
ifneq ($(file <$(LIB).list),$(MEMBERS))
$(shell mkdir -p $(dir $(LIB)))
$(file >$(LIB).list,$(MEMBERS))
endif
$(LIB): $(OBJECTS) $(LIB).list
	@echo "AR    $(NAME).a"
	@rm -f $@ && ar rcs $@ $(OBJECTS)

commands:
	@: $(call print_commands,$(SOURCES))

reversed = $(if $(1),$(call reversed,$(wordlist 2,99,$(1))) $(firstword $(1)))
define PROGRAM_RULE
$(OUT)/$(firstword $(subst =, ,$(1))): \
    $(OBJ)/$(NAME)/$(lastword $(subst =, ,$(1))).o $(LIB) $(BELOW_LIBS)
	@mkdir -p $$(@D)
	@echo "LD    $$(patsubst $(TOP)/%,%,$$@)"
	@$(CC) $(LDFLAGS_ALL) -o $$@ $$< $(LIB) \
	    $(call reversed,$(BELOW_LIBS)) $(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call PROGRAM_RULE,$(p))))

-include $(OBJECTS:.o=.d) $(patsubst %.c,$(OBJ)/%.d,$(MAINS))
