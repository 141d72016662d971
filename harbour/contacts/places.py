"""Where a visitor says they are: `im in dublin` -> Ireland. A place that is only mentioned counts for nothing.

The names and what people write before them are data, content/places.yml. Pure: the same reading on both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import yaml
from spacy.tokens import Doc, Token

from harbour import settings
from harbour.contacts.countries import UNKNOWN
from harbour.contacts.place_names import KINDS, Frame, Name, key, read_frame, read_names
from harbour.safety.phrases import Phrase, PhraseFinder, Span
from harbour.text.clean import clean
from harbour.text.spelling import Spelling
from harbour.text.words import read

LONGEST = 4  # words of a name
MENDED_FROM = 6  # letters: shorter names are too near to other towns to be guessed


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Between "in" and a name ("in the north of ireland"), and between two names ("toronto, canada").
_BEFORE = _set(
    "the downtown central north south east west northern southern eastern western rural county co city of state"
)
_BETWEEN = _set(", - ( ) / in near the")
_POINTING = _set("in from near county co city")
# What may stand around a place in a message that says nothing else.
_FILLER = _set(
    "hi hello hey hiya yes yeah no not nope ok okay oh sorry please thanks thank you so and but well actually just now "
    "currently right here in from near the is it its my country city location i said say mean meant am we are by way "
    "btw fyi to let know then also there outside county"
)
_NUMBER_WORDS = _set("number numbers helpline helplines hotline hotlines line lines contacts")
_NUMBER_KINDS = _set("emergency crisis suicide drug drugs help phone ambulance")
_ASKING = (
    _set("what which who how do does can could you have got a an for call ring tell show me give use want need")
    | _NUMBER_KINDS
)
_INITIALS = ((re.compile(r"\bu\.\s?s\.?(\s?a\b\.?)?", re.I), "USA "), (re.compile(r"\bu\.\s?k\b\.?", re.I), "UK "))
_ENDS = frozenset(".!?;")


@dataclass(frozen=True)
class Place:
    """Where somebody says they are. `code`: the country, "" where the name alone does not tell; then `among`
    holds those it may be. `whose`: self or other. `denied`: they say they are not there. `alone`: the message
    says nothing else."""

    code: str
    words: str
    whose: str = "self"
    denied: bool = False
    alone: bool = False
    among: tuple[str, ...] = ()


@dataclass
class _Run:
    """Names that stand together, and how strongly they are said to be where somebody is."""

    span: Span
    names: list[Name]
    kind: str = ""
    whose: str = "self"
    covered: set[int] = field(default_factory=set)
    denied: bool = False

    def codes(self) -> tuple[str, ...]:
        """The last name that means one country decides; one that means several is told by its neighbour."""
        last = self.names[-1].codes
        if len(last) > 1:
            fitting = [n.codes[0] for n in self.names[:-1] if len(n.codes) == 1 and n.codes[0] in last]
            return (fitting[-1],) if fitting else last
        return last


class PlaceReader:
    """Reads places with the names and phrases of a file like content/places.yml.

    Raises ValueError naming the entry, what is wrong and what to write.
    """

    def __init__(self, path: Path) -> None:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        self._names: dict[tuple[str, ...], Name] = dict(read_names(data))
        self._not_alone = {key(name) for name in data["not_alone"]}
        self.frames = [read_frame(f"{path}: says[{i}]", entry) for i, entry in enumerate(data["says"])]
        not_now = Phrase(((data["not_now"],),), "not now", (), ())
        self._finder = PhraseFinder([*(frame.phrase for frame in self.frames), not_now])
        self.traps = tuple(data["traps"])
        large = [n for group in data["places"].values() for n in (*group["countries"], *group["regions"])]
        vocabulary = {word for name in large for word in name.split() if len(word) >= MENDED_FROM}
        known = {word for key in self._names for word in key}
        self._spelling = Spelling(vocabulary, known)

    def read(self, text: str) -> Place | None:
        """Where the visitor, or somebody in danger, is said to be; None where a place is only mentioned, or none."""
        text = clean(text)
        for initials, name in _INITIALS:
            text = initials.sub(name, text)
        doc = read(text, self._spelling.mend)
        runs = list(self._runs(doc, text))
        if not runs:
            return None
        spans = list(self._finder.spans(doc))
        later = [span for number, span in spans if number == len(self.frames)]
        for run in runs:
            self._frame_of(doc, run, [(self.frames[n], span) for n, span in spans if n < len(self.frames)])
            if not run.kind:
                self._bare(doc, run, runs)
            sentence = _sentence(doc, run.span)
            if any(sentence[0] <= start < sentence[1] for start, _ in later):
                run.kind = ""
        said = [run for run in runs if run.kind]
        if not said:
            return None
        best = max(said, key=lambda run: (not run.denied, KINDS.index(run.kind), run.whose == "self", run.span))
        return self._place(doc, best, said)

    def _place(self, doc: Doc, best: _Run, said: list[_Run]) -> Place:
        codes = best.codes()
        covered = {i for run in said for i in (*run.covered, *range(*run.span))}
        rest = [token.norm_ for i, token in enumerate(doc) if i not in covered and _is_word(token)]
        around = _FILLER | _NUMBER_WORDS | (_ASKING if best.kind == "asks" else frozenset())
        return Place(
            code=codes[0] if len(codes) == 1 else "",
            words=doc[best.span[0] : best.span[1]].text,
            whose=best.whose,
            denied=best.denied and best.names[-1].country and len({name.codes for name in best.names}) == 1,
            alone=best.kind != "looks" and all(word in around for word in rest),
            among=codes if len(codes) > 1 else (),
        )

    def _runs(self, doc: Doc, text: str) -> Iterator[_Run]:
        """The names of a message; those that stand together are one run."""
        small = text.isupper() or "US" not in text.split()  # who shouts "HELP US" means no country
        run: _Run | None = None
        i = 0
        while i < len(doc):
            length, name = self._name_at(doc, i)
            if name and doc[i].norm_ == "us" and not _means_country(doc, i, small):
                name = None
            if name is None:
                if run and doc[i].norm_ not in _BETWEEN:
                    yield run
                    run = None
                i += 1
                continue
            if run and not name.nationality:
                run.span = (run.span[0], i + length)
                run.names.append(name)
            else:
                if run:
                    yield run
                run = _Run((i, i + length), [name])
            i += length
        if run:
            yield run

    def _name_at(self, doc: Doc, i: int) -> tuple[int, Name | None]:
        for length in range(min(LONGEST, len(doc) - i), 0, -1):
            name = self._names.get(tuple(token.norm_ for token in doc[i : i + length]))
            if name:
                return length, name
        return 1, None

    def _frame_of(self, doc: Doc, run: _Run, frames: list[tuple[Frame, Span]]) -> None:
        """The strongest phrase that stands right before the run, or a number word right behind it."""
        end = run.span[1]
        if end < len(doc) and doc[end].norm_ in _NUMBER_KINDS:
            end += 1
        if end < len(doc) and doc[end].norm_ in _NUMBER_WORDS and (run.names[-1].country or run.names[-1].nationality):
            run.kind, run.covered = "asks", set(range(run.span[0], end + 1))
            return
        if run.names[0].nationality:
            return
        start = run.span[0]
        while start > 0 and doc[start - 1].norm_ in _BEFORE:
            start -= 1
        fitting = [(frame, span) for frame, span in frames if span[1] in range(start, run.span[0] + 1)]
        fitting = [(frame, span) for frame, span in fitting if not frame.first or span[0] == _sentence(doc, span)[0]]
        if fitting:
            frame, span = max(fitting, key=lambda item: (KINDS.index(item[0].kind), item[0].whose == "self"))
            run.kind, run.whose, run.covered = frame.kind, frame.whose, set(range(span[0], run.span[0]))
            run.denied = any(doc[i].norm_ == "not" for i in range(*span))

    def _bare(self, doc: Doc, run: _Run, runs: list[_Run]) -> None:
        """A sentence that says nothing but the place, such as `dublin, ireland` or `no, in the us`."""
        start, end = _sentence(doc, run.span)
        named = {i for other in runs for i in range(*other.span)}
        rest = [doc[i].norm_ for i in range(start, end) if i not in named and _is_word(doc[i])]
        if run.names[0].nationality or not all(word in _FILLER or word in _BEFORE for word in rest):
            return
        key = tuple(token.norm_ for token in doc[run.span[0] : run.span[1]])
        if key in self._not_alone and not _POINTING & set(rest):
            return
        before = [doc[i].norm_ for i in range(start, run.span[0]) if i not in named]
        run.kind = "here"
        run.covered = set(range(start, end))
        run.denied = bool({"not", "outside"} & set(before[-3:]))


def _is_word(token: Token) -> bool:
    return any(character.isalpha() for character in token.text)


def _means_country(doc: Doc, i: int, small: bool) -> bool:
    """Whether "us" is the country: written US, "the us", "in us", "us numbers" or alone; else it is all of us."""
    before = doc[i - 1].norm_ if i else ""
    behind = doc[i + 1].norm_ if i + 1 < len(doc) else ""
    first = not before and (behind in _NUMBER_WORDS or behind in _NUMBER_KINDS)
    return not small or before in ("the", "in") or first or sum(_is_word(token) for token in doc) == 1


def _sentence(doc: Doc, span: Span) -> Span:
    """The sentence around a span."""
    start, end = span
    while start > 0 and doc[start - 1].text not in _ENDS:
        start -= 1
    while end < len(doc) and doc[end].text not in _ENDS:
        end += 1
    return start, end


@lru_cache(maxsize=1)
def load_places() -> PlaceReader:
    """The product's reader, made once. Raises ValueError when its file cannot be used."""
    try:
        return PlaceReader(settings.ROOT / "content" / "places.yml")
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"content/places.yml: something is missing or misspelt ({error!r}): see harbour check"
        ) from error


def place_named(text: str) -> Place | None:
    """Where the visitor says they or somebody in danger are; see PlaceReader.read."""
    return load_places().read(text)


def country_after(place: Place, known: str, default: str, danger: bool) -> str:
    """The country whose numbers are shown after a place was said; "" where that changes nothing.

    `known`: the one that was said before, if any; `default`: the one that is shown until then; `danger`:
    whether somebody may be in danger now.
    """
    if place.denied:  # "im not in the uk", where we show the UK's numbers
        return UNKNOWN if place.code == (known or default) else ""
    if place.whose == "other" and (known or not danger):
        return ""  # whoever writes is known to be elsewhere, or nobody is in danger: it is their call to make
    if place.among:
        return known if known in place.among else ""
    return place.code
