"""`harbour chat`: a conversation in the terminal."""

from __future__ import annotations

import textwrap

import typer

from harbour.assistant.turns import Assistant, Reply, Request
from harbour.contacts import load_countries
from harbour.guide.responses import ResponseBook

WIDTH = 78
LABELS = {"note": "note", "referral": "finding help", "safety": "IMPORTANT"}
COLOURS = {"safety": typer.colors.RED, "note": typer.colors.YELLOW, "referral": typer.colors.CYAN}


def _wrapped(text: str) -> str:
    lines = []
    for line in text.replace("**", "").splitlines():
        hang = "  " if line.startswith("- ") else ""
        lines.append(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="  " + hang) if line else "")
    return "\n".join(lines)


def show(kind: str, text: str, section_title: str = "", buttons: list[dict[str, str]] | None = None) -> None:
    """Print one reply: its label, its text, its section, its buttons by number."""
    typer.echo()
    if kind in LABELS:
        typer.secho(f"  [{LABELS[kind]}]", fg=COLOURS.get(kind), bold=True)
    typer.secho(_wrapped(text), fg=typer.colors.RED if kind == "safety" else None)
    if section_title:
        typer.secho(f"  From the guide: {section_title}", dim=True)
    for number, button in enumerate(buttons or [], 1):
        typer.secho(f"    {number}. {button['title']}", fg=typer.colors.BLUE)


def _request(typed: str, offered: list[dict[str, str]], country: str, context: dict) -> Request:
    """A number is the button with that number; anything else is what it says."""
    if typed.strip().isdigit() and 0 < int(typed) <= len(offered):
        return Request("terminal", button=offered[int(typed) - 1]["payload"], country=country, context=context)
    return Request("terminal", text=typed, country=country, context=context)


async def converse(assistant: Assistant, country: str) -> int:
    """Talk until end of input, Ctrl-C or `quit`; `country` as for NOT_SAID when empty. Returns the exit status."""
    if country and country not in load_countries():
        typer.secho(f"No country {country}: use one of {', '.join(load_countries())}", fg=typer.colors.RED, err=True)
        return 2
    intro = ResponseBook.load().render("utter_intro", country)
    show(intro.kind, intro.text, buttons=intro.buttons)
    offered, context = intro.buttons, {}
    typer.secho("\n  (a number presses a button; quit, or Ctrl-D, leaves)", dim=True)
    while True:
        try:
            typed = input("\n> ")
        except (EOFError, KeyboardInterrupt):
            typer.echo()
            return 0
        if typed.strip().lower() in {"quit", "exit"}:
            return 0
        turn = await assistant.turn(_request(typed, offered, country, context))
        context, country, offered = turn.context, turn.country, []
        for reply in turn.replies:
            _show_reply(reply, offered)


def _show_reply(reply: Reply, offered: list[dict[str, str]]) -> None:
    """Show a reply; its buttons go on counting where the last reply's stopped."""
    show(reply.kind, reply.text, reply.section_title)
    for button in reply.buttons:
        offered.append(button)
        typer.secho(f"    {len(offered)}. {button['title']}", fg=typer.colors.BLUE)
