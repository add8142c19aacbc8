# Sluice: what people and CI do with the tree. `make` lists the targets.

SWIFT ?= swift
SECONDS ?= 60
ARGS ?=
LIBRARIES := BitStream Codecs AMF FLV RTMP MPEGTS ISOBMFF HLS WebSocket MediaCore StreamAnatomy FanOut RTMPTransport HTTPTransport HLSTransport RTMPClient MediaFiles

.DEFAULT_GOAL := help
.PHONY: help run build test test-obs test-dependencies lint format bench fuzz sanitize docs man clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build release and serve a demo stream (ARGS='--rtmp :1936' passes flags on)
	@echo "Building Sluice in release mode: 5 to 7 minutes the first time on 2 cores, seconds after that."
	$(SWIFT) build -c release --product sluice
	@exec "$$($(SWIFT) build -c release --show-bin-path)/sluice" serve --demo $(ARGS)

build: ## build everything, tests included, in debug mode
	$(SWIFT) build --build-tests

test: test-dependencies lint build ## install what the tests need, lint, build, run all tests (ARGS='--filter RTMP' runs some)
	@scripts/run-tests.sh $(ARGS)

test-obs: build ## install OBS Studio and a virtual display, and have it publish
	@scripts/test-dependencies.sh --with-obs
	@SLUICE_TEST_OBS=1 scripts/run-tests.sh --filter OBSTests

test-dependencies: ## install ffmpeg, rtmpdump and GStreamer, or say how
	@scripts/test-dependencies.sh

lint: ## check format and style
	@scripts/lint.sh

format: ## format all Swift files
	@scripts/lint.sh --format

bench: ## run the micro-benchmarks in release mode (ARGS='fan-out hub' runs some)
	$(SWIFT) run -c release --package-path Benchmarks Benchmarks $(ARGS)

fuzz: ## fuzz every parser and session (SECONDS=60 each)
	Fuzzing/fuzz.sh $(SECONDS)

sanitize: ## run the unit, fuzz-replay and socket tests under the thread and the address sanitizer
	$(SWIFT) test --sanitize=thread --scratch-path .build/thread-sanitizer --skip EndToEnd $(ARGS)
	ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test --sanitize=address --scratch-path .build/address-sanitizer --skip EndToEnd $(ARGS)

docs: ## write docs/ anew from the table of keys, and the libraries' DocC pages into .build/docs
	$(SWIFT) build --product sluice
	scripts/update-docs.sh "$$($(SWIFT) build --show-bin-path)/sluice"
	scripts/make-docc.sh $(LIBRARIES)

man: ## write the manual pages into .build/man, from what the program says of itself
	$(SWIFT) build --product sluice
	scripts/make-man.py "$$($(SWIFT) build --show-bin-path)/sluice" .build/man

clean: ## remove everything built
	rm -rf .build Benchmarks/.build Fuzzing/.build
