"""The page `/` as a visitor meets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from harbour.gateway.assistant import Answer, Question
from harbour.store import NewReply
from tests.browser.conftest import Site
from tests.gateway.fakes import DOWN, FakeAssistant


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.keyboard.press("Enter")


def mine(page: Page) -> list[str]:
    return page.locator(".mine .typed").all_text_contents()


def test_a_whole_conversation(page: Page) -> None:
    """Introduction, a question, a typing indicator, and an answer with its section."""
    expect(page.locator(".theirs").first).to_contain_text("I am automated")
    say(page, "what is it")
    expect(page.locator(".theirs").nth(1)).to_contain_text("You said: what is it")
    expect(page.locator(".source")).to_have_text("From the guide: Opening")
    expect(page.locator("#typing")).to_be_hidden()
    assert mine(page) == ["what is it"]
    expect(page.get_by_label("Your message")).to_be_focused()


def test_the_visitor_sees_that_somebody_is_writing(page: Page, assistant: FakeAssistant) -> None:
    """While the assistant thinks, the page says so."""
    assistant.delay = 1
    say(page, "hello")
    expect(page.locator("#typing")).to_be_visible()
    expect(page.locator("#typing")).to_be_hidden()


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror=\"document.title='owned'\">",
        "<script>document.title='owned'</script>",
        "[x](javascript:document.title='owned')",
        "**<b onmouseover=alert(1)>bold</b>**",
    ],
)
def test_markup_is_shown_as_typed(page: Page, text: str) -> None:
    """On both sides of the conversation, before and after a reload, markup is only letters."""
    say(page, text)
    expect(page.locator(".theirs").nth(1)).to_contain_text("You said:")
    page.reload()
    page.wait_for_selector(".mine")
    assert mine(page) == [text]
    assert page.locator("#log").locator("img, script, b").count() == 0
    assert page.locator("#log a").count() == 0
    assert page.title() == "Harbour"


def _rich(question: Question) -> Answer:
    text = (
        "**Call 999 now.** Do not wait.\n- First, stay\n• Then breathe\n\n"
        "Samaritans on 116 123, or https://example.org/help. Not a number: 19990, 116 1234.\n"
        "javascript:alert(1) data:text/html,x sms:85258 or text FRANK to 82111"
    )
    return Answer(
        (
            NewReply(text, "safety", "utter_emergency"),
            NewReply("**Safety note – not from the guide:** Take care.", "note"),
            NewReply("A doctor can help.", "referral"),
        ),
        {},
    )


def test_kinds_look_different_and_text_is_laid_out(page: Page, assistant: FakeAssistant) -> None:
    """Safety, note and referral each have a label; bold, lists and safe links are made, nothing else."""
    assistant.reply = _rich
    say(page, "help")
    safety = page.locator(".kind-safety")
    expect(safety.locator(".label")).to_have_text("Urgent help")
    expect(safety.locator("p > strong")).to_have_text("Call 999 now.")
    assert safety.locator("li").all_text_contents() == ["First, stay", "Then breathe"]
    links = {a.text_content(): a.get_attribute("href") for a in safety.locator("a").all()}
    assert links == {
        "999": "tel:999",
        "116 123": "tel:116123",
        "https://example.org/help": "https://example.org/help",
        "sms:85258": "sms:85258",
        "FRANK to 82111": "sms:82111?body=FRANK",
    }
    expect(page.locator(".kind-note .label")).to_have_text("Safety note – not from the guide")
    expect(page.locator(".kind-note p")).to_have_text("Take care.")
    expect(page.locator(".kind-referral .label")).to_have_text("People who can help")
    backgrounds = [
        page.locator(kind).first.evaluate("e => getComputedStyle(e).backgroundColor")
        for kind in (".kind-safety", ".kind-note", ".kind-chat")
    ]
    assert len(set(backgrounds)) == 3


def test_a_button_is_pressed_once(page: Page, assistant: FakeAssistant) -> None:
    """Pressing shows its title as the visitor's words; a second press of the same does nothing."""
    assistant.reply = lambda q: Answer((NewReply(f"Got {q.button}", buttons=(("The dose", "/faq/dose"),)),), {})
    say(page, "?")
    button = page.get_by_role("button", name="The dose").first
    button.click()
    expect(page.locator(".theirs").nth(2)).to_contain_text("Got /faq/dose")
    button.click(force=True)
    page.wait_for_timeout(300)
    assert mine(page) == ["?", "The dose"]
    assert len(assistant.asked) == 2


