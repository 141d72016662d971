"""Makes the two environments of Harbour from the one lock file. Needs only Python 3 and a package index.

Finds or installs uv, finds a Python 3.10 for the assistant (Rasa runs on no newer one) and the newest
of 3.13 to 3.11 for the gateway, and does nothing where nothing changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from glob import glob
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
NEEDED_GB = 6
VERSIONS = {"assistant": ["3.10"], "gateway": ["3.13", "3.12", "3.11"]}

# Read by Python at every start of the assistant's environment, so that a plain `rasa train` typed by
# hand reports nothing to anybody either.
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
STARTUP = "import os; [os.environ.setdefault(name, value) for name, value in %r.items()]\n" % QUIET


def say(text):
    print(text, flush=True)


def stop(text):
    print(text, file=sys.stderr)
    sys.exit(1)


def version_of(python):
    """'3.10' for an interpreter that starts, else None."""
    try:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        found = subprocess.run(
            [str(python), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.decode().strip()


def candidates(version):
    """Interpreters that may be of this version, likeliest first."""
    if version == "3.10" and os.environ.get("HARBOUR_PYTHON"):
        yield os.environ["HARBOUR_PYTHON"]
    on_path = shutil.which("python" + version)
    if on_path:
        yield on_path
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for folder in sorted(glob(os.path.join(pyenv, "versions", version + ".*")), reverse=True):
        yield os.path.join(folder, "bin", "python")


def find_python(uv, versions):
    """An interpreter of one of the versions, the first preferred; installed by uv as a last resort."""
    chosen = os.environ.get("HARBOUR_PYTHON")
    if "3.10" in versions and chosen and version_of(chosen) != "3.10":
        stop("HARBOUR_PYTHON=%s is not a Python 3.10: name one, or unset it and one is looked for." % chosen)
    for version in versions:
        for python in candidates(version):
            if version_of(python) == version:
                return str(python)
    say("No Python %s on this machine: installing one with uv …" % versions[0])
    if subprocess.run([uv, "python", "install", versions[0]]).returncode != 0:
        stop(
            "There is no Python %s here and uv could not install one. Install it (for example with pyenv), "
            "or name it: HARBOUR_PYTHON=/path/to/python3.10 make run" % " or ".join(versions)
        )
    found = subprocess.run([uv, "python", "find", versions[0]], stdout=subprocess.PIPE, check=True)
    return found.stdout.decode().strip()


def find_uv():
    """uv from PATH or .tools, installed there from the package index when missing."""
    found = shutil.which("uv")
    local = TOOLS / "bin" / "uv"
    if found or local.exists():
        return found or str(local)
    say("Installing uv …")
    in_venv = [
        [sys.executable, "-m", "venv", str(TOOLS)],
        [str(TOOLS / "bin" / "python"), "-m", "pip", "install", "-q", "uv"],
    ]
    if (
        all(subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0 for command in in_venv)
        and local.exists()
    ):
        return str(local)
    # a Python without venv (Debian splits it off) may still have pip
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(TOOLS), "uv"]
    if subprocess.run(command).returncode == 0 and local.exists():
        return str(local)
    return stop(
        "uv could not be installed. Install it (pip install uv) and run this again; is the package index reachable?"
    )


def stamp(python):
    """Changes when an environment must be made anew."""
    digest = hashlib.sha256(python.encode())
    for name in ("uv.lock", "pyproject.toml", "scripts/setup.py"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def make_environment(uv, name):
    """Create or update .venv-NAME; quick when its stamp says that nothing changed."""
    folder = ROOT / (".venv-" + name)
    mark = folder / "harbour-stamp"
    known = mark.read_text().split("\n") if mark.exists() else ["", ""]
    if os.path.exists(known[0]) and known[1] == stamp(known[0]) and not os.environ.get("HARBOUR_PYTHON"):
        return
    python = find_python(uv, VERSIONS[name])
    if known[:2] == [python, stamp(python)]:
        return
    say("Making the %s environment (Python %s) …" % (name, version_of(python)))
    environment = dict(os.environ, UV_PROJECT_ENVIRONMENT=str(folder))
    environment.pop("VIRTUAL_ENV", None)
    command = [
        uv,
        "sync",
        "--frozen",
        "--extra",
        name,
        "--compile-bytecode",
        "--python",
        python,
        "--project",
        str(ROOT),
    ]
    if subprocess.run(command, env=environment).returncode != 0:
        stop(
            "The %s environment could not be made: uv's message above says why. Then run this again; nothing is lost."
            % name
        )
    if name == "assistant":
        for packages in glob(str(folder / "lib" / "python*" / "site-packages")):
            Path(packages, "harbour-quiet.pth").write_text(STARTUP)
    mark.write_text(python + "\n" + stamp(python))


def main():
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    ready = all((ROOT / (".venv-" + name) / "harbour-stamp").exists() for name in VERSIONS)
    if free < NEEDED_GB and not ready:
        stop("Only %.1f GB free on the disk and Harbour needs %d: make room and run this again." % (free, NEEDED_GB))
    uv = find_uv()
    for name in VERSIONS:
        make_environment(uv, name)


if __name__ == "__main__":
    main()
