# The few commands people type. Everything else is CMake and its presets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
JOBS ?= $(shell nproc)
UNIT := ctest --output-on-failure -j $(JOBS) -L '^unit$$'

.PHONY: help run build test test-quick test-long coverage bench bench-peers bench-quality bench-sensitivity package screenshots gcc format tidy clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20

run: ## install what is missing, build, start the server and play #MeToo's first days into it
	@deploy/demo.sh check
	@$(MAKE) --no-print-directory build
	deploy/demo.sh

build: ## build/release/tagswell
	deploy/install-deps.sh run
	$(call build,release,tagswell)

test: ## every test but the long ones, then the unit tests under sanitizers: addresses for all, threads where there are some
	deploy/install-deps.sh test
	npm ci --prefix tests/browser --no-audit --no-fund --silent
	$(call build,dev,all)
	ctest --test-dir build/dev --output-on-failure -j $(JOBS) -LE '^long$$'
	$(call build,asan,unit_tests)
	cd build/asan && $(UNIT)
	$(call build,tsan,unit_tests)
	cd build/tsan && $(UNIT)

test-quick: ## unit and style tests only, without sanitizers
	$(call build,dev,unit_tests)
	ctest --test-dir build/dev --output-on-failure -j $(JOBS) -L '^(unit|style)$$'

test-long: ## the long ones: every variant of the archive, a hundred kills
	$(call build,release,all)
	ctest --test-dir build/release --output-on-failure -L '^long$$'

coverage: ## lines of proto, trend and storage that the unit tests run
	deploy/install-deps.sh coverage
	$(call build,coverage,unit_tests)
	find build/coverage -name '*.gcda' -delete
	cd build/coverage && $(UNIT)
	gcovr --gcov-executable 'llvm-cov-19 gcov' --root . --filter 'proto/' --filter 'trend/' --filter 'storage/' \
	  --exclude-throw-branches --gcov-ignore-parse-errors --sort-percentage build/coverage

bench: build ## figures as JSON lines; needs no other program
	$(call build,release,all)
	tests/bench/run_bench.sh

bench-peers: build ## the same stream into Redis and PostgreSQL
	deploy/install-deps.sh peers
	$(call build,release,tagswell_load)
	tests/bench/bench_peers.py

bench-quality: build ## the detector and others' rules on the shared streams and series; an hour with the peers
	tests/bench/bench_quality.py

bench-sensitivity: ## each number of the detector halved and doubled, on the shared series; ten minutes
	deploy/install-deps.sh run
	tests/bench/bench_sensitivity.py

package: build ## build/release/tagswell_*.deb
	cd build/release && cpack -G DEB

screenshots: ## docs/images, of the real page in a real browser
	$(call build,release,tagswell)
	ctest --test-dir build/release --output-on-failure -L '^browser$$'
	cd build/release/screenshots && cp $(addprefix board-,busy-desktop-light.png busy-phone-dark.png topic-desktop-light.png) $(CURDIR)/docs/images/

gcc: ## the same tree with GCC 12
	$(call build,gcc,all)

format: ## clang-format over our sources
	git ls-files '*.cc' '*.h' | xargs clang-format-19 -i

tidy: ## clang-tidy over our sources
	$(call build,dev,all)
	git ls-files 'proto/*.cc' 'trend/*.cc' 'storage/*.cc' 'server/*.cc' | xargs -P $(JOBS) -n 4 clang-tidy-19 -p build/dev --quiet

clean: ## remove all builds
	rm -rf build

define build
	@[ -f build/$(1)/build.ninja ] || cmake --preset $(1)
	cmake --build build/$(1) -j $(JOBS) --target $(2)
endef
