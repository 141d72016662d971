"""The two experts behind TopicClassifier, as plain arrays: train, save, load, predict.

Kept apart from Rasa so that they can be measured by cross-validation without it.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier

WORDS = {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b", "min_df": 1}
CHARACTERS = {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": 2}
FLOOR_ENCODER, FLOOR_WORDS = 1e-6, 1e-4  # no expert can veto a topic outright


def _vectorizer(settings: dict, fitted: dict | None = None) -> TfidfVectorizer:
    vectorizer = TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **settings)
    if fitted is not None:
        vectorizer.vocabulary_ = fitted["vocabulary"]
        vectorizer.idf_ = fitted["idf"]
    return vectorizer


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return scores / scores.sum(axis=1, keepdims=True)


def _whose(features: np.ndarray, about: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias that tell `other` from `self`; zeros where the examples say neither."""
    told = np.isin(about, ("self", "other"))
    if len(set(about[told])) < 2:
        return np.zeros(features.shape[1], np.float32), np.zeros(1, np.float32)
    model = LogisticRegression(C=10, max_iter=80, class_weight="balanced").fit(features[told], about[told] == "other")
    return model.coef_[0].astype(np.float32), model.intercept_.astype(np.float32)


@dataclass
class TopicModel:
    """`probabilities(texts, features)` for the leaves named in `leaves`.

    Arrays: `mean`, `scale` [features]; `encoder_kernel` [features, leaves] and its bias;
    `words_kernel` [n-grams, leaves] (one logistic regression a leaf) and its bias, row by row in
    memory: otherwise every message would copy all of it; `about_kernel` [features] and its bias tell
    whether a danger is somebody else's.
    """

    leaves: list[str]
    words: TfidfVectorizer
    characters: TfidfVectorizer
    mean: np.ndarray
    scale: np.ndarray
    encoder_kernel: np.ndarray
    encoder_bias: np.ndarray
    words_kernel: np.ndarray
    words_bias: np.ndarray
    about_kernel: np.ndarray
    about_bias: np.ndarray
    encoder_weight: float
    encoder_hash: str

    @classmethod
    def train(
        cls,
        texts: list[str],
        features: np.ndarray,
        leaves: list[str],
        *,
        about: list[str] | None = None,
        encoder_weight: float,
        seed: int,
        encoder_hash: str,
    ) -> TopicModel:
        """Train on texts as `readable()` gives them, their encoder features and their leaves.

        `about`: `self`, `other` or "" for each text; those with neither do not teach about whom.
        """
        words, characters = _vectorizer(WORDS), _vectorizer(CHARACTERS)
        grams = hstack([words.fit_transform(texts), characters.fit_transform(texts)]).tocsr()
        # one-vs-rest by stochastic gradient: as accurate here as full logistic regression, 6 times faster
        spell = SGDClassifier(loss="log", alpha=5e-6, max_iter=15, tol=None, n_jobs=2, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "log" has another name in later releases
            spell.fit(grams, leaves)
        mean = features.mean(axis=0)
        scale = 1 / ((features.std(axis=0) + 1e-6) * np.sqrt(features.shape[1]))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # 80 rounds are chosen: more change nothing
            sense = LogisticRegression(C=10, max_iter=80).fit((features - mean) * scale, leaves)
            about_kernel, about_bias = _whose((features - mean) * scale, np.array(about or [""] * len(texts)))
        return cls(
            leaves=list(spell.classes_),
            words=words,
            characters=characters,
            mean=mean,
            scale=scale,
            encoder_kernel=sense.coef_.T.astype(np.float32),
            encoder_bias=sense.intercept_.astype(np.float32),
            words_kernel=np.ascontiguousarray(spell.coef_.T, np.float32),
            words_bias=spell.intercept_.astype(np.float32),
            about_kernel=about_kernel,
            about_bias=about_bias,
            encoder_weight=encoder_weight,
            encoder_hash=encoder_hash,
        )

    def _by_words(self, texts: list[str]) -> np.ndarray:
        grams: csr_matrix = hstack([self.words.transform(texts), self.characters.transform(texts)]).tocsr()
        grams = grams.astype(np.float32)  # with another type every message would convert the whole kernel
        chances = 1 / (1 + np.exp(-(grams @ self.words_kernel + self.words_bias)))
        return chances / chances.sum(axis=1, keepdims=True)

    def _by_encoder(self, features: np.ndarray) -> np.ndarray:
        return _softmax(((features - self.mean) * self.scale) @ self.encoder_kernel + self.encoder_bias)

    def other(self, features: np.ndarray) -> np.ndarray:
        """How likely each text, if it speaks of danger, speaks of somebody else's: 0 to 1 [texts]."""
        return 1 / (1 + np.exp(-(((features - self.mean) * self.scale) @ self.about_kernel + self.about_bias)))

    def matrix(self, texts: list[str], features: np.ndarray) -> np.ndarray:
        """Probabilities [texts, leaves], rows summing to one: the experts' weighted geometric mean."""
        weight = self.encoder_weight
        mixed = weight * np.log(self._by_encoder(features) + FLOOR_ENCODER)
        mixed += (1 - weight) * np.log(self._by_words(texts) + FLOOR_WORDS)
        return _softmax(mixed)

    def probabilities(self, texts: list[str], features: np.ndarray) -> list[dict[str, float]]:
        """The same by leaf name, one mapping a text."""
        return [dict(zip(self.leaves, map(float, row))) for row in self.matrix(texts, features)]

    def save(self, folder: Path) -> None:
        """Write `topics.npz` and `topics.json`: arrays and names, nothing that runs when read."""
        np.savez(
            folder / "topics.npz",
            mean=self.mean,
            scale=self.scale,
            encoder_kernel=self.encoder_kernel,
            encoder_bias=self.encoder_bias,
            words_kernel=self.words_kernel.astype(np.float16),
            words_bias=self.words_bias,
            about_kernel=self.about_kernel,
            about_bias=self.about_bias,
            words_idf=self.words.idf_,
            characters_idf=self.characters.idf_,
        )
        names = {
            "leaves": self.leaves,
            "encoder_weight": self.encoder_weight,
            "encoder_hash": self.encoder_hash,
            "words": _ordered(self.words),
            "characters": _ordered(self.characters),
        }
        (folder / "topics.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> TopicModel:
        """Read what `save` wrote."""
        names = json.loads((folder / "topics.json").read_text(encoding="utf-8"))
        with np.load(folder / "topics.npz", allow_pickle=False) as arrays:
            a = {key: arrays[key] for key in arrays.files}
        fitted = {
            key: {"vocabulary": {gram: i for i, gram in enumerate(names[key])}, "idf": a[f"{key}_idf"]}
            for key in ("words", "characters")
        }
        return cls(
            leaves=names["leaves"],
            words=_vectorizer(WORDS, fitted["words"]),
            characters=_vectorizer(CHARACTERS, fitted["characters"]),
            mean=a["mean"],
            scale=a["scale"],
            encoder_kernel=a["encoder_kernel"],
            encoder_bias=a["encoder_bias"],
            words_kernel=np.ascontiguousarray(a["words_kernel"], np.float32),
            words_bias=a["words_bias"],
            about_kernel=a["about_kernel"],
            about_bias=a["about_bias"],
            encoder_weight=names["encoder_weight"],
            encoder_hash=names["encoder_hash"],
        )


def _ordered(vectorizer: TfidfVectorizer) -> list[str]:
    return sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
