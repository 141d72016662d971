"""`harbour serve`: assistant, actions and gateway together, quietly, until told to stop.

Each process writes to `<var>/log/<name>.log`. One that dies while Harbour starts stops the start; one
that dies later is started again (supervise.py).
"""

from __future__ import annotations

import errno
import http.client
import json
import os
import shutil
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harbour.files import SERVED, broken_files
from harbour.settings import Settings, new_token
from harbour.supervise import Death, LogFiles, Supervisor

FREE_BYTES_NEEDED = 200 * 1024 * 1024
POLL_S = 0.5  # while starting
WATCH_S = 15.0  # from then on


class ServeError(Exception):
    """Harbour cannot be started; the message says why and what to do."""


def commands(settings: Settings) -> dict[str, list[str]]:
    """The three processes: name and command line."""
    assistant = str(settings.root / ".venv-assistant" / "bin" / "python")
    gateway = str(settings.root / ".venv-gateway" / "bin" / "python")
    return {
        "assistant": [assistant, "-m", "harbour.assistant.launcher", "serve"],
        "actions": [assistant, "-m", "harbour.assistant.launcher", "actions"],
        "gateway": [gateway, "-m", "harbour.gateway"],
    }


def environment(settings: Settings) -> dict[str, str]:
    """What the processes are told: our own environment, the settings in force and a token for this run."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # doubles the start
    return inherited | {
        "HARBOUR_HOST": settings.host,
        "HARBOUR_PORT": str(settings.port),
        "HARBOUR_ASSISTANT_PORT": str(settings.assistant_port),
        "HARBOUR_ACTIONS_PORT": str(settings.actions_port),
        "HARBOUR_ASSISTANT_TOKEN": settings.assistant_token or new_token(),
        "HARBOUR_VAR": str(settings.var),
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONUNBUFFERED": "1",
    }


# Before the start


def check(settings: Settings) -> None:
    """Raises ServeError when something is in the way: environments, broken files, ports or disk."""
    for name in (".venv-assistant", ".venv-gateway"):
        if not (settings.root / name / "bin" / "python").exists():
            raise ServeError(f"The environment {name} is missing. Make it with: make run")
    broken = broken_files(settings.root, SERVED)
    if broken:
        raise ServeError("\n".join(broken))
    _check_var(settings.var)
    ports = (
        (settings.host, settings.port, f"harbour serve --port {_next(settings.port)}"),
        ("127.0.0.1", settings.assistant_port, f"HARBOUR_ASSISTANT_PORT={_next(settings.assistant_port)}"),
        ("127.0.0.1", settings.actions_port, f"HARBOUR_ACTIONS_PORT={_next(settings.actions_port)}"),
    )
    seen: set[int] = set()
    for host, port, remedy in ports:
        if port in seen:
            raise ServeError(f"Port {port} is set twice. Choose another: {remedy}")
        seen.add(port)
        _check_port(host, port, remedy)


def _next(port: int) -> int:
    return port + 1 if port < 65535 else port - 1


def _check_port(host: str, port: int, remedy: str) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers do
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServeError(f"Port {port} is taken. Stop what uses it, or choose another: {remedy}") from error
        if error.errno == errno.EACCES:
            raise ServeError(f"Port {port} needs more rights than you have. Choose another: {remedy}") from error
        raise ServeError(
            f"{host} is no address of this machine ({error.strerror}). Choose another: harbour serve --host 127.0.0.1"
        ) from error


def _check_var(var: Path) -> None:
    try:
        (var / "log").mkdir(parents=True, exist_ok=True)
        probe = var / f".writable.{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
        free = shutil.disk_usage(var).free
    except OSError as error:
        raise ServeError(
            f"{var} is not writable ({error.strerror}). Make it so, or choose another folder: HARBOUR_VAR=/path"
        ) from error
    if free < FREE_BYTES_NEEDED:
        raise ServeError(
            f"Only {free // 1024**2} MB are free where {var} lies, 200 MB are needed. "
            "Free some, or choose another folder: HARBOUR_VAR=/path"
        )


# While it runs


def serve(
    settings: Settings,
    host: str | None = None,
    port: int | None = None,
    *,
    verbose: bool = False,
    processes: Mapping[str, list[str]] | None = None,
) -> int:
    """Start everything and wait; the exit status: 0 after Ctrl-C or SIGTERM, else 1.

    `processes` replaces the three command lines, for tests.
    """
    settings = replace(settings, host=host or settings.host, port=port or settings.port)
    try:
        check(settings)
    except ServeError as error:
        print(error, file=sys.stderr)
        return 1
    logs = LogFiles(settings.var / "log", verbose)
    supervisor = Supervisor(processes or commands(settings), environment(settings), settings.root, logs, _say)
    watcher = threading.Thread(target=_watch, args=(settings, supervisor), daemon=True)
    supervisor.obey_signals()
    watcher.start()
    try:
        death = supervisor.run()
    finally:
        logs.close()
    if not supervisor.ready.is_set():
        watcher.join(timeout=2 * POLL_S)  # its line about waiting does not cross the last word
    _say(_obituary(death, logs) if death else "Harbour has stopped.\n")
    return 1 if death else 0


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _obituary(death: Death, logs: LogFiles) -> str:
    tail = "".join(f"  {line}\n" for line in logs.last[death.name])
    return f"\n{death}, so everything was stopped. Its log: {logs.path(death.name)}\n{tail}"


# Is it ready, and does it stay so?


def _watch(settings: Settings, supervisor: Supervisor) -> None:
    """Ask /readyz: say where to go once all is well, and later when a part stops answering and when all do again."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"
    if not _announce(address, supervisor):
        return
    supervisor.ready.set()
    failing = ""
    while not supervisor.stopping:
        time.sleep(WATCH_S)
        before, failing = failing, _not_ready(f"{address}/readyz")
        if failing != before and not supervisor.stopping:
            _say(f"The {failing} does not answer: see docs/operator.md.\n" if failing else "All parts answer again.\n")


def _announce(address: str, supervisor: Supervisor) -> bool:
    """One line while waiting, then where to go; False when it was stopped before."""
    started = time.monotonic()
    redraw = sys.stdout.isatty()
    if not redraw:
        _say("Starting Harbour ...\n")
    while not supervisor.stopping:
        waiting_for = _not_ready(f"{address}/readyz")
        elapsed = round(time.monotonic() - started)
        if not waiting_for:
            clear = "\r\033[K" if redraw else ""
            _say(f"{clear}Harbour is ready after {elapsed} s: {address}\nStop it with Ctrl-C.\n")
            return True
        if redraw:
            _say(f"\r\033[KStarting Harbour: waiting for the {waiting_for} ({elapsed} s)")
        time.sleep(POLL_S)
    return False


def _not_ready(url: str) -> str:
    """What /readyz still waits for; empty when all is well."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this is our own machine
    try:
        with opener.open(url, timeout=6):
            return ""
    except urllib.error.HTTPError as error:
        return _failing_part(error.read())
    except (OSError, http.client.HTTPException):
        return "gateway"


def _failing_part(body: bytes) -> str:
    try:
        parts: Any = json.loads(body)
        failing = [name for name, state in parts.items() if state == "failing"]
    except (ValueError, AttributeError):
        failing = []
    return " and the ".join(failing) or "gateway"
