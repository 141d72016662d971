"""Tunes the sentence encoder on data/nlu.yml: offline work with PyTorch, which the product never needs.

Run in an environment of its own (`pip install torch safetensors tokenizers pyyaml`), from the root:

    python -m bench.tune --base FOLDER --data EXAMPLES.jsonl --out models/tuned

FOLDER holds the published config.json, tokenizer.json and model.safetensors. EXAMPLES.jsonl is what
`.venv-assistant/bin/python -m bench.examples` writes. Heads that are trained together and thrown away
afterwards: the topic, which danger, about whom. What is kept is the encoder, as int8 rows with a scale
each, and provenance.json: hashes of base, data and this script, and the figures on the held-out tenth.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional as F

MAX_TOKENS, BATCH = 64, 32
RATE, EPOCHS, SMOOTHING, DROPOUT = 8e-5, 2, 0.05, 0.1
FROZEN = 2  # the embeddings and the first layers stay as published: half the time, and words nobody wrote yet keep their place
MISSPELT = 0.25  # share of messages that are given a slip or two
HELD_OUT = 10  # one message in ten, by its hash, is never trained on
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Layer(nn.Module):
    """One transformer layer of BERT, named as in the published weights."""

    def __init__(self, hidden: int, heads: int, inner: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(hidden, hidden) for _ in range(3))
        self.out, self.norm = nn.Linear(hidden, hidden), nn.LayerNorm(hidden, epsilon)
        self.up, self.down = nn.Linear(hidden, inner), nn.Linear(inner, hidden)
        self.norm2 = nn.LayerNorm(hidden, epsilon)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, hidden = x.shape

        def split(y: torch.Tensor) -> torch.Tensor:
            return y.view(batch, length, self.heads, -1).transpose(1, 2)

        a = F.scaled_dot_product_attention(
            split(self.query(x)), split(self.key(x)), split(self.value(x)), attn_mask=mask
        )
        a = self.out(a.transpose(1, 2).reshape(batch, length, hidden))
        x = self.norm(x + F.dropout(a, DROPOUT, self.training))
        y = self.down(F.gelu(self.up(x)))
        return self.norm2(x + F.dropout(y, DROPOUT, self.training))


NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}


class Tuned(nn.Module):
    """The encoder and its three heads. The heads see the averages of layers 4 and 6, as the product does."""

    def __init__(self, config: dict, topics: int, dangers: int) -> None:
        super().__init__()
        hidden, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.words = nn.Embedding(config["vocab_size"], hidden)
        self.places = nn.Embedding(config["max_position_embeddings"], hidden)
        self.kinds = nn.Embedding(config["type_vocab_size"], hidden)
        self.norm = nn.LayerNorm(hidden, epsilon)
        self.layers = nn.ModuleList(
            Layer(hidden, config["num_attention_heads"], config["intermediate_size"], epsilon)
            for _ in range(config["num_hidden_layers"])
        )
        self.topic, self.danger, self.about = (nn.Linear(2 * hidden, n) for n in (topics, dangers, 2))

    def forward(self, ids: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        x = self.words(ids) + self.places(torch.arange(ids.shape[1])) + self.kinds.weight[0]
        mask = real[:, None, None, :].bool()
        with torch.no_grad():
            x = F.dropout(self.norm(x), DROPOUT, self.training)
            for layer in self.layers[:FROZEN]:
                x = layer(x, mask)
        means = []
        for number, layer in enumerate(self.layers[FROZEN:], FROZEN + 1):
            x = layer(x, mask)
            if number in (4, 6):
                means.append((x * real[..., None]).sum(1) / real.sum(1, keepdim=True))
        return F.dropout(torch.cat(means, 1), DROPOUT, self.training)

    def published(self) -> dict[str, nn.Parameter]:
        """Parameters by the names of the published file."""
        named = {
            "embeddings.word_embeddings.weight": self.words.weight,
            "embeddings.position_embeddings.weight": self.places.weight,
            "embeddings.token_type_embeddings.weight": self.kinds.weight,
            "embeddings.LayerNorm.weight": self.norm.weight,
            "embeddings.LayerNorm.bias": self.norm.bias,
        }
        for number, layer in enumerate(self.layers):
            for ours, theirs in NAMES.items():
                for kind in ("weight", "bias"):
                    named[f"encoder.layer.{number}.{theirs}.{kind}"] = getattr(getattr(layer, ours), kind)
        return named


def misspelt(text: str, chance: random.Random) -> str:
    """The text with one or two slips of the finger."""
    words = text.split()
    for _ in range(chance.choice((1, 1, 2))):
        place = chance.randrange(len(words))
        word = words[place]
        if len(word) < 4:
            continue
        i = chance.randrange(len(word) - 1)
        words[place] = chance.choice(
            (
                word[:i] + word[i + 1] + word[i] + word[i + 2 :],
                word[:i] + word[i + 1 :],
                word[:i] + word[i] + word[i:],
                word[:i] + chance.choice(LETTERS) + word[i + 1 :],
            )
        )
    return " ".join(words)


def held_out(text: str) -> bool:
    """Whether a message is kept apart; by its hash, so that it stays apart when data grows."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % HELD_OUT == 0


def batches(
    tokenizer: Tokenizer, texts: list[str], order: list[int]
) -> list[tuple[list[int], torch.Tensor, torch.Tensor]]:
    """Rows of alike length together: numbers, ids and mask of each batch."""
    coded = {i: tokenizer.encode(texts[i]).ids for i in order}
    half = MAX_TOKENS // 2
    coded = {i: ids if len(ids) <= MAX_TOKENS else ids[:half] + ids[-half:] for i, ids in coded.items()}
    rows = sorted(order, key=lambda i: len(coded[i]))
    result = []
    for start in range(0, len(rows), BATCH):
        chosen = rows[start : start + BATCH]
        length = max(len(coded[i]) for i in chosen)
        ids, real = torch.zeros(len(chosen), length, dtype=torch.long), torch.zeros(len(chosen), length)
        for row, i in enumerate(chosen):
            ids[row, : len(coded[i])] = torch.tensor(coded[i])
            real[row, : len(coded[i])] = 1
        result.append((chosen, ids, real))
    return result


