"""The page, its headers, health, and what reaches the log."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from harbour.gateway.assistant import Answer
from harbour.gateway.pages import FOLDER
from harbour.store import NewReply, Store
from tests.gateway.conftest import Join
from tests.gateway.fakes import COUNTRIES, DOWN, Book, FakeAssistant, words

pytestmark = pytest.mark.asyncio


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(url)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


async def test_the_page_shows_the_numbers_without_any_script(url: str) -> None:
    """The strip's links are in the HTML itself, and <noscript> lists every country's lines."""
    page = (await get(url)).text
    tags = _Tags()
    tags.feed(page)
    links = {a["href"] for tag, a in tags.found if tag == "a"}
    assert {"tel:999", "tel:116123", "tel:911", "tel:988", "https://findahelpline.com"} <= links
    noscript = page[page.index("<noscript>") : page.index("</noscript>")]
    assert all(c.name in noscript and c.emergency in noscript for c in COUNTRIES.values())


async def test_the_page_loads_nothing_from_elsewhere(url: str) -> None:
    """Scripts and styles are our own, and no script or style stands in the page."""
    tags = _Tags()
    tags.feed((await get(url)).text)
    for tag, attributes in tags.found:
        if tag == "script" and attributes.get("type") != "application/json":
            assert (attributes["src"] or "").startswith("/assets/")
        if tag == "link" and attributes["rel"] == "stylesheet":
            assert (attributes["href"] or "").startswith("/assets/")
        assert tag != "style" and "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)


async def test_every_file_of_the_page_is_served(url: str) -> None:
    """Each has its type, may be kept for ever under its version, and not under another."""
    page = (await get(url)).text
    paths = re.findall(r'"(/assets/[^"]+)"', page)
    assert len(paths) == 4
    for path in paths:
        response = await get(url + path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(("text/css", "text/javascript", "application/javascript"))
        assert "immutable" in response.headers["cache-control"]
        assert (await get(url + path.split("?")[0])).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/assets/index.html", "/assets/../app.py", "/assets/%2e%2e/app.py", "/nothing"])
async def test_nothing_else_is_served(url: str, path: str) -> None:
    """Only the listed files have an address."""
    assert (await get(url + path)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/assets/chat.js", "/nothing", "/socket.io/?EIO=4&transport=polling"]
)
async def test_every_response_has_the_security_headers(url: str, path: str) -> None:
    """A strict content policy, no sniffing, no referrer, no framing, and no server's name."""
    headers = (await get(url + path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in headers


async def test_the_vendored_script_is_the_published_one() -> None:
    """Its sum is the one its README names."""
    vendor = FOLDER / "vendor"
    found = hashlib.sha256((vendor / "socket.io.min.js").read_bytes()).hexdigest()
    assert found in (vendor / "README.md").read_text()
    assert "MIT" in (vendor / "LICENSE").read_text()


async def test_the_process_is_healthy_whatever_else_is(url: str, assistant: FakeAssistant) -> None:
    """/healthz says that the process is up, and asks nobody."""
    assistant.fail = DOWN
    assert (await get(f"{url}/healthz")).status_code == 200
    assert assistant.asked == []


async def test_ready_means_a_probe_was_answered(url: str, assistant: FakeAssistant) -> None:
    """/readyz asks a real question, once for many askers, and keeps a good result for a while."""
    for _ in range(3):
        response = await get(f"{url}/readyz")
        assert response.status_code == 200
        assert response.json() == {"ready": True, "assistant": "ok", "database": "ok"}
    assert len(assistant.asked) == 1


async def test_not_ready_names_the_part(
    url: str, assistant: FakeAssistant, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 says which part fails; a bad result is not kept."""
    assistant.fail = DOWN
    response = await get(f"{url}/readyz")
    assert (response.status_code, response.json()["assistant"], response.json()["database"]) == (503, "failing", "ok")
    assistant.fail = None

    def full() -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(store, "check_writable", full)
        response = await get(f"{url}/readyz")
    assert (response.status_code, response.json()["assistant"], response.json()["database"]) == (503, "ok", "failing")
    assert (await get(f"{url}/readyz")).status_code == 200


async def test_the_log_holds_nothing_that_people_wrote(join: Join, assistant: FakeAssistant) -> None:
    """Neither messages nor replies nor conversation ids are logged; sizes and times are."""
    with capture_logs() as logs:
        visitor = await join()
        await visitor.say("my secret story", id="m1")
        await visitor.hear(2)
        assistant.fail = ValueError("my secret story")
        await visitor.say("my secret story", id="m2")
        await visitor.hear(3)
        assistant.fail = None
        assistant.reply = lambda q: Answer((NewReply("a private reply"),), {})
        await visitor.say("more")
        await visitor.hear(4)
    text = json.dumps(logs)
    assert "secret" not in text and "private" not in text
    assert assistant.asked[0].conversation not in text
    turn = next(entry for entry in logs if entry["event"] == "turn")
    assert turn["chars"] == 15 and "assistant_ms" in turn


async def test_an_unknown_default_country_stops_the_start() -> None:
    """The message names the setting and what may be written."""
    from harbour.gateway.words import Words

    with pytest.raises(ValueError, match=r"HARBOUR_COUNTRY='XX'.*GB, IE, US, ZZ"):
        Words(Book(), COUNTRIES, "XX")


async def test_the_default_country_comes_first_and_elsewhere_last() -> None:
    """The picker starts with the site's own country."""
    assert [c["code"] for c in words("US").contacts()] == ["US", "IE", "GB", "ZZ"]
