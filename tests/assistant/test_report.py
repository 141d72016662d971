"""What `harbour evaluate` shows: aligned tables, one self-contained page."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from harbour.assistant.cases import Case
from harbour.assistant.figures import ASKED_BACK, Evaluation, Outcome, Share, evaluate
from harbour.assistant.matrix import row_shares
from harbour.assistant.report import Table, figure, page, plain, print_tables, shown, write_page

SCRIPT = '<script>alert("&")</script>'


@pytest.fixture
def evaluation() -> Evaluation:
    """One slip, whose message is a script."""
    return evaluate(
        [
            Outcome(Case("fine", "liver"), "liver", ranking=("liver",), seconds=0.02),
            Outcome(Case(SCRIPT, "naltrexone_what"), "liver", ranking=("liver", "naltrexone_what"), seconds=0.04),
            Outcome(Case("help", "suicide_risk", about="self"), "suicide_risk", alarms=("suicide_risk",), about="self"),
            Outcome(Case("hm", "out_of_scope"), ASKED_BACK),
        ]
    )


class Reader(HTMLParser):
    """Collects tags, what they refer to, and how deep they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_plain_tables_are_aligned() -> None:
    """Words to the left, figures to the right, every column as wide as its widest cell."""
    table = Table("Some", ("who", "n"), [("a", "1"), ("longer", "100")], note="a note")
    assert plain(table).splitlines() == [
        "SOME",
        "who       n",
        "------  ---",
        "a         1",
        "longer  100",
        "a note",
    ]


def test_a_share_of_nothing_is_a_dash() -> None:
    """Nothing to count is neither 0 nor a crash."""
    assert shown(Share(0, 0)) == ("–", "0/0")
    assert shown(Share(1, 3)) == ("0.333", "1/3")
    assert figure(1.0) == "1.000"


def test_the_printed_tables_hold_every_figure(evaluation: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    """Summary, groups, dangers, false alarms, topics and the confusions with their messages."""
    print_tables(evaluation)
    printed = capsys.readouterr().out
    for line in (
        r"FAQ, right answer +0\.000 +0/1",
        r"FAQ, right one among the three likeliest +1\.000 +1/1",
        r"asked back +0\.250 +1/4",
        r"out of scope, recall +0\.000 +0/1",
        r"suicide_risk +1\.000 +1\.000 +1\.000 +1",
        r"liver +beyond +0\.500 +1\.000 +0\.667 +1",
        r"traps: the danger they look like, alarmed +– +0/0",
        r"1  naltrexone_what  ->  liver\n +<script>",
        r"half below \(ms\) +10\.0",
    ):
        assert re.search(line, printed), line


def test_only_topics_with_messages_are_listed(evaluation: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    """A topic nobody asked about has no row."""
    print_tables(evaluation)
    assert "work_driving" not in capsys.readouterr().out


def test_long_messages_are_shortened_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """One line each, however long they are."""
    print_tables(evaluate([Outcome(Case("so\n" + "long " * 100, "liver"), "dosage")]))
    example = next(line for line in capsys.readouterr().out.splitlines() if "so long" in line)
    assert len(example) <= 120
    assert example.endswith("…")


def test_the_page_is_self_contained(evaluation: Evaluation, tmp_path: Path) -> None:
    """It loads nothing, runs nothing, and its only picture stands in it."""
    path = tmp_path / "new" / "page.html"
    write_page(evaluation, path)
    text = path.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(text)
    assert not {"script", "link", "iframe"} & set(reader.tags)
    assert reader.open == []
    assert len(reader.links) == 1
    assert reader.links[0].startswith("data:image/png;base64,")
    assert "http" not in text.split("data:image")[0]
    assert base64.b64decode(reader.links[0].split(",")[1]).startswith(b"\x89PNG")


def test_the_page_shows_messages_as_text(evaluation: Evaluation) -> None:
    """What a visitor wrote is never markup."""
    text = page(evaluation)
    assert SCRIPT not in text
    assert "&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;" in text


def test_a_dollar_in_a_message_does_not_break_the_page() -> None:
    """The page is made from a template with dollar signs: a message may hold some too."""
    assert "costs $5 or $made" in page(evaluate([Outcome(Case("costs $5 or $made", "liver"), "dosage")]))


def test_the_page_has_the_same_figures_as_the_terminal(evaluation: Evaluation) -> None:
    """One source for both."""
    text = page(evaluation)
    assert "<td>liver</td><td>beyond</td><td class=number>0.500</td><td class=number>1.000</td>" in text
    assert (
        "<td>FAQ, right one among the three likeliest</td><td class=number>1.000</td><td class=number>1/1</td>" in text
    )


def test_rows_of_the_matrix_add_up_to_one_and_stand_by_group(evaluation: Evaluation) -> None:
    """FAQ first, then beyond, danger, out of scope; asking back is the last column."""
    rows, columns, shares = row_shares(evaluation.outcomes)
    assert rows == ["naltrexone_what", "liver", "suicide_risk", "out_of_scope"]
    assert columns == [*rows, ASKED_BACK]
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares[rows.index("naltrexone_what"), columns.index("liver")] == 1
    assert shares[rows.index("out_of_scope"), columns.index(ASKED_BACK)] == 1
