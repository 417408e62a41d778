# signet: the lists of sources below are the architecture, lowest layer first.
VERSION := 0.1.0

PREFIX     ?= /usr/local
DESTDIR    ?=
CC         ?= cc
PKG_CONFIG ?= pkg-config
PYTHON     ?= /usr/bin/python3
CFLAGS     ?= -O2 -g -D_FORTIFY_SOURCE=2
LDFLAGS    ?=
BUILD      ?= build

# WERROR=1 makes warnings fail; SAN=address,undefined builds with sanitizers.
WERROR ?=
SAN    ?=

LAYERS := base pkcs11 signer client agent cli

base_SRC   := err utf8 buf secret b64url text clock json jsonw outfile \
              file
pkcs11_SRC := ckr call attrs uri module slots mechanisms quirks pool ladder \
              ledger login token object search policy key native keygen keydel \
              probe door libp11 engine provider openssl tls
signer_SRC := scope scope_list ossl rsa jwk jwks published claims jws jwt signer \
              key_json evidence cert_name cert stop_mark
# A folder of client/ uses only those that stand before it.
client_SRC := $(addprefix http/, curl_lazy url trust intake headers transport http) \
              $(addprefix reply/, xml echo words reply) \
              $(addprefix session/, session identity cache tcm tableau \
                  method_scope api) \
              $(addprefix pages/, page query paging) \
              $(addprefix tenant/, exchange tenant sites users oidc) \
              $(addprefix uat/, uat_config uat_spec uat_diff uat uat_create \
                  uat_update uat_revoke uat_copy uat_match) \
              $(addprefix check/, points jwks_answer jwks_check preflight \
                  preflight_claims preflight_scopes preflight_keys \
                  preflight_resources) \
              $(addprefix rotation/, rotation_record rotation rotation_names)
agent_SRC  := listen mhd jwks_server
cli_SRC    := opt help commands dotenv conf conf_edit terminal run_command \
              secret_source conf_trust folder watch app mint jwt_input points_show \
              cmd_token cmd_jwt cmd_doctor cmd_help main \
              $(addprefix key/, allow keys client_key key_show key_set \
                  cmd_jwks_build cmd_jwks_check cmd_jwks_serve cmd_key \
                  cmd_key_audit cmd_key_delete cmd_key_evidence cmd_key_cert) \
              $(addprefix cloud/, fingerprint sign_in services canary \
                  cmd_login data answer progress download cmd_api \
                  cmd_api_download cmd_tenant cmd_site cmd_user cmd_oidc fds \
                  child child_env cmd_exec) \
              $(addprefix uat/, known uat_show uat_door uat_input stopped \
                  stop_effect stop_carriers stop_disable cmd_uat cmd_uat_create \
                  cmd_uat_update cmd_uat_revoke cmd_uat_stop \
                  preflight_config preflight_facts cmd_uat_check) \
              $(addprefix rotate/, rotate rotate_settings rotate_journal \
                  rotate_targets rotate_jwks rotate_begin rotate_drift \
                  rotate_keys rotate_steps rotate_show cmd_uat_rotate)

PKGS := p11-kit-1 libcrypto jansson
# Compiled with, and loaded when they are needed: client/http/curl_lazy.c,
# agent/mhd.c, and sg_door_library() of pkcs11/door.h.
LAZY_PKGS := libcurl libp11 libssl libmicrohttpd

HARDENING := -fstack-protector-strong -fPIE
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wundef \
            -Wvla -Wcast-qual -Wmissing-prototypes
# Asked once, when the first file is compiled: make deps may come before.
PKG_CFLAGS    = $(eval PKG_CFLAGS := $$(call pkg,--cflags,$$(PKGS) $$(LAZY_PKGS)))$(PKG_CFLAGS)
PKG_LIBS      = $(eval PKG_LIBS := $$(call pkg,--libs,$$(PKGS)))$(PKG_LIBS)
pkg = $(or $(shell $(PKG_CONFIG) $(1) $(2)),\
           $(error libraries are missing; install them with: make deps))

ALL_CPPFLAGS  = -I. -D_GNU_SOURCE -DSG_VERSION='"$(VERSION)"' $(PKG_CFLAGS) \
                $(CPPFLAGS)
ALL_CFLAGS   := -std=gnu11 $(WARNINGS) $(HARDENING) $(CFLAGS)
ALL_LDFLAGS   = -pie -Wl,-z,relro,-z,now $(SAN_LDFLAGS) $(LDFLAGS)
ifneq ($(WERROR),)
ALL_CFLAGS += -Werror
endif
ifneq ($(SAN),)
CPPFLAGS += -DSG_SANITIZED
ALL_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_LDFLAGS := -fsanitize=$(SAN)
endif

define newline


endef

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' '$(1)' '$(2)')

