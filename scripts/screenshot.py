"""Takes the README's pictures of the running assistant: `make run` in one terminal, then
`.venv-gateway/bin/python scripts/screenshot.py` in another. Needs Chromium on PATH."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
SAID = ["my lads just got the pellet put in. how long does it last", "can he drink with it"]
DANGER = "hes gone blue and making gurgling noises i cant wake him"


def say(page: Page, text: str) -> None:
    """Type a message and wait until it is answered and the assistant has stopped typing."""
    before = page.get_by_role("log").inner_text()
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "before => document.querySelector('[role=log]').innerText.length > before + 150", arg=len(before)
    )
    page.wait_for_timeout(1200)


def take(address: str) -> None:
    """Write chat.png (desktop), phone.png and danger.png (360 px wide, dark)."""
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if not browser_path:
        sys.exit("No Chromium on PATH: install it and try again.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.goto(address)
        page.get_by_role("log").get_by_text("automated").first.wait_for()
        for text in SAID[:1]:
            say(page, text)
        page.screenshot(path=PICTURES / "chat.png")
        phone = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="dark", device_scale_factor=2)
        phone.goto(address)
        phone.get_by_role("log").get_by_text("automated").first.wait_for()
        say(phone, DANGER)
        phone.screenshot(path=PICTURES / "danger.png")
        browser.close()


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
