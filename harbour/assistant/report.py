"""What `harbour evaluate` shows: the same tables as plain text and as one HTML page."""

from __future__ import annotations

import base64
import math
import time
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from harbour.assistant.figures import GROUPS, Confusion, DangerScore, Evaluation, Share, TopicScore
from harbour.assistant.matrix import confusion_picture

WORST = 15  # confusions shown
EXAMPLE_CHARACTERS = 110


@dataclass(frozen=True)
class Table:
    """`rows` of ready text. `texts`: how many first columns are words and not figures."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[str, ...]]
    texts: int = 1
    note: str = ""


def figure(value: float) -> str:
    """Three decimals, a dash where there was nothing to count."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def shown(share: Share) -> tuple[str, str]:
    """A share's value and what it is made of: `0.912`, `456/500`."""
    return figure(share.value), f"{share.hits}/{share.of}"


def _summary(e: Evaluation) -> Table:
    declined = e.out_of_scope
    rows = [
        ("FAQ, right answer", *shown(e.faq_accuracy)),
        ("FAQ, right one among the three likeliest", *shown(e.faq_top3)),
        ("FAQ, answered or asked back with the right one offered", *shown(e.faq_helped)),
        ("all topics, right answer", *shown(e.accuracy)),
        ("all topics, mean F1", figure(e.macro_f1), ""),
        ("asked back", *shown(e.asked_back)),
        ("asked back, right one among those offered", *shown(e.asked_back_right)),
        ("out of scope, precision", *shown(declined.precision)),
        ("out of scope, recall", *shown(declined.recall)),
        ("time per message, half below (ms)", f"{e.p50_ms:.1f}", ""),
        ("time per message, 99 in 100 below (ms)", f"{e.p99_ms:.1f}", ""),
    ]
    return Table("Summary", ("", "value", "messages"), rows)


def _groups(e: Evaluation) -> Table:
    return Table(
        "Right answers by group",
        ("group", "accuracy", "messages"),
        [(group, *shown(e.groups[group])) for group in GROUPS],
    )


def _danger_row(score: DangerScore) -> tuple[str, ...]:
    values = [figure(share.value) for share in (score.seen, score.alarm, score.any_alarm)]
    return (score.id, *values, str(score.seen.of))


def _dangers(e: Evaluation) -> Table:
    return Table(
        "People in danger",
        ("danger", "seen", "alarm", "any alarm", "messages"),
        [_danger_row(score) for score in (*e.dangers, e.danger)],
        note="seen: raised as alarm or as check; alarm: raised as this danger; any alarm: as this or another.",
    )


def _false_alarms(e: Evaluation) -> Table:
    rows = [
        ("traps: the danger they look like, alarmed", *shown(e.traps_imitated)),
        ("traps: any alarm that is not true", *shown(e.traps_alarmed)),
        ("traps: any check that is not true", *shown(e.traps_checked)),
        ("ordinary messages: alarm", *shown(e.ordinary_alarmed)),
        ("ordinary messages: check", *shown(e.ordinary_checked)),
        ("dangers seen: about whom, right", *shown(e.about)),
    ]
    return Table(
        "False alarms",
        ("", "value", "messages"),
        rows,
        note="Traps are harmless messages that look like danger; ordinary messages are neither.",
    )


def _topic_row(score: TopicScore) -> tuple[str, ...]:
    values = (figure(score.precision.value), figure(score.recall.value), figure(score.f1), str(score.support))
    return (score.topic, score.group, *values)


def _topics(e: Evaluation) -> Table:
    return Table(
        "Every topic",
        ("topic", "group", "precision", "recall", "F1", "support"),
        [_topic_row(score) for score in e.topics if score.support],
        texts=2,
    )


def tables(evaluation: Evaluation) -> list[Table]:
    """Everything but the confusions, in the order it is shown."""
    return [make(evaluation) for make in (_summary, _groups, _dangers, _false_alarms, _topics)]


