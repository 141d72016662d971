# Two commands do it all: `make run` and `make test`. Each finds or installs what it needs.
SHELL := /bin/sh
PYTHON3 ?= python3
ASSISTANT := .venv-assistant/bin/python
GATEWAY := .venv-gateway/bin/python
FILES ?= tests/content
# Compiled bytecode halves the start; telemetry stays off in every entry point.
unexport PYTHONDONTWRITEBYTECODE
export RASA_TELEMETRY_ENABLED := false

.PHONY: help run test setup train answer evaluate danger explain bench experts signs chat check doctor lint clean
.SILENT:

help: ## show these lines
	grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: train ## start everything and say where to go
	exec $(GATEWAY) -m harbour.cli serve

test: train ## run every test, as CI does
	$(PYTHON3) scripts/test.py $(ARGS)

setup: ## make the two environments from the lock file
	$(PYTHON3) scripts/setup.py >&2

train: setup ## train the assistant if what it is made from changed
	$(ASSISTANT) -m harbour.cli train

answer: train ## answer each line of FILE=… (JSON lines, - for standard input)
	$(ASSISTANT) -m harbour.cli answer --jsonl $(FILE)

evaluate: train ## measure understanding on FILES=… (default tests/content)
	$(ASSISTANT) -m harbour.cli evaluate $(FILES)

danger: train ## measure the safety screen (ERRORS=1 lists what came out wrong)
	$(ASSISTANT) -m harbour.cli danger $(if $(ERRORS),--errors)

explain: train ## which words and rules lead to the verdict on TEXT="…"
	$(ASSISTANT) -m harbour.cli explain "$(TEXT)"

bench: setup ## stock Rasa beside ours, in one run
	$(ASSISTANT) -m bench.understanding $(ARGS)

experts: setup ## what each part of the topic model brings (docs/decisions/0003)
	$(ASSISTANT) -m bench.experts

signs: setup ## what the signs of danger find in the training messages, and how long it takes (ARGS="suicide_risk")
	$(ASSISTANT) -m bench.signs $(ARGS)

chat: train ## talk in the terminal
	$(ASSISTANT) -m harbour.cli chat

check: setup ## do content, domain, data and tests fit together?
	$(ASSISTANT) -m harbour.cli check

doctor: setup ## what is set, what is missing
	$(GATEWAY) -m harbour.cli doctor

lint: setup ## style
	.tools/bin/uv tool run ruff check . 2>/dev/null || uvx ruff check .

clean: ## remove what was built (not var/, which holds conversations)
	rm -rf .venv-assistant .venv-gateway .tools models/encoder models/*.tar.gz .rasa .cache reports