def test_urgent_help_is_always_there(page: Page, assistant: FakeAssistant) -> None:
    """Real links above the box, in the window's view however long the conversation, 44 pixels high."""
    assistant.reply = lambda q: Answer((NewReply("line\n\n" * 60),), {})
    say(page, "hello")
    expect(page.locator(".theirs").nth(1)).to_be_attached()
    danger, talk = page.locator("#danger"), page.locator("#talk")
    assert danger.get_attribute("href") == "tel:999" and talk.get_attribute("href") == "tel:116123"
    expect(danger).to_have_text("In danger? Call 999")
    expect(talk).to_have_text("Need to talk? Samaritans 116 123")
    for target in (danger, talk, page.get_by_label("Country"), page.get_by_role("button", name="Send")):
        expect(target).to_be_in_viewport(ratio=1)
        box = target.bounding_box()
        assert box and box["height"] >= 44


def test_the_country_changes_the_numbers(page: Page, assistant: FakeAssistant) -> None:
    """The picker changes the strip at once, the assistant's next turn, and what a reload shows."""
    page.get_by_label("Country").select_option("US")
    expect(page.locator("#danger")).to_have_text("In danger? Call 911")
    expect(page.locator("#talk")).to_have_attribute("href", "tel:988")
    say(page, "hi")
    expect(page.locator(".theirs").nth(1)).to_be_visible()
    assert assistant.asked[0].country == "US"
    page.reload()
    expect(page.locator("#danger")).to_have_text("In danger? Call 911")
    page.get_by_label("Country").select_option("ZZ")
    expect(page.locator("#danger")).to_have_text("In danger? Call 112 or your local emergency number")
    expect(page.locator("#talk")).to_have_attribute("href", "https://findahelpline.com")


def test_until_a_country_is_known_the_page_asks_and_claims_nothing(page: Page, assistant: FakeAssistant) -> None:
    """The site's own numbers stand in the strip, the picker asks, and the assistant is told no country."""
    expect(page.get_by_label("Country")).to_have_value("")
    expect(page.locator("#country option:checked")).to_have_text("Not in United Kingdom?")
    say(page, "hi")
    expect(page.locator(".theirs").nth(1)).to_be_visible()
    assert assistant.asked[0].country == ""
    page.reload()
    page.wait_for_selector(".mine")
    expect(page.get_by_label("Country")).to_have_value("")
    expect(page.locator("#danger")).to_have_text("In danger? Call 999")


def test_the_newest_word_counts_where_somebody_picked_and_said_one(page: Page, assistant: FakeAssistant) -> None:
    """A country said after one was picked stays, through the next message and a reload."""
    page.get_by_label("Country").select_option("US")
    assistant.reply = lambda q: Answer((NewReply("ok"),), {}, country="IE" if q.text == "im in cork" else q.country)
    say(page, "im in cork")
    expect(page.get_by_label("Country")).to_have_value("IE")
    say(page, "and now?")
    expect(page.locator(".theirs").nth(2)).to_be_visible()
    assert [q.country for q in assistant.asked] == ["US", "IE"]
    page.reload()
    expect(page.get_by_label("Country")).to_have_value("IE")


def test_a_site_can_say_the_country_in_the_address(window: BrowserContext, site: Site) -> None:
    """`/?country=IE` opens a conversation with Irish numbers; what is no country of ours is ignored."""
    for address, value in (("/?country=IE", "IE"), ("/?country=atlantis", "")):
        tab = window.new_page()
        tab.goto(site.url + address)
        tab.wait_for_selector(".theirs")
        expect(tab.get_by_label("Country")).to_have_value(value)


