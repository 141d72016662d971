"""`harbour serve` with stand-ins for its processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harbour import serve as module
from harbour import supervise
from harbour.serve import ServeError, check, commands, environment
from harbour.settings import Settings
from harbour.supervise import LogFiles


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name in (".venv-assistant", ".venv-gateway"):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").symlink_to(sys.executable)
    return Settings(
        port=free_port(),
        assistant_port=free_port(),
        actions_port=free_port(),
        var=tmp_path / "var",
        root=tmp_path,
    )


def changed(settings: Settings, **values: Any) -> Settings:
    return replace(settings, **values)


# before the start


def test_all_is_well(settings: Settings) -> None:
    """Free ports, both environments and a writable folder: nothing is in the way, and var is made."""
    check(settings)
    assert (settings.var / "log").is_dir()
    assert not list(settings.var.glob(".writable*"))


@pytest.mark.parametrize(
    ("which", "remedy"),
    [
        ("port", "harbour serve --port {}"),
        ("assistant_port", "HARBOUR_ASSISTANT_PORT={}"),
        ("actions_port", "HARBOUR_ACTIONS_PORT={}"),
    ],
)
def test_a_taken_port_is_named_with_its_remedy(settings: Settings, which: str, remedy: str) -> None:
    """One sentence: which port, and what to type."""
    port = getattr(settings, which)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(ServeError) as error:
            check(settings)
    expected = f"Port {port} is taken. Stop what uses it, or choose another: " + remedy.format(port + 1)
    assert str(error.value) == expected


def test_a_port_set_twice_is_named(settings: Settings) -> None:
    """Gateway and assistant cannot share a port."""
    with pytest.raises(ServeError, match="set twice"):
        check(changed(settings, assistant_port=settings.port))


def test_a_foreign_address_is_named(settings: Settings) -> None:
    """A host that is not ours ends in a sentence, not a traceback."""
    with pytest.raises(ServeError, match=r"192\.0\.2\.1 is no address of this machine"):
        check(changed(settings, host="192.0.2.1"))


def test_a_missing_environment_says_make_run(settings: Settings) -> None:
    """Without its environment nothing is started."""
    (settings.root / ".venv-assistant" / "bin" / "python").unlink()
    with pytest.raises(ServeError, match=r"\.venv-assistant is missing.*make run"):
        check(settings)


def test_a_folder_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    """var must be a folder we can write to."""
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(ServeError, match=r"not writable.*HARBOUR_VAR"):
        check(changed(settings, var=blocked / "var"))


def test_a_full_disk_is_named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under 200 MB the start is refused."""
    monkeypatch.setattr(module, "FREE_BYTES_NEEDED", 1 << 62)
    with pytest.raises(ServeError, match="MB are free"):
        check(settings)


