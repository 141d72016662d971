"""The two experts: probabilities, and the same ones after saving and loading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harbour.assistant.experts import TopicModel

TEXTS = [
    "how long does it last",
    "how long will a dose last",
    "does it hurt",
    "is it sore when it goes in",
    "hello there",
    "hi",
    "how many days does it last",
    "will the implant hurt",
    "hello",
]
LEAVES = ["faq/dose", "faq/dose", "faq/pain", "faq/pain", "greet", "greet", "faq/dose", "faq/pain", "greet"]


def features(texts: list[str]) -> np.ndarray:
    """Stand-in vectors that tell the three topics apart."""
    keys = ("last", "hurt", "hello")
    rows = [[len(t) / 50, *[float(k in t) for k in keys], float("sore" in t)] for t in texts]
    return np.array(rows, np.float32)


@pytest.fixture(scope="module")
def model() -> TopicModel:
    return TopicModel.train(TEXTS, features(TEXTS), LEAVES, encoder_weight=0.5, seed=20, encoder_hash="abc")


def test_probabilities_sum_to_one(model: TopicModel) -> None:
    """Each message's probabilities are over all leaves and sum to one."""
    for row in model.probabilities(TEXTS, features(TEXTS)):
        assert set(row) == set(LEAVES)
        assert sum(row.values()) == pytest.approx(1)


def test_what_was_learnt_is_recognised(model: TopicModel) -> None:
    """The training messages get their own topics."""
    rows = model.probabilities(TEXTS, features(TEXTS))
    assert [max(row, key=row.__getitem__) for row in rows] == LEAVES


def test_about_whom_is_learnt_from_examples_that_say_it() -> None:
    """The likelihood that it is somebody else's; even odds where no example says."""
    about = ["self", "self", "other", "other", "", "", "self", "other", ""]
    told = TopicModel.train(
        TEXTS, features(TEXTS), LEAVES, about=about, encoder_weight=0.5, seed=20, encoder_hash="abc"
    )
    ours, theirs = told.other(features(["how long does it last", "does it hurt"]))
    assert ours < 0.5 < theirs
    untold = TopicModel.train(TEXTS, features(TEXTS), LEAVES, encoder_weight=0.5, seed=20, encoder_hash="abc")
    assert untold.other(features(TEXTS)) == pytest.approx(0.5)


def test_a_saved_model_gives_the_same_probabilities(model: TopicModel, tmp_path: Path) -> None:
    """Loaded again, the model answers the same, also for words it never saw."""
    model.save(tmp_path)
    loaded = TopicModel.load(tmp_path)
    texts = [*TEXTS, "", "zzz", "does it last or does it hurt", "😀"]
    assert loaded.leaves == model.leaves
    assert (loaded.encoder_hash, loaded.encoder_weight) == ("abc", 0.5)
    assert np.abs(loaded.matrix(texts, features(texts)) - model.matrix(texts, features(texts))).max() < 1e-3


def test_a_saved_model_holds_nothing_that_runs(model: TopicModel, tmp_path: Path) -> None:
    """The files are arrays and names: no pickled object is among them."""
    model.save(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["topics.json", "topics.npz"]
    with np.load(tmp_path / "topics.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} == {"f"}


def test_training_twice_gives_the_same_model() -> None:
    """With the same seed nothing is left to chance."""
    first, second = (
        TopicModel.train(TEXTS, features(TEXTS), LEAVES, encoder_weight=0.5, seed=20, encoder_hash="abc")
        for _ in range(2)
    )
    assert np.array_equal(first.matrix(TEXTS, features(TEXTS)), second.matrix(TEXTS, features(TEXTS)))


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_the_weight_chooses_between_the_experts(
    model: TopicModel, weight: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At one end only the encoder counts, at the other only the words."""
    monkeypatch.setattr(model, "encoder_weight", weight)
    moved = model.matrix(["hello"], features(["does it hurt"]))[0]
    assert model.leaves[int(moved.argmax())] == ("faq/pain" if weight else "greet")
