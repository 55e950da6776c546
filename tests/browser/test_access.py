"""The player for those who use it by keyboard, by ear or with weak eyes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypedDict, cast

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import cartesia_nb as cnb
from cartesia_nb.notebook.session import Session
from cartesia_nb.speaker import messages
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone
from tests.browser.lab import ROOT

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(120)]

AXE = (ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js").read_text
TEXT = "Every control has a name, and every name says what happens."

_CHECK = """async () => {
  const found = await axe.run('main', {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  const rows = (results) => results.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, any }) => ({ rule: id, help, at: target.flat().join(' '),
      why: any.map(({ message }) => message).join('; ') })));
  return { broken: rows(found.violations), unsure: rows(found.incomplete),
    passed: found.passes.length };
}"""


class Finding(TypedDict):
    """One thing that axe objects to, or can't judge."""

    rule: str
    help: str
    at: str
    why: str


class Report(TypedDict):
    """What axe says of the players in the page."""

    broken: list[Finding]
    unsure: list[Finding]
    passed: int


@pytest.fixture(scope="module")
def tts() -> Iterator[Session]:
    with cnb.connect("local", autoplay=False) as tts:
        yield tts


@pytest.fixture(scope="module")
def spoken(tts: Session) -> Take:
    """A take that is over, with all that can be shown of one."""
    return tts.say(TEXT, add_phoneme_timestamps=True).wait(30)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 900, "height": 800}) as context:
        yield context.new_page()


def inspect(page: Page) -> Report:
    """What axe says of all that is in the page."""
    page.evaluate(AXE())
    return cast("Report", page.evaluate(_CHECK))


def finished(alone: Alone, take: Take) -> Locator:
    """A player of a take that is over and all here."""
    player = alone.show(take)
    alone.carry(take)
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    alone.pump()
    return player


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
def test_axe_finds_nothing_in_a_finished_player(
    page: Page, spoken: Take, dark: bool, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    alone = Alone(page, dark=dark)
    finished(alone, spoken)
    report = inspect(page)
    assert report["broken"] == []
    assert report["passed"] > 5


LATENCY = re.compile("^Latency: ")


def open_all(player: Locator) -> None:
    """Whatever can be opened or set in a player is."""
    player.get_by_role("button", name=LATENCY).click()
    player.get_by_role("button", name="Loop a region").click()


def with_everything_open(alone: Alone, take: Take) -> None:
    open_all(finished(alone, take))


def while_it_speaks(alone: Alone, take: Take) -> None:
    player = alone.show(take)
    alone.carry(take, play=True)
    alone.pump_until(lambda: player.get_by_text("Speaking").count())


def with_its_kernel_gone(alone: Alone, take: Take) -> None:
    finished(alone, take)
    alone.die()
    alone.show("a take of which nothing came")


def with_a_failure(alone: Alone, take: Take) -> None:
    player = alone.show("failed")
    opened = messages.open_(take._recording, play=False, interrupt=False, now=1)
    alone.send(opened | {"take": "failed", "state": "speaking"})
    ended = messages.end(take._recording, now=2)
    failure = {"take": "failed", "state": "failed", "bytes": 0, "error": "It broke. Try again."}
    alone.send(ended | failure)
    expect(player).to_contain_text("It broke. Try again.")


def with_nothing_but_its_controls(alone: Alone, take: Take) -> None:
    alone.show(take, {"show": []})
    alone.carry(take)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "state",
    [
        with_everything_open,
        while_it_speaks,
        with_its_kernel_gone,
        with_a_failure,
        with_nothing_but_its_controls,
    ],
)
def test_axe_finds_nothing_whatever_a_player_shows(
    page: Page, spoken: Take, state: Callable[[Alone, Take], None], dark: bool
) -> None:
    state(Alone(page, dark=dark), spoken)
    report = inspect(page)
    assert report["broken"] == []
    assert report["passed"] > 5


