"""Training, done once for what the model is made from.

The model's name carries a hash of config, data, domain, content, our components' code and the
encoder: the same hash is the same model, so nothing is trained twice.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
import warnings
from pathlib import Path

from harbour import settings
from harbour.files import broken_files

MODELS = settings.ROOT / "models"
# The code that decides what is learnt; what only reads the result may change without a new training.
CODE = tuple(
    f"{name}.py"
    for name in (
        "assistant/encoder",
        "assistant/encoder_graph",
        "assistant/experts",
        "assistant/topics",
        "text/clean",
        "text/lexicon",
    )
)
NEEDED_MB = 700


class TrainingError(RuntimeError):
    """Training cannot start or did not finish; the message says what to do."""


def _ingredients(root: Path) -> list[Path]:
    files = [root / "config.yml", root / "domain.yml", root / "content" / "lexicon.yml"]
    files += sorted((root / "data").glob("*.yml"))
    return files + [root / "harbour" / name for name in CODE]


def training_hash(root: Path = settings.ROOT) -> str:
    """Twelve hex digits that change when anything the model is made from changes."""
    from harbour.assistant.encoder import encoder_hash

    digest = hashlib.sha256(encoder_hash().encode())
    for path in _ingredients(root):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def model_path() -> Path:
    """Where the model for today's ingredients is or will be."""
    return MODELS / f"harbour-{training_hash()}.tar.gz"


def latest_model() -> Path:
    """The model for today's ingredients. Raises TrainingError when it has not been trained."""
    path = model_path()
    if not path.exists():
        raise TrainingError("There is no trained model for the present data. Run `make train`.")
    return path


def quiet() -> None:
    """Still what would bury our own messages: telemetry, TensorFlow's greetings, known warnings."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    import sanic  # noqa: F401 - turns deprecations on when it is imported: our filters must come later

    # Rasa's pins are old: their deprecations are theirs and there will be no release that mends them
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)
    # our TopicClassifier fills the response selector's output itself
    warnings.filterwarnings("ignore", message=".*does not include a response\\s+selector.*")
    # notices that Rasa gives to everybody: retrieval intents, and slots since 3.0
    warnings.filterwarnings("ignore", message=".*duplicated intents.*beyond, faq.*")
    # a pressed button of ours (/faq/..., /press/...) is read by our components, not by Rasa
    warnings.filterwarnings("ignore", message=".*Failed to parse arguments in line '/[a-z_]+/.*")
    warnings.filterwarnings("ignore", message=".*Slot auto-fill has been removed.*")


def train(force: bool = False) -> tuple[Path, float]:
    """Train if needed. Returns the model's path and the seconds it took (0 when it was there).

    Raises TrainingError when the disk is too full, a file is broken or Rasa refuses the data.
    """
    path = model_path()
    if path.exists() and not force:
        return path, 0.0
    free = shutil.disk_usage(settings.ROOT).free // 2**20
    if free < NEEDED_MB:
        raise TrainingError(f"Only {free} MB free on the disk and training needs {NEEDED_MB}: make room and try again.")
    broken = broken_files(settings.ROOT)
    if broken:
        raise TrainingError("\n".join(broken))
    quiet()
    from rasa.model_training import train as rasa_train

    started = time.monotonic()
    MODELS.mkdir(exist_ok=True)
    result = rasa_train(
        domain=str(settings.ROOT / "domain.yml"),
        config=str(settings.ROOT / "config.yml"),
        training_files=[str(settings.ROOT / "data")],
        output=str(MODELS),
        fixed_model_name=path.name.removesuffix(".tar.gz"),
        force_training=True,
    )
    if result.code != 0 or not path.exists():
        raise TrainingError(
            "Rasa could not train on this data; its message above names the file. `harbour check` says more."
        )
    return path, time.monotonic() - started
