"""What `harbour check` finds in content/safety, one line each: file, entry, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harbour.safety import names, signals
from harbour.safety.followups import FILE as FOLLOWUPS
from harbour.safety.followups import read_followups
from harbour.safety.phrases import Phrase, PhraseFinder, read_phrases
from harbour.safety.reading import SignReader
from harbour.safety.signs import ALARM

FOLDER = Path("content") / "safety"


def phrase_problems(root: Path) -> Iterator[str]:
    """Examples that are not found; traps of signals and contexts that are; traps of signs that raise an alarm."""
    folder = root / FOLDER
    try:
        reader = SignReader(folder)
    except ValueError as error:
        yield f"{FOLDER}/{str(error).replace(f'{folder}/', '')}"
        return
    for sign in reader.signs:
        yield from _examples(f"{FOLDER}/{sign.where}", sign.phrase)
        for trap in sign.phrase.traps:
            if reader.read(trap).level(sign.id) == ALARM:
                yield f"{FOLDER}/{sign.where}: trap '{trap}' raises an alarm: narrow the phrase, or add a context to context.yml"
    for rule, phrase in zip(reader.contexts.rules, reader.contexts.finder.phrases):
        yield from _both(f"{FOLDER}/{rule.where}", phrase)
    for name in (*signals.FILES.values(), names.FILE):
        try:
            phrases = read_phrases(folder / name)
        except ValueError as error:
            yield str(error).replace(f"{root}/", "")
            continue
        for number, phrase in enumerate(phrases, 1):
            yield from _both(f"{FOLDER}/{name}: entry {number}", phrase)


def kind_problems(root: Path) -> Iterator[str]:
    """Phrases that choose a note or a referral and do not say of which kind they are."""
    files = {signals.FILES[name]: kinds for name, kinds in signals.KINDS.items()} | {names.FILE: names.KINDS}
    for file, kinds in files.items():
        try:
            signals.read_kinds(root / FOLDER / file, kinds)
        except ValueError as error:
            yield str(error).replace(f"{root}/", "")


def followup_problems(root: Path) -> Iterator[str]:
    """Entries of followups.yml that name no crisis or step of ours, miss their examples or find their traps."""
    where = FOLDER / FOLLOWUPS
    try:
        entries = read_followups(root / where)
    except ValueError as error:
        yield str(error).replace(f"{root}/", "")
        return
    except FileNotFoundError:
        yield f"{where}: missing: bring it back (git checkout)"
        return
    for number, entry in enumerate(entries, 1):
        yield from _both(f"{where}: entry {number}", entry.phrase)


def _both(where: str, phrase: Phrase) -> Iterator[str]:
    yield from _examples(where, phrase)
    finder = PhraseFinder([phrase])
    for trap in phrase.traps:
        if finder.find(trap):
            yield f"{where}: trap '{trap}' is found: narrow the phrase"


def _examples(where: str, phrase: Phrase) -> Iterator[str]:
    finder = PhraseFinder([phrase])
    for example in phrase.examples:
        if not finder.find(example):
            yield f"{where}: example '{example}' is not found by its phrase: widen the phrase or correct the example"