def test_the_processes_share_a_new_token(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a configured token each run has its own; it is passed by environment, never on a command line."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    one, two = environment(settings), environment(settings)
    assert len(one["HARBOUR_ASSISTANT_TOKEN"]) >= 32
    assert one["HARBOUR_ASSISTANT_TOKEN"] != two["HARBOUR_ASSISTANT_TOKEN"]
    assert environment(changed(settings, assistant_token="given"))["HARBOUR_ASSISTANT_TOKEN"] == "given"
    assert one["RASA_TELEMETRY_ENABLED"] == "false"
    assert "PYTHONDONTWRITEBYTECODE" not in one
    assert list(commands(settings)) == ["assistant", "actions", "gateway"]


def test_what_is_in_the_way_ends_in_one_sentence(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """`serve` itself prints the sentence and gives status 1; nothing is started."""
    (settings.root / ".venv-gateway" / "bin" / "python").unlink()
    assert module.serve(settings, None, None) == 1
    assert capsys.readouterr().err == "The environment .venv-gateway is missing. Make it with: make run\n"
    assert not (settings.var / "log").exists()


# while it runs: a driver process, so that signals are real

READY = """
    import http.server, os, pathlib, sys
    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            frozen = pathlib.Path(os.environ["HARBOUR_VAR"], "frozen").exists()
            self.send_response(503 if frozen else 200); self.end_headers()
            self.wfile.write(b'{"assistant": "failing", "database": "ok"}' if frozen else b"{}")
        def log_message(self, *a): pass
    print("gateway here, token", bool(os.environ["HARBOUR_ASSISTANT_TOKEN"]), flush=True)
    http.server.HTTPServer(("127.0.0.1", int(os.environ["HARBOUR_PORT"])), Ready).serve_forever()
"""
FOREVER = """
    import os, pathlib, time
    print("hello from here", flush=True)
    pathlib.Path(os.environ["HARBOUR_VAR"], "pid").write_text(str(os.getpid()))
    time.sleep(60)
"""
STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("hello from here", flush=True)
    time.sleep(60)
"""
DIES = """
    import time
    time.sleep(1.5)
    print("no model found", flush=True)
    raise SystemExit(3)
"""


class Driver:
    """`serve` in a process of its own, with stand-ins."""

    def __init__(self, settings: Settings, *flags: str, **programs: str) -> None:
        self.settings = settings
        lines = ["import sys", "from pathlib import Path", "from harbour.settings import Settings"]
        lines += ["from harbour import serve, supervise", "supervise.STOP_WAIT_S = 2", "serve.WATCH_S = 0.3"]
        lines += ["supervise.FIRST_PAUSE_S = 0.2", "supervise.LONGEST_PAUSE_S = 0.4"]
        table = {name: [sys.executable, "-c", textwrap.dedent(program)] for name, program in programs.items()}
        lines += [
            f"settings = Settings(port={settings.port}, assistant_port={settings.assistant_port}, "
            f"actions_port={settings.actions_port}, var=Path({str(settings.var)!r}), "
            f"root=Path({str(settings.root)!r}))",
            f"sys.exit(serve.serve(settings, processes={table!r}, verbose={'verbose' in flags}))",
        ]
        environ = os.environ | {"PYTHONPATH": str(Path(module.__file__).parent.parent)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "\n".join(lines)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environ,
        )

    def wait_for(self, text: str, seconds: float = 15) -> str:
        """Read output until it contains `text`."""
        assert self.process.stdout is not None
        output = ""
        deadline = time.monotonic() + seconds
        while text not in output:
            line = self.process.stdout.readline()
            assert line and time.monotonic() < deadline, output
            output += line
        return output

    def end(self, number: int | None = None) -> tuple[int, str]:
        """Send the signal, if any; exit status and remaining output."""
        if number is not None:
            self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=20)
        return self.process.returncode, output

    def log(self, name: str) -> str:
        return (self.settings.var / "log" / f"{name}.log").read_text()


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_pid(settings: Settings, not_this: int = 0, seconds: float = 10) -> int:
    """The process id that FOREVER wrote down, once it is another one."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):  # not there yet, or half written
            if (pid := int((settings.var / "pid").read_text())) != not_this:
                return pid
        time.sleep(0.05)
    raise AssertionError("never started")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_to_go_and_stops_all_when_told(settings: Settings, number: int) -> None:
    """Ready: the address. Ctrl-C or SIGTERM: every process ends, and the status is 0."""
    driver = Driver(settings, assistant=FOREVER, gateway=READY)
    output = driver.wait_for("Stop it with Ctrl-C.")
    assert f"http://127.0.0.1:{settings.port}" in output
    assert "hello from here" not in output
    status, rest = driver.end(number)
    assert (status, rest) == (0, "Harbour has stopped.\n")
    assert port_is_free(settings.port)
    assert driver.log("assistant") == "hello from here\n"
    assert driver.log("gateway") == "gateway here, token True\n"


def test_one_that_dies_at_the_start_stops_all_and_is_named(settings: Settings) -> None:
    """The sentence says which, its status, its log and its last lines; the status is not 0."""
    driver = Driver(settings, assistant=DIES, actions=FOREVER, gateway=STUBBORN)
    status, output = driver.end()
    assert status == 1
    assert "The assistant process ended (status 3), so everything was stopped" in output
    assert str(settings.var / "log" / "assistant.log") in output
    assert "  no model found\n" in output


def test_a_program_that_cannot_be_run_stops_the_start(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its log says why."""
    monkeypatch.setattr(supervise.Supervisor, "obey_signals", lambda self: None)  # the signals are pytest's
    assert module.serve(settings, processes={"assistant": [str(settings.root / "nothing")]}) == 1
    assert "No such file" in (settings.var / "log" / "assistant.log").read_text()


def test_one_that_is_killed_later_is_started_again(settings: Settings) -> None:
    """One line says which, how it ended, when it comes back and where its log is; the others run on."""
    driver = Driver(settings, actions=FOREVER, gateway=READY)
    driver.wait_for("Stop it with Ctrl-C.")
    first = wait_for_pid(settings)
    os.kill(first, signal.SIGKILL)
    log = settings.var / "log" / "actions.log"
    line = f"The actions process ended (killed by signal 9). It is started again in 0.2 s. Its log: {log}\n"
    assert driver.wait_for("Its log") == line
    second = wait_for_pid(settings, not_this=first)
    status, rest = driver.end(signal.SIGTERM)
    assert (status, rest) == (0, "Harbour has stopped.\n")
    assert not is_running(first) and not is_running(second)
    assert driver.log("actions") == "hello from here\n" * 2
    assert driver.log("gateway") == "gateway here, token True\n"


def test_one_that_dies_again_and_again_is_given_more_time(settings: Settings) -> None:
    """Each pause is twice the last one, up to the longest; nobody gives up."""
    driver = Driver(settings, actions=DIES, gateway=READY)
    driver.wait_for("Stop it with Ctrl-C.")
    lines = [driver.wait_for("Its log") for _ in range(3)]
    pauses = ["0.2 s", "0.4 s", "0.4 s"]
    assert [
        pause for line, pause in zip(lines, pauses) if f"(status 3). It is started again in {pause}" in line
    ] == pauses
    assert driver.end(signal.SIGTERM)[0] == 0


def test_one_that_lived_long_is_started_again_soon(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A death a day is no reason to wait longer each time."""
    (settings.var / "log").mkdir(parents=True)
    process = supervise._Process("actions", ["true"], {}, settings.root, LogFiles(settings.var / "log", False))
    process.start()
    assert [process.pause() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    monkeypatch.setattr(supervise, "STEADY_S", 0.0)
    assert process.pause() == 1


def test_a_part_that_freezes_is_named_to_the_operator(settings: Settings) -> None:
    """One line when it stops answering though it runs, one when it answers again."""
    driver = Driver(settings, assistant=FOREVER, gateway=READY)
    driver.wait_for("Stop it with Ctrl-C.")
    (settings.var / "frozen").touch()
    assert driver.wait_for("answer") == "The assistant does not answer: see docs/operator.md.\n"
    (settings.var / "frozen").unlink()
    assert driver.wait_for("answer") == "All parts answer again.\n"
    assert driver.end(signal.SIGTERM) == (0, "Harbour has stopped.\n")


def test_what_ignores_sigterm_is_killed(settings: Settings) -> None:
    """A process that will not stop does not keep the others or the terminal."""
    driver = Driver(settings, gateway=READY, assistant=STUBBORN)
    driver.wait_for("Stop it")
    started = time.monotonic()
    status, _ = driver.end(signal.SIGTERM)
    assert status == 0
    assert time.monotonic() - started < 12


def test_a_stop_right_at_the_start_works(settings: Settings) -> None:
    """A signal before all processes are up stops them all the same."""
    driver = Driver(settings, assistant=FOREVER, actions=FOREVER, gateway=FOREVER)
    driver.wait_for("Starting Harbour")
    status, output = driver.end(signal.SIGTERM)
    assert status == 0, output


def test_verbose_shows_what_the_processes_say(settings: Settings) -> None:
    """With --verbose the logs also go to the terminal, each line with its process's name."""
    driver = Driver(settings, "verbose", assistant=FOREVER, gateway=READY)
    output = driver.wait_for("Stop it")
    if "hello from here" not in output:
        output += driver.wait_for("hello from here")
    driver.end(signal.SIGINT)
    assert "assistant" in output


def test_a_broken_file_stops_the_start_with_its_line(settings: Settings) -> None:
    """Nothing is started on content that cannot be read."""
    (settings.root / "content").mkdir(exist_ok=True)
    (settings.root / "content" / "guide.yml").write_text("faq:\n  a: [\n", encoding="utf-8")
    with pytest.raises(ServeError, match=r"content/guide\.yml:\d+: .*Mend the line"):
        check(settings)
