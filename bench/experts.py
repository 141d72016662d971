"""What each part of the topic model brings, and what the thresholds cost: the figures behind
docs/decisions/0003 and 0004. Run: `make experts` (about five minutes on two cores).

Four-fold cross-validation over data/nlu.yml, so the messages are as hard as the training messages:
near-misses and harmless look-alikes written on purpose.
"""

from __future__ import annotations

import sys

import numpy as np

from harbour import settings
from harbour.assistant.encoder import Encoder, encoder_hash
from harbour.assistant.encoder_graph import LAYERS
from harbour.assistant.experts import TopicModel
from harbour.assistant.topics import readable
from harbour.checks import read_examples
from harbour.safety.signs import QUIET, SAFETY_IDS
from harbour.safety.verdict import BARS

FOLDS = 4
SEED = 1


def cross_validate(
    texts: list[str], features: np.ndarray, leaves: np.ndarray, weight: float
) -> tuple[np.ndarray, list[str]]:
    """Probabilities [messages, leaves] from models that did not see the message, and the leaves' names."""
    fold = np.random.RandomState(SEED).randint(0, FOLDS, len(texts))
    result: np.ndarray | None = None
    for number in range(FOLDS):
        seen, held = np.where(fold != number)[0], np.where(fold == number)[0]
        model = TopicModel.train(
            [texts[i] for i in seen],
            features[seen],
            [leaves[i] for i in seen],
            encoder_weight=weight,
            seed=SEED,
            encoder_hash=encoder_hash(),
        )
        if result is None:
            result = np.zeros((len(texts), len(model.leaves)), np.float32)
        result[held] = model.matrix([texts[i] for i in held], features[held])
        print(f"  fold {number + 1} of {FOLDS}", file=sys.stderr)
    assert result is not None
    return result, model.leaves


def accuracy(chances: np.ndarray, names: list[str], leaves: np.ndarray) -> dict[str, float]:
    """Top-1 and top-3 over FAQ messages, top-1 over the others."""
    order = np.argsort(-chances, axis=1)[:, :3]
    labels = np.array(names)[order]
    faq = np.array([leaf.startswith("faq/") for leaf in leaves])
    first, among = labels[:, 0] == leaves, (labels == leaves[:, None]).any(axis=1)
    return {"FAQ": first[faq].mean(), "FAQ top-3": among[faq].mean(), "other topics": first[~faq].mean()}


def print_experts(texts: list[str], features: np.ndarray, leaves: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The table of variants; returns the chosen one's probabilities."""
    last = features[:, -features.shape[1] // len(LAYERS) :]
    variants = {
        "words and characters alone": (last, 0.0),
        "encoder alone, last layer": (last, 1.0),
        f"encoder alone, layers {LAYERS}": (features, 1.0),
        "both, last layer": (last, 0.5),
        f"both, layers {LAYERS} (chosen)": (features, 0.5),
    }
    print(f"{'':38}{'FAQ':>8}{'top-3':>8}{'others':>8}")
    for name, (vectors, weight) in variants.items():
        chances, names = cross_validate(texts, vectors, leaves, weight)
        figures = accuracy(chances, names, leaves)
        print(f"{name:38}" + "".join(f"{value:8.3f}" for value in figures.values()), flush=True)
    return chances, names


def print_fallback(chances: np.ndarray, names: list[str], leaves: np.ndarray) -> None:
    """What asking back below a confidence costs, over questions."""
    question = np.array(["/" in leaf for leaf in leaves])
    right = np.array(names)[chances.argmax(axis=1)] == leaves
    print("\nask back below   of wrong answers   of right answers   wrong answers left")
    for threshold in (0.15, 0.20, 0.25, 0.30, 0.40):
        asked = chances.max(axis=1) < threshold
        wrong, fine = asked[question & ~right].mean(), asked[question & right].mean()
        print(f"{threshold:14.2f}{wrong:19.3f}{fine:19.3f}{(~right & ~asked)[question].mean():21.3f}")


def print_danger(chances: np.ndarray, names: list[str], leaves: np.ndarray) -> None:
    """What the thresholds on all dangers together catch and cost."""
    together = chances[:, [names.index(id) for id in SAFETY_IDS]].sum(axis=1)
    danger = np.isin(leaves, SAFETY_IDS)
    print("\nall dangers together at least   of dangers   of harmless messages")
    bar = BARS[QUIET]
    for threshold in sorted({0.05, 0.10, 0.20, 0.30, 0.60, bar.check, bar.alarm}):
        print(
            f"{threshold:29.2f}{(together[danger] >= threshold).mean():13.3f}{(together[~danger] >= threshold).mean():23.3f}"
        )


def main() -> None:
    """Print the three tables."""
    examples = read_examples(settings.ROOT / "data" / "nlu.yml")
    pairs = [(readable(text), leaf) for leaf, group in examples.items() for text in group]
    texts, leaves = [text for text, _ in pairs], np.array([leaf for _, leaf in pairs])
    print(f"{len(texts)} messages, {len(examples)} topics, {FOLDS}-fold cross-validation\n")
    chances, names = print_experts(texts, Encoder(threads=2).features(texts), leaves)
    print_fallback(chances, names, leaves)
    print_danger(chances, names, leaves)


if __name__ == "__main__":
    main()
