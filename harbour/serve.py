"""`harbour serve`: assistant, actions and gateway together, quietly, until told to stop.

Each process writes to `<var>/log/<name>.log`. When one dies the others are stopped.
"""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from honcho.manager import Manager
from honcho.printer import Message, Printer

from harbour.files import SERVED, broken_files
from harbour.settings import Settings, new_token

FREE_BYTES_NEEDED = 200 * 1024 * 1024
LAST_LINES = 15
STOP_WAIT_S = 10.0
POLL_S = 0.5
STOPPED_BY_HAND = {130, 143}  # what honcho returns after Ctrl-C and SIGTERM


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


class LogFiles(Printer):  # type: ignore[misc]  # honcho has no types
    """Writes each process's lines to its own file, keeps the last ones, and shows them when verbose."""

    def __init__(self, folder: Path, verbose: bool) -> None:
        super().__init__(sys.stdout)
        self.folder = folder
        self.verbose = verbose
        self.last: dict[str, deque[str]] = {}
        self._files: dict[str, IO[bytes]] = {}

    def write(self, message: Message) -> None:
        if message.name not in self._files:
            return  # honcho's own remarks on starts and signals
        data = message.data if isinstance(message.data, bytes) else message.data.encode()
        self._files[message.name].write(data)
        self.last[message.name].append(data.decode(errors="replace").rstrip())
        if self.verbose:
            super().write(message)

    def open(self, name: str) -> None:
        self._files[name] = (self.folder / f"{name}.log").open("wb", buffering=0)
        self.last[name] = deque(maxlen=LAST_LINES)

    def close(self) -> None:
        for file in self._files.values():
            file.close()


class Processes(Manager):  # type: ignore[misc]  # honcho has no types
    """honcho's manager, which also knows who died first and stops even what does not want to."""

    def __init__(self, printer: LogFiles, started: Callable[[], None]) -> None:
        super().__init__(printer)
        self._started = started
        self.first_dead: str | None = None
        self._signalled: set[tuple[str, bool]] = set()

    def _start(self) -> None:
        super()._start()
        # Only now: honcho forks, and a process with a second thread must not be forked.
        self._started()

    @property
    def stopping(self) -> bool:
        return bool(self._terminating)

    def terminate(self) -> None:
        if not self._terminating:
            self.first_dead = next((n for n, p in self._processes.items() if "returncode" in p), None)
            # honcho counts only from the first process that stops, and would wait for ever for none.
            timer = threading.Timer(STOP_WAIT_S, self.kill)
            timer.daemon = True
            timer.start()
        super().terminate()

    def _killall(self, force: bool = False) -> None:
        """Signal each running process once. honcho's own fails for one whose id is not known yet."""
        for name, process in self._processes.items():
            if process.get("pid") is None or "returncode" in process or (name, force) in self._signalled:
                continue
            self._signalled.add((name, force))
            (self._procmgr.kill if force else self._procmgr.terminate)(process["pid"])

    def _system_print(self, data: str) -> None:
        # honcho says something whenever a process has started: if that was after the order to stop,
        # the order reaches it here.
        if self._terminating:
            self._killall()


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
    printer = LogFiles(settings.var / "log", verbose)
    manager = Processes(printer, started=lambda: watcher.start())
    watcher = threading.Thread(target=_announce, args=(settings, manager), daemon=True)
    env = environment(settings)
    for name, command in (processes or commands(settings)).items():
        printer.open(name)
        # exec: the shell that honcho uses steps aside, so signals and exit statuses are the process's own.
        manager.add_process(name, "exec " + shlex.join(command), env=env, cwd=str(settings.root))
    try:
        manager.loop()
    finally:
        printer.close()
    watcher.join(timeout=2 * POLL_S)
    if manager.returncode in STOPPED_BY_HAND and manager.first_dead is None:
        _say("Harbour has stopped.\n")
        return 0
    _say(_obituary(manager, settings.var))
    return 1


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _obituary(manager: Processes, var: Path) -> str:
    name = manager.first_dead or "a process"
    status = manager._processes.get(name, {}).get("returncode")
    lines = manager._printer.last.get(name, ())
    tail = "".join(f"  {line}\n" for line in lines)
    return (
        f"\nThe {name} process ended (status {status}), so everything was stopped. "
        f"Its log: {var / 'log' / f'{name}.log'}\n{tail}"
    )


# Until it is ready


def _announce(settings: Settings, manager: Processes) -> None:
    """One line while waiting for /readyz, then where to go."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    address = f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"
    started = time.monotonic()
    redraw = sys.stdout.isatty()
    if not redraw:
        _say("Starting Harbour ...\n")
    while not manager.stopping:
        waiting_for = _not_ready(f"{address}/readyz")
        elapsed = round(time.monotonic() - started)
        if not waiting_for:
            clear = "\r\033[K" if redraw else ""
            _say(f"{clear}Harbour is ready after {elapsed} s: {address}\nStop it with Ctrl-C.\n")
            return
        if redraw:
            _say(f"\r\033[KStarting Harbour: waiting for the {waiting_for} ({elapsed} s)")
        time.sleep(POLL_S)


def _not_ready(url: str) -> str:
    """What /readyz still waits for; empty when all is well."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this is our own machine
    try:
        with opener.open(url, timeout=6):
            return ""
    except urllib.error.HTTPError as error:
        return _failing_part(error.read())
    except OSError:
        return "gateway"


def _failing_part(body: bytes) -> str:
    try:
        parts: Any = json.loads(body)
        failing = [name for name, state in parts.items() if state == "failing"]
    except (ValueError, AttributeError):
        failing = []
    return " and the ".join(failing) or "gateway"