_FOCUS = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  return {
    name: at.getAttribute('aria-label') ?? at.textContent,
    seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
  };
}"""

_LEAKS = """() => {
  globalThis.leaked = [];
  document.addEventListener('keydown', (event) => leaked.push(event.key));
}"""


class Focus(TypedDict):
    """What has the focus, and whether that can be seen."""

    name: str
    seen: bool


def focus(page: Page) -> Focus:
    return cast("Focus", page.evaluate(_FOCUS))


def tab_to(page: Page, name: str) -> None:
    """Go on with Tab until the control of that name has the focus, visibly."""
    for _ in range(12):
        page.keyboard.press("Tab")
        now = focus(page)
        if now["name"].startswith(name):
            assert now["seen"], f"nothing shows that the focus is on {name}"
            return
    raise AssertionError(f"Tab does not lead to {name}")


def test_every_control_is_reached_and_worked_by_keyboard_alone(page: Page, spoken: Take) -> None:
    alone = Alone(page)
    player = finished(alone, spoken)
    page.evaluate(_LEAKS)
    position = player.get_by_role("slider", name="Position")
    press = page.keyboard.press

    tab_to(page, "Play")
    press("Space")
    expect(player.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    press("Space")
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_focused()

    tab_to(page, "Frequency scale")
    press("Enter")
    expect(player.get_by_role("button", name="Frequency scale: linear")).to_be_focused()

    tab_to(page, "Position")
    for key, says in [
        ("Home", "0 seconds of"),
        ("ArrowRight", "1 second of"),
        ("End", "3 seconds of"),
        ("ArrowLeft", "2 seconds of"),
    ]:
        press(key)
        expect(position).to_have_attribute("aria-valuetext", re.compile(f"^{says}"))
    press("Space")
    expect(player.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    press("Escape")
    expect(position).to_have_attribute("aria-valuetext", re.compile("^0 seconds of"))

    tab_to(page, "Latency")
    press("Enter")
    line = player.get_by_role("button", name=LATENCY)
    expect(line).to_have_attribute("aria-expanded", "true")

    tab_to(page, "Loop a region")
    press("Space")
    expect(player.get_by_role("button", name=re.compile("^(Loop|Stop looping)"))).to_have_attribute(
        "aria-pressed", "true"
    )

    tab_to(page, "Download WAV")
    with page.expect_download() as download:
        press("Enter")
    assert download.value.suggested_filename.endswith(".wav")

    tab_to(page, "Mute")
    press("Space")
    expect(player.get_by_role("button", name="Unmute")).to_be_focused()
    press("m")
    expect(player.get_by_role("button", name="Mute", exact=True)).to_be_focused()

    tab_to(page, "Volume")
    press("ArrowLeft")
    volume = player.get_by_role("slider", name="Volume")
    expect(volume).to_have_attribute("aria-valuetext", re.compile("^9[0-9] percent"))

    # Keys that a notebook would take for its own: M makes a cell Markdown, Escape leaves it.
    leaked = cast("list[str]", page.evaluate("() => leaked"))
    assert set(leaked) == {"Tab"}
    assert alone.errors == []


def test_what_is_typed_elsewhere_is_none_of_the_players_business(page: Page, spoken: Take) -> None:
    alone = Alone(page)
    player = finished(alone, spoken)
    page.evaluate("() => document.body.append(document.createElement('textarea'))")
    page.locator("textarea").click()
    page.keyboard.type("my [looped] melody ")
    expect(page.locator("textarea")).to_have_value("my [looped] melody ")
    expect(player.get_by_role("button", name="Mute", exact=True)).to_be_visible()
    expect(player.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_names_and_states_are_what_a_screen_reader_should_read_out(
    page: Page, spoken: Take
) -> None:
    alone = Alone(page)
    player = finished(alone, spoken)
    read = player.aria_snapshot()
    assert read.startswith(f"- 'group \"Speech player: {TEXT}\"':")
    for control in (
        'button "Play"',
        'slider "Position"',
        'button "Frequency scale: mel"',
        'button "Latency: TTFB',
        'button "Stop" [disabled]',
        'button "Loop a region"',
        'button "Download WAV"',
        'button "Mute"',
        'slider "Volume": "100"',
    ):
        assert control in read, control
    # The words are read where the reader is, never spoken over the voice.
    live = page.evaluate(
        "() => [...document.querySelector('main div div').shadowRoot"
        ".querySelectorAll('[aria-live], [role=status], [role=alert], [role=log]')]"
        ".map((el) => el.textContent)"
    )
    assert live == [""]


def test_nothing_moves_by_itself_where_a_person_asks_for_that(page: Page, spoken: Take) -> None:
    page.emulate_media(reduced_motion="reduce")
    alone = Alone(page)
    while_it_speaks(alone, spoken)
    running = page.evaluate(
        "() => [...document.querySelectorAll('main div')].flatMap((el) =>"
        " el.shadowRoot?.getAnimations({ subtree: true }) ?? [])"
        ".concat(document.getAnimations())"
        ".map((one) => one.animationName ?? one.transitionProperty)"
    )
    assert running == []