def quantised(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Matrices as int8 rows and a scale for each row; vectors as they are."""
    result: dict[str, np.ndarray] = {}
    for name, value in weights.items():
        if value.ndim == 2:
            scale = np.abs(value).max(axis=1, keepdims=True) / 127 + 1e-12
            result[f"{name}.int8"] = np.round(value / scale).astype(np.int8)
            result[f"{name}.scale"] = scale.astype(np.float32)
        else:
            result[name] = value.astype(np.float32)
    return result


def figures(model: Tuned, tokenizer: Tokenizer, rows: list[dict], topics: list[str]) -> dict[str, float]:
    """Accuracy of the heads on rows that were not trained on."""
    model.eval()
    right = danger_right = danger_total = 0
    with torch.no_grad():
        for chosen, ids, real in batches(tokenizer, [r["text"] for r in rows], list(range(len(rows)))):
            x = model(ids, real)
            best = model.topic(x).argmax(1)
            any_danger = model.danger(x).sigmoid().max(1).values > 0.5
            for row, i in enumerate(chosen):
                right += topics[best[row]] == rows[i]["leaf"]
                danger_right += bool(any_danger[row]) == bool(rows[i]["dangers"])
                danger_total += 1
    return {"topic": round(right / len(rows), 4), "danger_or_not": round(danger_right / danger_total, 4)}


def train(
    rows: list[dict], config: dict, base: dict, tokenizer: Tokenizer, seed: int, epochs: int
) -> tuple[Tuned, dict]:
    """The tuned model and its figures."""
    random.seed(seed)
    torch.manual_seed(seed)
    chance = random.Random(seed)
    seen = [r for r in rows if not held_out(r["text"])]
    kept = [r for r in rows if held_out(r["text"])]
    topics = sorted({r["leaf"] for r in rows})
    dangers = sorted({d for r in rows for d in r["dangers"]})
    model = Tuned(config, len(topics), len(dangers))
    for name, parameter in model.published().items():
        parameter.data = torch.tensor(base[name].astype(np.float32))
    topic = torch.tensor([topics.index(r["leaf"]) for r in seen])
    danger = torch.tensor([[float(d in r["dangers"]) for d in dangers] for r in seen])
    about = torch.tensor([{"self": 0, "other": 1}.get(r["about"], -100) for r in seen])
    steps = epochs * (len(seen) // BATCH + 1)
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for layer in model.layers[FROZEN:] for p in layer.parameters()], "lr": RATE},
            {"params": [p for h in (model.topic, model.danger, model.about) for p in h.parameters()], "lr": 1e-3},
        ],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(s / (0.06 * steps), max(0.02, (steps - s) / (0.94 * steps)))
    )
    begun = time.time()
    for epoch in range(epochs):
        model.train()
        texts = [
            misspelt(r["text"], chance) if chance.random() < MISSPELT and r["text"].split() else r["text"] for r in seen
        ]
        made = batches(tokenizer, texts, list(range(len(seen))))
        chance.shuffle(made)
        total = 0.0
        for number, (chosen, ids, real) in enumerate(made):
            x = model(ids, real)
            loss = F.cross_entropy(model.topic(x), topic[chosen], label_smoothing=SMOOTHING)
            loss = loss + 2 * F.binary_cross_entropy_with_logits(model.danger(x), danger[chosen])
            if (about[chosen] >= 0).any():
                loss = loss + 0.2 * F.cross_entropy(model.about(x), about[chosen], ignore_index=-100)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
            if number % 50 == 0:
                print(
                    f"epoch {epoch + 1} step {number}/{len(made)} loss {total / (number + 1):.3f} {time.time() - begun:.0f}s",
                    flush=True,
                )
        print(f"epoch {epoch + 1}: {figures(model, tokenizer, kept, topics)}", flush=True)
    return model, {"trained_on": len(seen), "held_out": len(kept), **figures(model, tokenizer, kept, topics)}


def main() -> None:
    """Tune, write the artefact and where it came from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=20)
    chosen = parser.parse_args()
    config = json.loads((chosen.base / "config.json").read_text())
    tokenizer = Tokenizer.from_file(str(chosen.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    rows = [json.loads(line) for line in chosen.data.read_text(encoding="utf-8").splitlines()]
    base = load_file(chosen.base / "model.safetensors")
    model, measured = train(rows, config, base, tokenizer, chosen.seed, chosen.epochs)
    weights = {name: p.detach().numpy() for name, p in model.published().items()}
    chosen.out.mkdir(parents=True, exist_ok=True)
    save_file(quantised(weights), chosen.out / "model.int8.safetensors")
    provenance = {
        "base_sha256": hashlib.sha256((chosen.base / "model.safetensors").read_bytes()).hexdigest(),
        "data_sha256": hashlib.sha256(chosen.data.read_bytes()).hexdigest(),
        "script_sha256": hashlib.sha256(Path(__file__).read_bytes()).hexdigest(),
        "epochs": chosen.epochs,
        "seed": chosen.seed,
        "artefact_sha256": hashlib.sha256((chosen.out / "model.int8.safetensors").read_bytes()).hexdigest(),
        "figures": measured,
    }
    (chosen.out / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
    print(provenance["figures"])


if __name__ == "__main__":
    main()
