# make run     set up and run the main job: finetuning on the embedded model, into runs/, then score it without a server
# make compare all variants on the embedded model with three seeds each, scored and compared, into runs/compare; 14 minutes
# make test    set up and run the tests
# make lint    ruff, checks and format
# make test-page   the comparison page in a real browser; needs Debian's package chromium
# make test-judge  score a whole response file through a real language model (builds llama.cpp's server once, minutes)
# make bench   the benchmarks; minutes, on an otherwise idle machine

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_DIR := runs

.PHONY: run compare test test-page test-judge lint bench clean

run: $(VENV)/.run-ready
	$(BIN)/python exercise_experiments.py --exercise_solution mask_instructions --model gpt2-tiny --output_dir $(RUN_DIR) --resume
	$(BIN)/python ollama_evaluate.py --file_path $(RUN_DIR)/instruction-data-with-response-mask-instructions.json --judge reference

compare: $(VENV)/.run-ready
	$(BIN)/python exercise_experiments.py --sweep baseline phi3_prompt mask_instructions lora --seeds 1 2 3 \
		--model gpt2-tiny --output_dir $(RUN_DIR)/compare --resume
	for file in $$(find $(RUN_DIR)/compare -name 'instruction-data-with-response-*.json' ! -name '*-scores.json'); do \
		$(BIN)/python ollama_evaluate.py --file_path $$file --judge reference || exit 1; done
	$(BIN)/python compare_experiments.py $(RUN_DIR)/compare

test: $(VENV)/.dev-ready
	$(BIN)/python -m pytest

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

test-page: $(VENV)/.dev-ready
	$(BIN)/python -m pytest -m browser tests/comparing/test_page.py

test-judge: $(VENV)/.dev-ready .venv-judge/.ready
	$(BIN)/python -m pytest -m judge_model tests/judging/test_judge_model.py

bench: $(VENV)/.dev-ready
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/generation.py
	$(BIN)/python benchmarks/checkpointing.py
	$(BIN)/python benchmarks/load.py
	$(BIN)/python benchmarks/judge.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.dev-ready: requirements-dev.txt $(VENV)/.run-ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

.venv-judge/.ready: tests/requirements-judge.txt
	$(PYTHON) -m venv .venv-judge
	.venv-judge/bin/python -m pip install --quiet --disable-pip-version-check -r tests/requirements-judge.txt
	touch $@

clean:
	rm -rf $(VENV) .venv-judge
