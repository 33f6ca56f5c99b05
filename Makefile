# make help says what there is. Everything runs in .env/, which `make env` builds from the lock files in containers/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help env demo freeze test test-all nf-test handbook lint ci clean

export PATH := $(CURDIR)/.env/bin:$(PATH)
JOBS ?= 2
SEED ?= 1
DEMO_OUT ?= results/demo
# how nf-test is called: `java -jar` for a jar, nothing when there is none
NF_TEST ?= $(shell command -v nf-test)
NF_TEST_COMMAND = $(if $(filter %.jar,$(NF_TEST)),java -jar $(NF_TEST),$(NF_TEST))
SCRIPTS = $(shell git ls-files 'containers/*.sh' .ci/run .ci/lint_nextflow containers/gatk/gatk containers/nextflow/nextflow)

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 12

env:  ## build .env/ (nothing to do when the lock files have not changed)
	@containers/install_native.sh

# The simulated patient is made again when the simulator is newer. The stamp is written last: half a patient is none.
demo_data/.stamp: bin/simulate_patient.py $(shell find bin/twohit/simulate assets/simulate -name '*.py' -o -name '*.tsv' 2> /dev/null) | env
	rm -rf demo_data
	simulate_patient=bin/simulate_patient.py; "$$simulate_patient" --preset demo --seed $(SEED) --outdir demo_data
	touch $@

demo: env demo_data/.stamp  ## simulate a patient and run the whole pipeline on it
	nextflow run . -profile demo,native -params-file demo_data/params.json --outdir $(DEMO_OUT) -resume
	@shopt -s nullglob; reports=($(DEMO_OUT)/*/report/*.report.html); \
	[ $${#reports[@]} -gt 0 ] || { echo "demo: no report in $(DEMO_OUT)" >&2; exit 1; }; \
	printf 'The report: %s\n' "$${reports[@]}"

freeze: env  ## take the numbers of the finished demo as those expected from now on; say why in CHANGELOG.md
	tests/demo/frozen.py $(DEMO_OUT)/P1 --update

test: env  ## style and every test that is not slow
	ruff check .
	ruff format --check .
	pytest -n $(JOBS) --dist loadgroup -m "not slow" --durations=15

test-all: env  ## style and all tests
	ruff check .
	ruff format --check .
	pytest -n $(JOBS) --dist loadgroup

nf-test: env  ## the Nextflow tests (nf-test on PATH, or NF_TEST=its jar or command)
	@[ -n "$(NF_TEST_COMMAND)" ] || { echo "nf-test: not found; build it (git clone https://github.com/askimed/nf-test," \
	"then mvn -B -q -DskipTests package) and give NF_TEST=target/nf-test.jar, or put nf-test on PATH" >&2; exit 1; }
	$(NF_TEST_COMMAND) test --ci

handbook: env  ## the handbook as pages for a browser, in results/handbook
	python docs/make_handbook.py results/handbook

lint: env  ## style of Python, Nextflow and bash; unsafe code; scripts that cannot be run
	ruff check .
	ruff format --check .
	bandit -q -r bin -c pyproject.toml
	.ci/lint_nextflow
	for script in $(SCRIPTS); do bash -n "$$script"; [ -x "$$script" ]; done
	@stuck=$$(find bin -maxdepth 1 -name '*.py' ! -perm -u+x); [ -z "$$stuck" ] || { echo "not executable: $$stuck" >&2; exit 1; }

ci:  ## what the continuous integration runs
	.ci/run

clean:  ## remove results and caches; .env/ and demo_data/ stay
	rm -rf results work .nextflow .nextflow.log* .pytest_cache .ruff_cache .hypothesis
