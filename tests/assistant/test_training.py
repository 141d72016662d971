"""Training happens once for what the model is made from."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from harbour import settings
from harbour.assistant import training
from harbour.assistant.training import TrainingError, training_hash


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the model is made from."""
    root = tmp_path_factory.mktemp("project")
    for file in training._ingredients(settings.ROOT):
        target = root / file.relative_to(settings.ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return root


def test_the_same_ingredients_make_the_same_model(copy: Path) -> None:
    """The hash depends on content only, not on where the project lies or when files were written."""
    assert training_hash(copy) == training_hash(settings.ROOT)
    assert len(training_hash(copy)) == 12


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain.yml",
        "data/nlu.yml",
        "data/rules.yml",
        "data/stories.yml",
        "content/lexicon.yml",
        "harbour/assistant/experts.py",
        "harbour/text/clean.py",
    ],
)
def test_a_change_of_any_ingredient_makes_another_model(copy: Path, name: str) -> None:
    """One character more in any of them is another model, and taking it back is the old one."""
    before, content = training_hash(copy), (copy / name).read_text(encoding="utf-8")
    (copy / name).write_text(content + "\n#", encoding="utf-8")
    assert training_hash(copy) != before
    (copy / name).write_text(content, encoding="utf-8")
    assert training_hash(copy) == before


def test_without_a_model_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who asks for a model that was never trained is told the command."""
    monkeypatch.setattr(training, "MODELS", tmp_path)
    with pytest.raises(TrainingError, match="There is no trained model for the present data. Run `make train`."):
        training.latest_model()


def test_a_model_that_is_there_is_not_trained_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The second call takes no time and touches nothing."""
    monkeypatch.setattr(training, "MODELS", tmp_path)
    there = training.model_path()
    there.write_bytes(b"a model")
    assert training.train() == (there, 0.0)
    assert there.read_bytes() == b"a model"
    assert training.latest_model() == there


def test_a_full_disk_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Training does not start on a disk that is too full, and says how much it needs."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(training, "MODELS", tmp_path)
    monkeypatch.setattr(training.shutil, "disk_usage", lambda _: usage(0, 0, 100 * 2**20))
    with pytest.raises(TrainingError, match="Only 100 MB free on the disk and training needs 700"):
        training.train()
    assert list(tmp_path.iterdir()) == []