archive = $(BUILD)/lib$(1).a
# What layer $(1) may use: itself and what stands before it, upside down.
below = $(if $(filter cli,$(1)),$(call archive,cli)) \
        $(if $(filter cli agent,$(1)),$(call archive,agent)) \
        $(if $(filter cli agent client,$(1)),$(call archive,client)) \
        $(if $(filter cli agent client signer,$(1)),$(call archive,signer)) \
        $(if $(filter cli agent client signer pkcs11,$(1)),\
            $(call archive,pkcs11)) \
        $(call archive,base)

.PHONY: all
all: $(BUILD)/signet

.PHONY: help
help:
	@echo 'make          build $(BUILD)/signet'
	@echo 'make demo     install what is missing, build, and show the main job'
	@echo 'make test     install what is missing, build and run every test'
	@echo 'make test-tokens  of these, those of each PKCS#11 module'
	@echo 'make test-debian13  the same in a folder with Debian 13, as root'
	@echo 'make interop  with the clients of others: Python, Node, Java'
	@echo 'make lint     the checks of tests/lint'
	@echo 'make bench    measure it beside the least program and its peers'
	@echo 'make install  into PREFIX ($(PREFIX)), below DESTDIR'
	@echo 'make deps     install every Debian package for all of the above'
	@echo 'WERROR=1 makes warnings fail, SAN=address,undefined adds sanitizers,'
	@echo 'BUILD=DIR builds elsewhere, V=1 shows the commands.'

define layer_rules
$(1)_OBJ := $$(patsubst %,$(BUILD)/$(1)/%.o,$$(filter-out main,$$($(1)_SRC)))
$(BUILD)/lib$(1).a: $$($(1)_OBJ)
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach layer,$(LAYERS),$(eval $(call layer_rules,$(layer))))

$(BUILD)/%.o: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/signet: $(BUILD)/cli/main.o $(call below,cli)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)


# --- tests -----------------------------------------------------------------

