# Everything from a bare Debian machine (a Swift toolchain, make, git) to a trained network:
# `make run`, `make test`; `make help` lists the rest.

MARCH    ?= $(if $(filter x86_64,$(shell uname -m)),x86-64-v3,native)
RANKS    ?= 4
CONFIG   ?= configs/conv.yaml
SWIFT    ?= swift
SUDO     := $(if $(filter-out 0,$(shell id -u)),sudo)
SOURCES  := Sources Tests Package.swift
PACKAGES := libopenmpi-dev openmpi-bin libhdf5-dev libopenblas0 libyaml-dev libssl-dev \
	zlib1g-dev libpng-dev curl pkg-config
# What tests compare with: NumPy reads what the program writes, a browser opens its pages.
TEST_PACKAGES := python3-h5py python3-numpy chromium

# Each processor and each kind of build has its own path: a change of either rebuilds everything.
PRODUCT := .build/product/$(MARCH)
TESTS   := .build/tests/$(MARCH)
PLAIN   := .build/plain/$(MARCH)
STRICT  := .build/lint/$(MARCH)
BINARY  := bin/nn-dist
PYTHON  ?= .build/bench-venv/bin/python

# The manifest reads these and never looks at the disk. The header is asked anew in each recipe, after `deps`.
ONEDNN_MAJOR = $(shell echo DNNL_VERSION_MAJOR | \
	clang -E -P -x c -include oneapi/dnnl/dnnl_version.h - 2>/dev/null)
export NN_DIST_MARCH  := $(MARCH)
export NN_DIST_ONEDNN  = $(if $(filter 2,$(ONEDNN_MAJOR)),1,0)

MPIRUN := mpirun -q --oversubscribe --bind-to none
ifeq ($(SUDO),)
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
endif

.DEFAULT_GOAL := help
.PHONY: help deps build run test format lint checked bench figures cluster accept reference snapshot gradcheck clean \
	engine testdeps

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target text; do \
		printf '  make %-10s %s\n' "$$target" "$$text"; done
	@echo '  Variables: MARCH=$(MARCH) (or native, x86-64-v4, ...) RANKS=$(RANKS) CONFIG=$(CONFIG)'

# $(call install,packages[,0]): names those that are missing and installs them; silent when there are
# none. With 0 a package that cannot be installed is no failure.
# Package lists are fetched only when the first attempt shows that they are absent or stale.
define install
	@command -v dpkg-query >/dev/null || { \
		echo 'deps: not a Debian system, so nothing is installed; needed are the equivalents of: $(1)' >&2; exit 0; }; \
	missing=$$(for package in $(1); do \
		dpkg-query -W -f '$${db:Status-Status}\n' $$package 2>/dev/null | grep -qx installed || echo $$package; \
	done); \
	[ -n "$$missing" ] || exit 0; \
	echo "deps: installing" $$missing; \
	attempt() { $(SUDO) env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq --yes --no-install-recommends $$missing; }; \
	attempt >/dev/null 2>&1 || { $(SUDO) apt-get update -qq && attempt >/dev/null; } || { \
		echo "deps: apt-get could not install them; as root: apt-get install" $$missing >&2; exit $(or $(2),1); }
endef

deps: ## install the libraries that are missing (Debian)
	@command -v $(SWIFT) >/dev/null || { \
		echo 'deps: no Swift in PATH; 6.2 or later from https://www.swift.org/install/linux/' >&2; exit 1; }
	$(call install,$(PACKAGES))
	$(call install,libdnnl-dev,0)

engine: deps
	@[ "$$NN_DIST_ONEDNN" = 1 ] || echo >&2 'build: the engine onednn needs oneDNN 2.x, found' \
		'$(if $(ONEDNN_MAJOR),version $(ONEDNN_MAJOR).x,no header oneapi/dnnl/dnnl.h): building' \
		'without it, openblas computes; libdnnl-dev of Debian 12, or a 2.x build on CPATH and' \
		'LIBRARY_PATH, makes steps several times faster'

build: engine ## the program: bin/nn-dist
	@$(SWIFT) build -c release --static-swift-stdlib --product nn-dist --scratch-path $(PRODUCT)
	@install -C -D $(PRODUCT)/release/nn-dist $(BINARY)

run: build ## train CONFIG on RANKS processes
	$(MPIRUN) -np $(RANKS) $(BINARY) train $(CONFIG) --fresh

testdeps: deps
	$(call install,$(TEST_PACKAGES))

test: build testdeps ## every test; distributed ones on 1 to 8 processes
	@$(SWIFT) build -c release --build-tests --scratch-path $(TESTS)
	@NN_DIST_ONEDNN=0 NN_DIST_UP_TO=Execution $(SWIFT) build -c release --build-tests --scratch-path $(PLAIN)
	@NN_DIST_BINARY='$(CURDIR)/$(BINARY)' .ci/test release '$(SWIFT)' $(TESTS) $(PLAIN)

format: ## rewrite the sources in the one format
	@$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

# The import check sees only what an earlier build has left behind, hence the second build.
lint: export NN_DIST_STRICT := 1
lint: engine ## format, warnings, module imports and shell scripts, all as errors
	$(call install,shellcheck)
	@shellcheck --severity=warning launch/local launch/slurm.sbatch Tests/*.sh .ci/*
	@$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	@$(SWIFT) build --build-tests --scratch-path $(STRICT)
	@$(SWIFT) build --build-tests --scratch-path $(STRICT) --explicit-target-dependency-import-check error

checked: export NN_DIST_STRICT := 1
checked: lint ## tests of programs and plans in lint's debug build, which checks every rewriting
	@.ci/test debug '$(SWIFT)' $(STRICT)

bench: build $(PYTHON) ## step times beside those of PyTorch and JAX
	@$(PYTHON) bench/compare.py --binary $(BINARY)

# PyTorch's own index has builds without CUDA, which save gigabytes; PyPI alone does too.
.build/bench-venv/bin/python: bench/requirements.txt
	$(call install,python3-venv python3-dev g++ libtcmalloc-minimal4)
	@python3 -m venv .build/bench-venv
	@wheels=https://download.pytorch.org/whl/cpu; \
	$@ -c "import urllib.request as r; r.urlopen('$$wheels/torch/', timeout=5)" 2>/dev/null || wheels=; \
	$@ -m pip install --quiet $${wheels:+--extra-index-url $$wheels} --requirement $<
	@touch $@

figures: build ## measure the tables of docs/performance.md anew
	@python3 bench/figures.py docs/performance.md

cluster: build ## four network namespaces as four hosts (root)
	$(call install,iproute2)
	@Tests/namespaces.sh $(BINARY)

accept: build ## train to the accuracy and the samples that a right program reaches
	@.ci/accept $(BINARY)

reference: build ## write docs/configuration.md anew
	@$(BINARY) reference > docs/configuration.md

snapshot: build ## write Tests/Interface/current anew: what users depend on
	@$(SWIFT) build -c release --build-tests --scratch-path $(TESTS)
	@NN_DIST_WRITES_SNAPSHOT=1 NN_DIST_BINARY='$(CURDIR)/$(BINARY)' $(SWIFT) test -c release --skip-build \
		--scratch-path $(TESTS) --disable-xctest --filter theSnapshotIsCurrent

gradcheck: build ## gradients of every config whose data is here, against finite differences
	@for config in configs/*.yaml; do echo "$$config"; \
		$(BINARY) gradcheck "$$config" || { status=$$?; [ $$status = 66 ] || exit $$status; }; done

clean: ## remove what was built; runs and data stay
	rm -rf .build bin
