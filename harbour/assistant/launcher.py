"""Starts Rasa and the action server as Harbour runs them: quiet, without telemetry, loopback only.

Run as `python -m harbour.assistant.launcher serve|actions`; `harbour serve` does so.
"""

from __future__ import annotations

import logging
import os
import sys

from harbour import settings
from harbour.assistant.training import TrainingError, latest_model, quiet

LOOPBACK = "127.0.0.1"


def configure_logging() -> None:
    """Warnings and worse, for Rasa and for us: below that Rasa logs what visitors write."""
    quiet()
    os.environ["LOG_LEVEL"] = "WARNING"
    from rasa.utils.log_utils import configure_structlog

    logging.basicConfig(level=logging.WARNING)
    configure_structlog(logging.WARNING)
    for name in ("sanic.root", "sanic.access", "matplotlib", "apscheduler", "rasa.core.tracker_store"):
        logging.getLogger(name).setLevel(logging.WARNING)


def serve_assistant() -> None:
    """Rasa with the newest model and our input channel. Raises TrainingError without a model."""
    configure_logging()
    chosen = settings.load()
    model = latest_model()
    import rasa.core.run
    import skops.io  # noqa: F401 - before Rasa, or loading it later takes ten seconds more (docs/decisions/0002)
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.endpoints import EndpointConfig

    from harbour.assistant.validation import compile_action_schema

    compile_action_schema()
    endpoints = AvailableEndpoints.read_endpoints(str(settings.ROOT / "endpoints.yml"))
    endpoints.action = EndpointConfig(url=chosen.actions_url, enable_selective_domain=True)
    rasa.core.run.serve_application(
        model_path=str(model),
        interface=LOOPBACK,
        port=chosen.assistant_port,
        enable_api=False,
        credentials=str(settings.ROOT / "credentials.yml"),
        endpoints=endpoints,
    )


def serve_actions() -> None:
    """The action server on loopback."""
    configure_logging()
    os.environ["SANIC_HOST"] = LOOPBACK
    from rasa_sdk import endpoint

    endpoint.run("actions", port=settings.load().actions_port, cors_origins=[])


def main() -> int:
    """Start what the first argument names."""
    what = {"serve": serve_assistant, "actions": serve_actions}
    if len(sys.argv) != 2 or sys.argv[1] not in what:
        print("usage: python -m harbour.assistant.launcher serve|actions", file=sys.stderr)
        return 2
    try:
        what[sys.argv[1]]()
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
