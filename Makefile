# make run    the whole system here, on the sample documents; DOCS=folder for your own, ONCE=1 to end when done
# make test   install what the tests need, then lint and run them, in six processes; ARGS="tests/queue -x" for some, in one
# make check  lint and types only
# make lock   after a change of a requirements file: write locks/, which everything is installed from
# make soak   a storm over every part of a house at work, MINUTES=20 SEED=1, and one table at its end (docs/reliability.md)
# make fleet-soak   10,000 seeded schedules of faults against the scaler, minutes
# make fleet-sql    a sample of every simulated world on the real SQL, minutes
# make images       build every Dockerfile without Docker or a registry (Debian's podman; as root), and say how large each is
# make compose-test   docs/production.md typed line by line in containers (as root, many minutes)
# make clean  forget the samples' state; OWN=1 also your own documents, keys and logs

PYTHON ?= python3
VENV ?= .venv
STATE ?= .local
PY := $(VENV)/bin/python
RUN_STAMP := $(VENV)/.installed-run
TEST_STAMP := $(VENV)/.installed-test
INSTALL := sh scripts/install_locked.sh $(PY)
# pip would compile on one core, a third of its time. Some packages bring files of other versions of Python.
# A third is never loaded here: packages' own tests, and what of torch compiles networks.
UNUSED := site-packages/(.*/tests?|torch/testing|torch/_inductor|plotly/validators|pip|setuptools)/
COMPILE := @$(PY) -m compileall -q -j 0 -x '$(UNUSED)' $(VENV)/lib >/dev/null 2>&1 || true

.PHONY: run test check lock clean soak fleet-soak fleet-sql images compose-test

run: $(RUN_STAMP)
	@exec $(PY) -m local_cloud.run --state "$(STATE)" $(if $(DOCS),--docs "$(DOCS)") $(if $(ONCE),--once)

test: $(TEST_STAMP)
	@sh scripts/install_test_programs.sh
	@$(PY) -c "from local_cloud.cloud import PROGRAMS, find_postgrest; find_postgrest(PROGRAMS)"  # not within a test
	$(PY) -m ruff check .
	$(PY) -m pytest $(or $(ARGS),-n 6 --dist loadfile --no-loadscope-reorder)

check: $(TEST_STAMP)
	$(PY) -m ruff check .
	$(PY) -m mypy

soak: $(TEST_STAMP)
	@sh scripts/install_test_programs.sh
	@nice $(PY) -m scripts.soak --seed $(or $(SEED),1) --minutes $(or $(MINUTES),20) $(if $(JSON),--json "$(JSON)")

fleet-soak: $(RUN_STAMP)
	$(PY) -m scripts.bench.fleet_sim.soak --seed 1 --schedules 10000

fleet-sql: $(RUN_STAMP)
	$(PY) -m scripts.bench.fleet_sim.sample --seed 1

images: $(RUN_STAMP)
	@sh scripts/containers/install.sh
	@nice $(PY) -m scripts.containers.images

compose-test: $(TEST_STAMP)
	@sh scripts/containers/install.sh
	@nice $(PY) -m scripts.containers.evening

lock: $(TEST_STAMP)
	UV=$(VENV)/bin/uv sh scripts/lock.sh

clean:
	rm -rf "$(STATE)/samples" "$(STATE)/programs" $(if $(OWN),"$(STATE)/own")

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): locks/run.txt | $(VENV)/bin/python
	@echo "installing what the system needs into $(VENV) (once)"
	@$(INSTALL) locks/run.txt
	$(COMPILE)
	@touch $@

# Where this machine's package index has torch's CPU build, a tenth of the CUDA build with its libraries, it is that.
$(TEST_STAMP): locks/run.txt locks/test.txt locks/test_torch.txt locks/test_torch_cpu.txt | $(VENV)/bin/python
	@echo "installing what the tests need into $(VENV) (once)"
	@$(INSTALL) locks/test.txt
	@$(INSTALL) locks/test_torch_cpu.txt 2>/dev/null || $(INSTALL) locks/test_torch.txt
	$(COMPILE)
	@touch $@ $(RUN_STAMP)
