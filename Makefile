# SPDX-License-Identifier: GPL-3.0-or-later
#
#   make              build the programs
#   make check        all tests; installs what it needs (root, Debian)
#   make check-vm     those in virtual machines, the long ones too
#   make demo         a virtual PC is saved and restored over the network
#   make bench        the same work by Slate and by other tools, with times
#   make asan | tsan  unit and command-line tests under a sanitizer
#   make fuzz T=60    every fuzz target for T seconds (default: all within 10 minutes)
#   make tidy         house rules, formatting, static checks; make format mends formatting
#   make pot          renew po/ after a change of the screen's texts
#   make install | uninstall DESTDIR= PREFIX=   make dist   make clean

NAME    := slate
VERSION := 0.1

PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
LIBDIR  ?= $(PREFIX)/lib/slate
MANDIR  ?= $(PREFIX)/share/man
DOCDIR  ?= $(PREFIX)/share/doc/slate
LOCALEDIR ?= $(PREFIX)/share/locale
COMPDIR ?= $(PREFIX)/share/bash-completion/completions
UNITDIR ?= $(PREFIX)/lib/systemd/system
USERDIR ?= $(PREFIX)/lib/sysusers.d
O       ?= build
CC      ?= cc
INSTALL ?= install
CFLAGS  ?= -O2 -g

MAKEFLAGS += --no-print-directory

# --- what there is -----------------------------------------------------------
sources = $(foreach d,$(1),$(wildcard $(d)/*.c $(d)/*/*.c))
objects = $(patsubst %.c,$(O)/%.o,$(call sources,$(1)))

FOLDERS := common imager netconf pxe rescue
BINS    := $(O)/slate $(O)/slate-netconf $(O)/slate-pxe
HELPERS := $(O)/net-rename $(O)/slate-agent
SRC     := $(call sources,$(FOLDERS))
UNITS   := $(wildcard tests/unit/*_test.c)
FUZZ    := $(wildcard tests/fuzz/*_fuzz.c)
CLI     := $(filter-out %lib.sh,$(wildcard tests/cli/*.sh))
VM      := $(filter-out %lib.sh,$(wildcard tests/vm/*.sh))
VM_LONG := $(wildcard tests/vm/long/*.sh)
MANS    := $(wildcard docs/man/*.[58])
COMPS   := $(wildcard completions/*)
# The shell part of slate-rescue, with its folders as they are.
RESCUE  := $(wildcard rescue/slate-rescue rescue/build/* rescue/local/* rescue/init/*)
EXAMPLES := netconf/netconf.conf pxe/lab.conf
OWN_C   := $(SRC) $(wildcard tests/*/*.c)
OWN_SH  := .ci/run $(COMPS) $(RESCUE)
HEADERS := $(foreach d,$(FOLDERS) tests,$(wildcard $(d)/*.h $(d)/*/*.h))
TESTS   := $(patsubst tests/unit/%.c,$(O)/unit/%,$(UNITS))
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(FUZZ))

# --- how it is built ---------------------------------------------------------
PKGS := inih blkid fdisk ext2fs com_err libntfs-3g libdeflate libzstd liblz4 liblzma libcrypto \
        jansson libcurl sqlite3 libmicrohttpd libseccomp ncursesw
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
        -Wpointer-arith -Wwrite-strings -Wvla -Wconversion -Wno-sign-conversion \
        -Wformat=2 -Wimplicit-fallthrough
HARD := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
# Asked for when first needed and then kept: `make check' installs the libraries before that.
ask  = $(shell pkg-config $(1))$(if $(filter-out 0,$(.SHELLSTATUS)),$(error \
       a library is missing: tests/deps.sh build (as root) installs all of them))
PKG_CFLAGS = $(eval PKG_CFLAGS := $(call ask,--cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS   = $(eval PKG_LIBS := $(call ask,--libs $(PKGS)))$(PKG_LIBS)
DEFS := -I. -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' \
        -DSBINDIR='"$(SBINDIR)"' -DLIBDIR='"$(LIBDIR)"' \
        -DLOCALEDIR='"$(LOCALEDIR)"'
ALL_C   = -std=c11 $(DEFS) $(WARN) $(HARD) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) $(WERROR)
ALL_LD  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)
LIBS    = $(PKG_LIBS) -lbz2 -lm -lpthread