def test_a_country_that_the_assistant_learns_changes_the_strip(page: Page, assistant: FakeAssistant) -> None:
    """Somebody who says where they are gets the numbers of that place."""
    assistant.reply = lambda q: Answer((NewReply("ok"),), {}, country="IE")
    say(page, "im in cork")
    expect(page.locator("#danger")).to_have_text("In danger? Call 112 or 999")
    expect(page.get_by_label("Country")).to_have_value("IE")


def test_a_reload_keeps_the_conversation(page: Page) -> None:
    """The same messages in the same order, once, and the token is all that the browser keeps."""
    say(page, "one")
    expect(page.locator(".theirs").nth(1)).to_be_visible()
    before = page.locator("#log").inner_text()
    page.reload()
    expect(page.locator(".theirs").nth(1)).to_be_visible()
    page.wait_for_timeout(200)
    assert page.locator("#log").inner_text() == before
    assert page.evaluate("Object.keys(sessionStorage)") == ["harbour.session"]
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []


def test_another_tab_is_another_conversation(page: Page, window: BrowserContext, site: Site) -> None:
    """The session ends with its tab: a new one knows nothing of the first."""
    say(page, "my secret")
    expect(page.locator(".theirs").nth(1)).to_be_visible()
    other = window.new_page()
    other.goto(site.url)
    other.wait_for_selector(".theirs")
    assert mine(other) == []


def test_what_is_written_without_a_server_is_sent_once(page: Page, site: Site, assistant: FakeAssistant) -> None:
    """The banner says so, the numbers stay, and the message is answered once when the server is back."""
    site.stop()
    say(page, "are you there")
    expect(page.locator("#banner")).to_contain_text("No connection")
    expect(page.locator(".mine .state")).to_have_text("Waiting for connection")
    expect(page.locator("#danger")).to_be_visible()
    assert assistant.asked == []
    site.start()
    expect(page.locator(".theirs").nth(1)).to_contain_text("You said: are you there", timeout=20_000)
    expect(page.locator("#banner")).to_be_hidden()
    page.wait_for_timeout(500)
    assert mine(page) == ["are you there"]
    assert page.locator(".mine .state").count() == 0
    assert [q.text for q in assistant.asked] == ["are you there"]


def test_a_reply_missed_while_away_comes_once(page: Page, site: Site, assistant: FakeAssistant) -> None:
    """The server stops in the middle of a turn: after its return the answer is there, once."""
    assistant.delay = 30
    say(page, "hello")
    expect(page.locator("#typing")).to_be_visible()
    site.stop()
    assistant.delay = 0
    site.start()
    expect(page.locator(".theirs").nth(1)).to_contain_text("You said: hello", timeout=20_000)
    page.wait_for_timeout(500)
    assert page.locator(".theirs").count() == 2
    assert mine(page) == ["hello"]


def test_the_assistant_is_down_and_the_visitor_is_told(page: Page, assistant: FakeAssistant) -> None:
    """The honest word with numbers that can be tapped."""
    assistant.fail = DOWN
    say(page, "hello")
    reply = page.locator(".theirs").nth(1)
    expect(reply).to_contain_text("I can't answer right now")
    expect(reply.locator("a").first).to_have_attribute("href", "tel:999")


def test_too_long_and_empty_stay_in_the_box(page: Page, assistant: FakeAssistant) -> None:
    """A hint says what to do; nothing that was typed is lost, nothing is sent."""
    box = page.get_by_label("Your message")
    box.fill("é" * 4097)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#hint")).to_contain_text("too long")
    assert len(box.input_value()) == 4097
    box.fill("   ")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#hint")).to_contain_text("Type your question")
    assert assistant.asked == [] and mine(page) == []


def test_reading_is_not_disturbed(page: Page, assistant: FakeAssistant) -> None:
    """An answer is shown from its start; who has scrolled up stays there when the next one comes."""
    assistant.reply = lambda q: Answer((NewReply("line\n\n" * 60),), {})
    say(page, "first")
    reply = page.locator(".theirs").nth(1)
    expect(reply).to_be_visible()
    expect(page.locator(".mine").first).to_be_in_viewport()
    assistant.delay = 0.6
    say(page, "second")
    page.locator("#scroller").evaluate("e => e.scrollTop = 0")
    expect(page.locator(".theirs").nth(2)).to_be_attached()
    page.wait_for_timeout(200)
    assert page.locator("#scroller").evaluate("e => e.scrollTop") == 0


