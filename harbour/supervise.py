"""Keeps processes running: starts them, starts again what dies, writes down what they say, stops them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LAST_LINES = 15
LOOK_S = 0.1
STOP_WAIT_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0  # before a process is started again; doubled each time
STEADY_S = 60.0  # a process that lived this long starts again after the first pause
NOT_STARTED = 127  # a shell's status for a command that cannot be run


class LogFiles:
    """Each process's lines in `<folder>/<name>.log`, the last ones kept, all shown on the terminal when verbose."""

    def __init__(self, folder: Path, verbose: bool) -> None:
        self.folder = folder
        self.verbose = verbose
        self.last: dict[str, deque[str]] = {}
        self._files: dict[str, IO[bytes]] = {}
        self._lock = threading.Lock()

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def open(self, name: str) -> None:
        """Begin a process's file anew."""
        self._files[name] = self.path(name).open("wb", buffering=0)
        self.last[name] = deque(maxlen=LAST_LINES)

    def write(self, name: str, line: bytes) -> None:
        """Take one line; after `close` it is dropped."""
        text = line.decode(errors="replace").rstrip()
        with self._lock:
            if name not in self._files:
                return
            self._files[name].write(line)
            self.last[name].append(text)
            if self.verbose:
                sys.stdout.write(f"{name:<9} | {text}\n")
                sys.stdout.flush()

    def close(self) -> None:
        with self._lock:
            for file in self._files.values():
                file.close()
            self._files.clear()


@dataclass(frozen=True)
class Death:
    """A process that ended by itself: its name and exit status, negative for a signal."""

    name: str
    status: int

    def __str__(self) -> str:
        how = f"status {self.status}" if self.status >= 0 else f"killed by signal {-self.status}"
        return f"The {self.name} process ended ({how})"


class _Process:
    """One of the processes, started as often as needed."""

    def __init__(self, name: str, command: list[str], env: Mapping[str, str], cwd: Path, logs: LogFiles) -> None:
        self.name, self.command, self.env, self.cwd, self.logs = name, command, env, cwd, logs
        self.due: float | None = None  # when it is to be started again
        self._pause = FIRST_PAUSE_S
        self._running: subprocess.Popen[bytes] | None = None
        self._born = 0.0
        self._listener: threading.Thread | None = None

    def start(self) -> None:
        self.due, self._born = None, time.monotonic()
        try:
            self._running = subprocess.Popen(
                self.command,
                env=self.env,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the others in our own way
            )
        except OSError as error:
            self._running = None
            self.logs.write(self.name, f"{error}\n".encode())
            return
        self._listener = threading.Thread(target=self._listen, args=(self._running.stdout,), daemon=True)
        self._listener.start()

    def _listen(self, output: IO[bytes]) -> None:
        for line in output:
            self.logs.write(self.name, line)

    def status(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._running.poll() if self._running else NOT_STARTED

    def pause(self) -> float:
        """Plan the next start; the seconds until then."""
        if time.monotonic() - self._born >= STEADY_S:
            self._pause = FIRST_PAUSE_S
        pause = self._pause
        self._pause = min(2 * pause, LONGEST_PAUSE_S)
        self.due = time.monotonic() + pause
        return pause

    def signal(self, number: int) -> None:
        """Send a signal to it and its children, if it runs."""
        if self._running and self._running.poll() is None:
            os.killpg(self._running.pid, number)

    def heard_out(self) -> None:
        """Wait a moment for the last lines of a process that has ended."""
        if self._listener:
            self._listener.join(timeout=1.0)


class Supervisor:
    """Runs processes side by side.

    Until `ready` is set the end of one is the end of all: what cannot start is for the operator to mend.
    From then on each that ends is started again, at first after a second, then ever more slowly, and
    `tell` gets one line about it.
    """

    def __init__(
        self,
        commands: Mapping[str, list[str]],
        env: Mapping[str, str],
        cwd: Path,
        logs: LogFiles,
        tell: Callable[[str], None],
    ) -> None:
        self.ready = threading.Event()
        self.stopping = False  # not an Event: setting one in a signal handler could wait for itself
        self._logs = logs
        self._tell = tell
        self._processes = [_Process(name, command, env, cwd, logs) for name, command in commands.items()]

    def obey_signals(self) -> None:
        """From now on Ctrl-C and SIGTERM mean `stop`."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop())

    def run(self) -> Death | None:
        """Start all and wait. None after `stop`, else the death that ended it. All have ended then."""
        death = None
        for process in self._processes:
            self._logs.open(process.name)
            if not self.stopping:
                process.start()
        while not self.stopping and death is None:
            death = self._look()
            time.sleep(LOOK_S)
        self.stopping = True
        self._stop_all()
        return death

    def stop(self) -> None:
        """Stop all and come back from `run`. May be called from a signal handler."""
        self.stopping = True

    def _look(self) -> Death | None:
        """Start again what is due; the first process that died before all was ready."""
        for process in self._processes:
            if process.due is not None:
                if time.monotonic() >= process.due:
                    process.start()
                continue
            status = process.status()
            if status is None:
                continue
            death = Death(process.name, status)
            if not self.ready.is_set():
                return death
            pause = process.pause()
            self._tell(f"{death}. It is started again in {pause:g} s. Its log: {self._logs.path(process.name)}\n")
        return None

    def _stop_all(self) -> None:
        """Ask each to stop; kill what does not."""
        for process in self._processes:
            process.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WAIT_S
        while any(p.status() is None for p in self._processes) and time.monotonic() < deadline:
            time.sleep(LOOK_S / 2)
        for process in self._processes:
            process.signal(signal.SIGKILL)
            process.heard_out()
