"""The confusion matrix as a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure

from harbour.assistant.cases import group_of_topics
from harbour.assistant.figures import ASKED_BACK, GROUPS, Outcome

COLOURS = {"faq": "#1f5f8b", "beyond": "#7a5195", "chat": "#4f6b3a", "safety": "#b3261e", "out_of_scope": "#6b5b3e"}
MARGIN, CELL = 3.2, 0.21  # inches, for the labels and for one topic
DPI = 110
GAMMA = 0.6  # below 1: a single slip in a row can still be seen


def row_shares(outcomes: Sequence[Outcome]) -> tuple[list[str], list[str], np.ndarray]:
    """The topics expected (rows), all answers that occurred (columns) and the rows' shares.

    Topics stand by group in the guide's order; asking back comes last. Each row adds up to 1.
    """
    groups = group_of_topics()
    ordered = [topic for group in GROUPS for topic in groups if groups[topic] == group]
    expected = {o.case.topic for o in outcomes}
    occurred = expected | {o.answered for o in outcomes}
    rows = [topic for topic in ordered if topic in expected]
    columns = [topic for topic in [*ordered, ASKED_BACK] if topic in occurred]
    counts = np.zeros((len(rows), len(columns)))
    for outcome in outcomes:
        counts[rows.index(outcome.case.topic), columns.index(outcome.answered)] += 1
    return rows, columns, counts / counts.sum(axis=1, keepdims=True)


def _ends(topics: list[str]) -> list[float]:
    """Where one group gives way to the next, between cells."""
    groups = [group_of_topics().get(topic, topic) for topic in topics]
    return [i - 0.5 for i in range(1, len(groups)) if groups[i] != groups[i - 1]]


def confusion_picture(outcomes: Sequence[Outcome]) -> bytes:
    """A PNG of the row-normalised confusion matrix of at least one outcome."""
    rows, columns, shares = row_shares(outcomes)
    figure = Figure(figsize=(MARGIN + CELL * len(columns), MARGIN + CELL * len(rows)), dpi=DPI)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", norm=PowerNorm(GAMMA, 0, 1), aspect="auto", interpolation="nearest")
    axes.set_xticks(range(len(columns)), columns, rotation=90)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(labelsize=8, length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    for label in [*axes.get_xticklabels(), *axes.get_yticklabels()]:
        label.set_color(COLOURS.get(group_of_topics().get(label.get_text(), ""), "#333333"))
    for end in _ends(rows):
        axes.axhline(end, color="#9aa5b1", linewidth=0.8)
    for end in _ends(columns):
        axes.axvline(end, color="#9aa5b1", linewidth=0.8)
    axes.set_ylabel("expected")
    axes.set_xlabel("answered")
    axes.xaxis.set_label_position("top")
    axes.spines[:].set_color("#9aa5b1")
    picture = io.BytesIO()
    figure.tight_layout()
    canvas.print_png(picture)
    return picture.getvalue()