def test_shift_enter_is_a_new_line(page: Page) -> None:
    """Longer messages can have lines, and keep them."""
    box = page.get_by_label("Your message")
    box.type("one")
    page.keyboard.press("Shift+Enter")
    box.type("two")
    page.keyboard.press("Enter")
    expect(page.locator(".mine .typed")).to_have_text("one\ntwo")


def test_the_keyboard_alone_is_enough(page: Page, assistant: FakeAssistant) -> None:
    """Tab reaches everything in order; Enter sends and presses."""
    assistant.reply = lambda q: Answer((NewReply("Which?", buttons=(("The dose", "/faq/dose"),)),), {})
    say(page, "?")
    expect(page.get_by_role("button", name="The dose")).to_be_visible()
    focused = "document.activeElement.id || document.activeElement.textContent"
    order = ["Skip to the message box", "scroller", "The dose", "danger", "talk", "country", "message", "send"]
    while page.evaluate(focused) != order[0]:
        page.keyboard.press("Tab")
    reached = [order[0]]
    while reached[-1] != order[-1]:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(focused))
    assert reached == order


def test_a_screen_reader_finds_the_conversation(page: Page) -> None:
    """One log with a name, polite, and who says what is in the text."""
    log = page.get_by_role("log", name="Conversation")
    assert log.get_attribute("aria-live") == "polite"
    say(page, "hello")
    expect(log).to_contain_text("You: hello")
    expect(log).to_contain_text("Harbour: You said: hello")
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_can_be_read(chromium: Browser, site: Site, width: int, scheme: str) -> None:
    """No sideways scrolling, and text with a contrast of 4.5 to 1, on phone and desk, light and dark."""
    context = chromium.new_context(viewport={"width": width, "height": 568}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    site.assistant.reply = _rich
    page.goto(site.url)
    page.wait_for_selector(".theirs")
    say(page, "a" * 300)
    page.wait_for_selector(".kind-referral")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    scroller = page.locator("#scroller")
    assert scroller.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert scroller.evaluate("e => e.clientHeight") > 150
    faint = page.evaluate(CONTRAST)
    assert faint == []
    context.close()


CONTRAST = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  const faint = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || e.closest('noscript, .skip, .unseen, option')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push([e.tagName, e.className, e.textContent.slice(0, 30), ratio]);
  }
  return faint;
}"""


def test_it_stands_still_for_those_who_want_that(chromium: Browser, site: Site, assistant: FakeAssistant) -> None:
    """With reduced motion nothing is animated."""
    assistant.delay = 1
    context = chromium.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.url)
    page.wait_for_selector(".theirs")
    say(page, "hi")
    expect(page.locator("#typing")).to_be_visible()
    assert page.locator(".dots i").first.evaluate("e => getComputedStyle(e).animationName") == "none"
    context.close()


def test_without_javascript_the_numbers_are_there(launch: Callable[..., Browser], site: Site) -> None:
    """Every country's lines as links, and the strip for the site's own country."""
    browser = launch("--blink-settings=scriptEnabled=false")
    page = browser.new_page()
    page.goto(site.url)
    expect(page.locator(".plain h2")).to_be_visible()
    expect(page.get_by_role("link", name="In danger? Call 999")).to_be_visible()
    page.locator(".plain a[href='tel:911']").click(trial=True)  # reachable, and nothing lies over it
    page.locator("#danger").click(trial=True)
    browser.close()


def test_without_its_socket_script_the_numbers_are_there(window: BrowserContext, site: Site) -> None:
    """A script that did not arrive: the page says there is no connection, and the picker still works."""
    page = window.new_page()
    page.route("**/socket.io.min.js*", lambda route: route.abort())
    page.goto(site.url)
    expect(page.locator("#banner")).to_contain_text("No connection")
    page.get_by_label("Country").select_option("US")
    expect(page.locator("#danger")).to_have_text("In danger? Call 911")