# A unit test is linked with its own layer and those below it, and no more.
UNIT_TESTS :=
define unit_rules
$(1)_TESTS := $$(foreach file,$$(notdir $$($(1)_SRC)),$$(if $$(wildcard tests/unit/test_$$(file).c),$(BUILD)/tests/unit/test_$$(file)))
UNIT_TESTS += $$($(1)_TESTS)
$$($(1)_TESTS): $(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(call below,$(1))
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $$(ALL_LDFLAGS) -o $$@ $$^ $$(PKG_LIBS) -lcmocka
endef
$(foreach layer,$(LAYERS),$(eval $(call unit_rules,$(layer))))

# A PKCS#11 module that does what a test tells it, loaded by path like any.
FAKE_MODULE := $(BUILD)/tests/fake_module.so
$(FAKE_MODULE): tests/unit/fake_module.c tests/unit/fake_module.h
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fPIC -shared $(LDFLAGS) -o $@ $<
$(pkcs11_TESTS): | $(FAKE_MODULE)

# Token tests run in a throw-away token: tests/token/run gives them one each.
TOKEN_TESTS := $(patsubst tests/token/%.c,$(BUILD)/tests/token/%,$(wildcard tests/token/test_*.c))
$(TOKEN_TESTS): $(BUILD)/tests/token/%: $(BUILD)/tests/token/%.o $(call below,signer)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

# A PKCS#11 module that stands before a real one and misbehaves as told.
FAULT_MODULE := $(BUILD)/tests/fault/fault_module.so
FAULT_SRC    := $(addprefix tests/fault/,module.c calls.c rules.c lies.c \
                  recall.c script.c)
$(FAULT_MODULE): $(FAULT_SRC) $(wildcard tests/fault/*.h tests/fault/*.def)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fPIC -fvisibility=hidden -shared \
	    -Wl,-z,nodelete $(LDFLAGS) -o $@ $(FAULT_SRC)

# Fault tests run in a throw-away token with the fault module before it.
FAULT_TESTS := $(patsubst tests/fault/%.c,$(BUILD)/tests/fault/%,$(wildcard tests/fault/test_*.c))
$(FAULT_TESTS): $(BUILD)/tests/fault/%: $(BUILD)/tests/fault/%.o $(call below,signer) | $(FAULT_MODULE)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lcmocka

# The least program that signs, and signet's own way, for make bench.
BENCHES := $(BUILD)/tests/bench/raw $(BUILD)/tests/bench/warm
$(BENCHES): $(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(call below,signer)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: tests
tests: $(BUILD)/signet $(UNIT_TESTS) $(TOKEN_TESTS) $(FAULT_TESTS) $(BENCHES)

# What has to be installed first is known only then, hence make within make.
.PHONY: test check
test check: deps-test
	@$(MAKE) --no-print-directory WERROR=1 run-tests

.PHONY: run-tests
run-tests: tests
	$(Q)SIGNET_BIN=$(abspath $(BUILD)/signet) SIGNET_BUILD=$(abspath $(BUILD)) \
	    tests/run-tests $(UNIT_TESTS) --pytest tests/fault tests/token tests/cli \
	    tests/sim tests/docs

# --- bench -----------------------------------------------------------------

.PHONY: bench
bench: deps-bench
	@$(MAKE) --no-print-directory run-bench

.PHONY: run-bench
run-bench: $(BUILD)/signet $(BENCHES) $(FAULT_MODULE)
	$(Q)SIGNET_BUILD=$(abspath $(BUILD)) softhsm/with-token.sh -- \
	    $(PYTHON) -B tests/bench/bench.py

# The token layer alone, with every module of tests/token/modules.
.PHONY: test-tokens
test-tokens: deps-test
	@$(MAKE) --no-print-directory WERROR=1 run-test-tokens

.PHONY: run-test-tokens
run-test-tokens: $(BUILD)/signet $(TOKEN_TESTS)
	$(Q)SIGNET_BIN=$(abspath $(BUILD)/signet) SIGNET_BUILD=$(abspath $(BUILD)) \
	    tests/run-tests --pytest tests/token

# With the clients of others, which are fetched into the build folder.
INTEROP := $(BUILD)/interop
.PHONY: interop
interop: deps-interop
	@$(MAKE) --no-print-directory WERROR=1 run-interop

.PHONY: run-interop
run-interop: $(BUILD)/signet
	@tests/interop/install $(INTEROP)
	$(Q)SIGNET_BIN=$(abspath $(BUILD)/signet) SIGNET_BUILD=$(abspath $(BUILD)) \
	    SIGNET_INTEROP=$(abspath $(INTEROP)) \
	    tests/run-tests --pytest tests/interop

# All of it once more, with what Debian 13 has. Needs root.
DEBIAN13 ?= $(BUILD)/debian13
.PHONY: test-debian13
test-debian13: deps-debian13
	@tests/debian13.sh $(DEBIAN13)

.PHONY: lint
lint:
	@tests/lint/run

.PHONY: demo
demo: deps-demo
	@$(MAKE) --no-print-directory all
	@tests/demo.sh $(BUILD)/signet

# --- packages --------------------------------------------------------------

BUILD_DEBS := gcc make pkgconf libp11-kit-dev libp11-dev libssl-dev \
              libcurl4-openssl-dev libjansson-dev libmicrohttpd-dev
DEMO_DEBS  := $(BUILD_DEBS) softhsm2 python3 python3-jwt python3-cryptography
# One line for each module of tests/token/modules.
TOKEN_DEBS := libnss3 libnss3-tools \
              opencryptoki util-linux \
              swtpm tpm2-abrmd libtss2-tcti-swtpm0 libtss2-tcti-tabrmd0 \
              libtpm2-pkcs11-1 dbus-daemon dbus-bin \
              p11-kit p11-kit-modules
# OpenSSL's way to a token: the engine of Debian 12, the provider of 13.
DOOR_DEB   := $(if $(shell grep -s '^VERSION_ID="12"' /etc/os-release),\
                libengine-pkcs11-openssl,pkcs11-provider)
TEST_DEBS  := $(DEMO_DEBS) $(DOOR_DEB) libcmocka-dev python3-pytest openssl \
              opensc opensc-pkcs11 strace curl jq ca-certificates $(TOKEN_DEBS)
BENCH_DEBS := $(DEMO_DEBS) openssl opensc libengine-pkcs11-openssl
INTEROP_DEBS := $(DEMO_DEBS) python3-pytest python3-venv nodejs npm \
              default-jdk-headless maven
LINT_DEBS  := git clang clang-format g++ libclang-rt-14-dev mandoc shellcheck \
              universal-ctags

.PHONY: deps deps-build deps-demo deps-test deps-bench deps-debian13 \
        deps-interop
deps-build: ; @.ci/install-debs $(BUILD_DEBS)
deps-demo: ;  @.ci/install-debs $(DEMO_DEBS)
deps-test: ;  @.ci/install-debs $(TEST_DEBS)
deps-bench: ; @.ci/install-debs $(BENCH_DEBS)
deps-interop: ; @.ci/install-debs $(INTEROP_DEBS)
deps-debian13: ; @.ci/install-debs debootstrap
deps: ;       @.ci/install-debs $(TEST_DEBS) $(BENCH_DEBS) $(LINT_DEBS) \
    $(INTEROP_DEBS)

# --- installation ----------------------------------------------------------

MANUALS := $(wildcard man/*.[15])

.PHONY: install uninstall
install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(BUILD)/signet $(DESTDIR)$(PREFIX)/bin/signet
	$(foreach page,$(MANUALS),install -D -m 644 $(page) \
	    $(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))$(newline))

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/signet
	$(foreach page,$(MANUALS),rm -f \
	    $(DESTDIR)$(PREFIX)/share/man/man$(subst .,,$(suffix $(page)))/$(notdir $(page))$(newline))

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -path '*/debian13' -prune -o -name '*.d' -print 2>/dev/null)