# The screen's translations: po/LANGUAGE.po.
LANGUAGES := $(patsubst po/%.po,%,$(wildcard po/*.po))
MO        := $(LANGUAGES:%=$(O)/locale/%/LC_MESSAGES/slate.mo)
TEXTS     := $(wildcard imager/screen/text_*.h)

all: $(BINS) $(HELPERS) $(MO)

$(O)/locale/%/LC_MESSAGES/slate.mo: po/%.po
	@mkdir -p $(@D)
	msgfmt -c -o $@ $<

# The texts anew, and into the translations, where `msgattrib --untranslated' shows them.
XGETTEXT = xgettext -L C --from-code=UTF-8 -kT:3 -kP:3,4 --no-wrap --sort-by-file \
           --no-location --package-name=slate --copyright-holder='The authors of Slate'
pot:
	$(XGETTEXT) $(TEXTS) -o - | sed -e '1,4d; s/CHARSET/UTF-8/; /^"POT-Creation/d' \
	  -e '5s/.*/# SPDX-License-Identifier: GPL-3.0-or-later/' > po/slate.pot
	for l in $(LANGUAGES); do \
	  msgmerge -q --no-wrap --no-fuzzy-matching -U --backup=none po/$$l.po po/slate.pot || \
	  exit; done


$(O)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) -MMD -MP $(ALL_C) -c -o $@ $<

# One line a program: its own folder and common/.
$(O)/slate: $(call objects,common imager)
$(O)/slate-netconf: $(filter-out $(O)/netconf/helper/%,$(call objects,common netconf))
$(O)/slate-pxe: $(call objects,common pxe)
$(O)/slate-agent: $(call objects,common rescue)

# udev runs it in any initramfs, so it brings its libc along, and is always built plainly.
RENAME := $(wildcard netconf/helper/*.c netconf/hardware/rtnl*.c) common/err.c common/mac.c \
          common/netlink.c common/plain.c
$(O)/net-rename: $(RENAME) $(filter netconf/h% common/%,$(HEADERS)) Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 $(DEFS) $(WARN) $(WERROR) -O2 -g -fstack-protector-strong \
	  -fPIE -static-pie -o $@ $(RENAME)

# A unit test and a fuzz target are linked with everything but the main functions.
PARTS := $(filter-out %/main.o,$(call objects,$(FOLDERS)))
$(TESTS): $(O)/unit/%: $(O)/tests/unit/%.o $(PARTS)
$(TESTS): LIBS += -lcmocka
$(FUZZERS): build/fuzz/%: build/fuzz/tests/fuzz/%.o $(PARTS)
$(O)/limit $(O)/scatter $(O)/tftpget: $(O)/%: $(O)/tests/bench/%.o
$(O)/netload: $(call objects,tests/load)

$(BINS) $(O)/slate-agent $(TESTS) $(FUZZERS) $(O)/limit $(O)/scatter $(O)/tftpget $(O)/netload:
	@mkdir -p $(@D)
	$(CC) $(ALL_C) $(ALL_LD) -o $@ $^ $(LIBS)

# Goes under programs that know nothing of it, so it is always built plainly.
$(O)/eio.so: tests/fault/eio.c Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 $(DEFS) $(WARN) -O2 -g -fPIC -shared -o $@ $< -ldl

SANITIZE      := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize
SANITIZE_fuzz := fuzzer-no-link,address,undefined
SANITIZE_asan := address,undefined
SANITIZE_tsan := thread
# The shared libraries do not keep to one place for reports.
LDFLAGS_asan  := -static-libasan -static-libubsan tests/fault/asan.c

fuzzers:
	@$(if $(FUZZERS),$(MAKE) O=build/fuzz CC=clang WARN= WERROR= HARD=-fPIE \
	  LDFLAGS=-fsanitize=fuzzer CFLAGS="$(SANITIZE)=$(SANITIZE_fuzz)" $(FUZZERS))

# --- checks: the packages first, then a make that sees what was installed ----
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
RUN = SLATE=$(abspath $(O)/slate) NETCONF=$(abspath $(O)/slate-netconf) \
      PXE=$(abspath $(O)/slate-pxe) AGENT=$(abspath $(O)/slate-agent) \
      NET_RENAME=$(abspath $(O)/net-rename) \
      SLATE_EIO_LIB=$(abspath $(O)/eio.so) tests/own-root.sh tests/run.sh -o $(O)/logs

check:
	@tests/deps.sh build check vm
	@echo "building the programs, their tests and the fuzz targets"
	@$(MAKE) -s $(PARALLEL) WERROR=-Werror all tests fuzzers
	@FUZZ_SECONDS=15 FUZZ_SEED=1 $(RUN) $(VM) $(FUZZERS) \
	  tests/style.sh tests/shellcheck.sh $(TESTS) $(CLI)

tests: $(TESTS) $(O)/eio.so $(O)/netload

check-vm:
	@tests/deps.sh build check vm
	@$(MAKE) -s $(PARALLEL) all
	@$(RUN) -e $(VM) $(VM_LONG)

# SANITIZER tells tests that measure memory or time to leave that out.
asan tsan:
	@tests/deps.sh build check
	@echo "building everything once more, in build/$@"
	@$(MAKE) -s $(PARALLEL) O=build/$@ HARD=-fPIE LDFLAGS="$(LDFLAGS_$@)" \
	  CFLAGS="$(SANITIZE)=$(SANITIZE_$@)" all tests
	@$(MAKE) O=build/$@ sanitized SANITIZER=$@

sanitized:
	@SANITIZER=$(SANITIZER) $(RUN) -t 1800 $(TESTS) $(CLI)

fuzz:
	@tests/deps.sh build check
	@$(MAKE) -s $(PARALLEL) fuzzers
	@FUZZ_SECONDS=$(or $(T),$(shell expr 600 / $(words start $(FUZZ)))) \
	  $(RUN) $(FUZZERS)

demo:
	@tests/deps.sh build demo
	@$(MAKE) -s $(PARALLEL) all
	@SLATE=$(abspath $(O)/slate) PXE=$(abspath $(O)/slate-pxe) \
	  tests/own-root.sh tests/demo.sh

bench:
	@tests/deps.sh build bench
	@$(MAKE) -s $(PARALLEL) all $(O)/limit $(O)/scatter $(O)/tftpget $(O)/netload
	@SLATE=$(abspath $(O)/slate) PXE=$(abspath $(O)/slate-pxe) LIMIT=$(abspath $(O)/limit) \
	  SCATTER=$(abspath $(O)/scatter) TFTPGET=$(abspath $(O)/tftpget) \
	  NETLOAD=$(abspath $(O)/netload) tests/own-root.sh tests/bench/bench.sh

# All that is shipped.  The tests' own scripts, which are ten times as many, are looked at by
# tests/shellcheck.sh in "make check".  cppcheck's own -j does not help: it waits a second
# before it starts another process.
BATCHES := xargs -P $(shell nproc) -n 16
tidy:
	@tests/deps.sh build tidy
	tests/style.sh
	@mkdir -p build
	@printf '%s\n' $(OWN_C) $(HEADERS) | $(BATCHES) clang-format --dry-run -Werror
	@printf '%s\n' $(OWN_SH) | $(BATCHES) shellcheck -x
	@printf '%s\n' $(SRC) | $(BATCHES) cppcheck -q --std=c11 --error-exitcode=1 \
	  --inline-suppr $(DEFS) --enable=warning,portability,performance
	@printf '%s\n' $(SRC) | $(BATCHES) clang-tidy --quiet \
	  $(addprefix --extra-arg=,-std=c11 $(DEFS) $(PKG_CFLAGS)) 2> build/clang-tidy.log || \
	  { cat build/clang-tidy.log; exit 1; }

format:
	clang-format -i $(OWN_C) $(HEADERS)

# --- install and release -----------------------------------------------------
install: all
	$(INSTALL) -d $(DESTDIR)$(SBINDIR)
	$(INSTALL) -m755 $(BINS) $(DESTDIR)$(SBINDIR)
	$(INSTALL) -d $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m755 $(HELPERS) $(DESTDIR)$(LIBDIR)
	for m in $(MANS); do \
	  $(INSTALL) -Dm644 -t $(DESTDIR)$(MANDIR)/man$${m##*.} $$m || exit; done
	for c in $(COMPS); do $(INSTALL) -Dm644 -t $(DESTDIR)$(COMPDIR) $$c || exit; done
	for f in $(RESCUE); do $(INSTALL) -D $$f $(DESTDIR)$(LIBDIR)/$$f || exit; done
	ln -sf $(LIBDIR)/rescue/slate-rescue $(DESTDIR)$(SBINDIR)/slate-rescue
	$(INSTALL) -Dm644 -t $(DESTDIR)$(DOCDIR)/examples $(EXAMPLES)
	for l in $(LANGUAGES); do $(INSTALL) -Dm644 -t $(DESTDIR)$(LOCALEDIR)/$$l/LC_MESSAGES \
	  $(O)/locale/$$l/LC_MESSAGES/slate.mo || exit; done
	$(INSTALL) -d $(DESTDIR)$(UNITDIR)
	sed 's|/usr/local/sbin|$(SBINDIR)|' pxe/slate-pxe.service \
	  > $(DESTDIR)$(UNITDIR)/slate-pxe.service
	$(INSTALL) -Dm644 pxe/slate-pxe.sysusers $(DESTDIR)$(USERDIR)/slate-pxe.conf

uninstall:
	rm -f $(addprefix $(DESTDIR)$(SBINDIR)/,$(notdir $(BINS))) \
	  $(addprefix $(DESTDIR)$(LIBDIR)/,$(notdir $(HELPERS))) \
	  $(addprefix $(DESTDIR)$(MANDIR)/man?/,$(notdir $(MANS))) \
	  $(addprefix $(DESTDIR)$(COMPDIR)/,$(notdir $(COMPS))) \
	  $(addprefix $(DESTDIR)$(DOCDIR)/examples/,$(notdir $(EXAMPLES))) \
	  $(DESTDIR)$(UNITDIR)/slate-pxe.service $(DESTDIR)$(USERDIR)/slate-pxe.conf \
	  $(DESTDIR)$(SBINDIR)/slate-rescue \
	  $(LANGUAGES:%=$(DESTDIR)$(LOCALEDIR)/%/LC_MESSAGES/slate.mo)
	rm -rf $(DESTDIR)$(LIBDIR)/rescue

dist:
	git archive --prefix=$(NAME)-$(VERSION)/ -o $(NAME)-$(VERSION).tar.gz HEAD

clean:
	rm -rf build compile_commands.json

.PHONY: all pot fuzzers check tests check-vm asan tsan sanitized fuzz demo bench tidy format \
        install uninstall dist clean
.SECONDARY:
.DELETE_ON_ERROR:
-include $(patsubst %.c,$(O)/%.d,$(OWN_C))
