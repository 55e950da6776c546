"""The player for those who use it by keyboard, by ear or with weak eyes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, cast

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import cartesia_nb as cnb
from cartesia_nb.notebook.session import Session
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
    return tts.say(TEXT).wait(30)


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
