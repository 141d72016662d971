"""What the signs and contexts of content/safety find in the training messages, by danger.

Run: `make signs`, or with ids `make signs ARGS="suicide_risk --show 40"`. With ids, their misses and false
alarms are listed: for whoever writes signs. Evaluation messages are not looked at.
"""

from __future__ import annotations

import argparse
import random
import time

from harbour import settings
from harbour.checks import read_examples
from harbour.safety.reading import Reading, load_reader
from harbour.safety.signs import ALARM, CHECK, QUIET, SAFETY_IDS

TIMED = 500


def read_all() -> list[tuple[str, str, Reading]]:
    """Leaf, message and reading of every training example."""
    reader = load_reader()
    examples = read_examples(settings.ROOT / "data" / "nlu.yml")
    return [(leaf, text, reader.read(text)) for leaf, texts in examples.items() for text in texts]


def print_table(read: list[tuple[str, str, Reading]]) -> None:
    """One line a danger: how many of its messages are found, and what is found elsewhere."""
    harmless = [r for leaf, _, r in read if leaf not in SAFETY_IDS]
    print(f"{'':22}{'messages':>9}{'alarm':>8}{'check':>8}{'lowered':>9}{'harmless: alarm':>17}{'check':>8}")
    for id in SAFETY_IDS:
        own = [r for leaf, _, r in read if leaf == id]
        found = [sum(r.level(id) == level for r in own) / len(own) for level in (ALARM, CHECK)]
        lowered = sum(r.lowered(id) for r in own) / len(own)
        false = [sum(r.level(id) == level for r in harmless) / len(harmless) for level in (ALARM, CHECK)]
        print(f"{id:22}{len(own):9}{found[0]:8.3f}{found[1]:8.3f}{lowered:9.3f}{false[0]:17.4f}{false[1]:8.4f}")
    alarms = sum(any(r.level(id) == ALARM for id in SAFETY_IDS) for r in harmless)
    print(f"harmless messages with any alarm: {alarms} of {len(harmless)} ({alarms / len(harmless):.4f})")


def print_time(read: list[tuple[str, str, Reading]]) -> None:
    """Processor time of one message in danger and of one that is harmless, on average over TIMED of each."""
    reader = load_reader()
    for name, danger in (("in danger", True), ("harmless", False)):
        texts = [text for leaf, text, _ in read if (leaf in SAFETY_IDS) == danger]
        texts = random.Random(TIMED).sample(texts, TIMED)
        started = time.process_time()
        for text in texts:
            reader.read(text)
        spent = 1000 * (time.process_time() - started) / TIMED
        print(f"a message {name}: {spent:.2f} ms ({sum(len(t.split()) for t in texts) / TIMED:.0f} words)")


def print_lists(read: list[tuple[str, str, Reading]], id: str, show: int) -> None:
    """Messages of a danger that no sign finds, those that context lowered, and false alarms with what raised them."""
    lists = {
        "missed": [t for leaf, t, r in read if leaf == id and not r.of(id)],
        "lowered": [f"{t}  <- {_why(r, id)}" for leaf, t, r in read if leaf == id and r.lowered(id)],
        "false alarm": [
            f"[{leaf}] {t}  <- {_why(r, id)}" for leaf, t, r in read if leaf not in SAFETY_IDS and r.level(id) == ALARM
        ],
        "false check": [
            f"[{leaf}] {t}  <- {_why(r, id)}" for leaf, t, r in read if leaf not in SAFETY_IDS and r.level(id) == CHECK
        ],
    }
    for name, found in lists.items():
        print(f"\n== {id}: {name}: {len(found)}")
        for line in random.Random(len(found)).sample(found, min(show, len(found))):
            print(f"  {line}")


def _why(reading: Reading, id: str) -> str:
    return "; ".join(
        f"{e.sign.where} '{e.words}'"
        + (f" ({', '.join(e.contexts)}: {', '.join(e.context_words)})" if e.level == QUIET else "")
        for e in reading.of(id)
    )


def main() -> None:
    """Print the table, and lists for the dangers named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ids", nargs="*", choices=[*SAFETY_IDS, []])
    parser.add_argument("--show", type=int, default=40)
    chosen = parser.parse_args()
    read = read_all()
    print_table(read)
    print_time(read)
    for id in chosen.ids:
        print_lists(read, id, chosen.show)


if __name__ == "__main__":
    main()