def _example(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= EXAMPLE_CHARACTERS else text[: EXAMPLE_CHARACTERS - 1] + "…"


def plain(table: Table) -> str:
    """The table as aligned text: words to the left, figures to the right."""
    widths = [max(len(row[i]) for row in (table.heads, *table.rows)) for i in range(len(table.heads))]
    lines = [
        "  ".join(
            cell.ljust(width) if i < table.texts else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in (table.heads, *table.rows)
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([table.title.upper(), *lines, *([table.note] if table.note else [])])


def _plain_confusion(confusion: Confusion) -> str:
    lines = [f"{confusion.count:4}  {confusion.expected}  ->  {confusion.answered}"]
    return "\n".join(lines + [f"        {_example(text)}" for text in confusion.examples])


def print_tables(evaluation: Evaluation) -> None:
    """All figures and the worst confusions on standard output."""
    for table in tables(evaluation):
        print(plain(table), end="\n\n")
    print(f"WORST CONFUSIONS\nexpected -> answered, of {len(evaluation.confusions)} pairs")
    for confusion in evaluation.confusions[:WORST]:
        print(_plain_confusion(confusion))


def _html_table(table: Table) -> str:
    def cells(row: tuple[str, ...], tag: str) -> str:
        return "".join(
            f"<{tag}{'' if i < table.texts else ' class=number'}>{escape(cell)}</{tag}>" for i, cell in enumerate(row)
        )

    rows = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows)
    note = f"<p class=note>{escape(table.note)}</p>" if table.note else ""
    head = f"<thead><tr>{cells(table.heads, 'th')}</tr></thead>"
    return f"<section><h2>{escape(table.title)}</h2>{note}<table>{head}<tbody>{rows}</tbody></table></section>"


def _html_confusion(confusion: Confusion) -> str:
    examples = "".join(f"<li>{escape(text)}</li>" for text in confusion.examples)
    return (
        f"<tr><td class=number>{confusion.count}</td><td>{escape(confusion.expected)}</td>"
        f"<td>{escape(confusion.answered)}</td><td><ul>{examples}</ul></td></tr>"
    )


def page(evaluation: Evaluation) -> str:
    """The whole report as one HTML page that loads nothing from anywhere."""
    return PAGE.substitute(
        made=time.strftime("%d %B %Y, %H:%M"),
        count=len(evaluation.outcomes),
        tables="\n".join(_html_table(table) for table in tables(evaluation)),
        worst=min(WORST, len(evaluation.confusions)),
        pairs=len(evaluation.confusions),
        confusions="".join(_html_confusion(c) for c in evaluation.confusions[:WORST]),
        picture=base64.b64encode(confusion_picture(evaluation.outcomes)).decode(),
    )


def write_page(evaluation: Evaluation, path: Path) -> None:
    """Write the page to `path`, making its folder. Raises OSError when it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(evaluation), encoding="utf-8")


PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harbour: evaluation</title>
<style>
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem 1.5rem 4rem; background: #fbfaf7; color: #1d2733;
       font: 16px/1.55 "Iowan Old Style", "Palatino Linotype", Georgia, serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .5rem; }
p { margin: .3rem 0 .8rem; max-width: 42rem; }
.note { color: #566372; font-size: .92rem; }
table { border-collapse: collapse; width: 100%; font: 14px/1.45 system-ui, sans-serif; background: #fff; }
th, td { text-align: left; padding: .38rem .7rem; border-bottom: 1px solid #e4e2da; vertical-align: top; }
th { background: #eef1f2; font-weight: 600; }
tbody tr:hover { background: #f6f8f8; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
ul { margin: 0; padding-left: 1.1rem; }
img { width: 100%; height: auto; border: 1px solid #e4e2da; background: #fff; }
.wide { overflow-x: auto; }
</style>
</head>
<body>
<h1>What the assistant understands</h1>
<p class="note">$count evaluation messages, measured $made by <code>harbour evaluate</code>.</p>
$tables
<section><h2>Worst confusions</h2>
<p class="note">The $worst most frequent of $pairs pairs, with up to three messages each.</p>
<div class="wide"><table><thead><tr><th class="number">count</th><th>expected</th><th>answered</th><th>messages</th></tr></thead>
<tbody>$confusions</tbody></table></div></section>
<section><h2>Confusion matrix</h2>
<p class="note">Each row is the expected topic, each column what was answered; a row adds up to 1. The colours of the labels
tell the groups apart. A perfect assistant has a dark diagonal and nothing else.</p>
<div class="wide"><img alt="Confusion matrix of expected and answered topics; its figures stand in the tables above"
src="data:image/png;base64,$picture"></div></section>
</body>
</html>
""")
