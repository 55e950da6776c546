"""The latency line and the waterfall of chunks, held to what Python measured of the same take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

import cartesia_nb as cnb
from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(90)]

TEXT = "Every chunk of this sentence is drawn when it comes, and when it is heard."


@pytest.fixture
def tts() -> Iterator[Session]:
    with cnb.connect("local", autoplay=False) as tts:
        yield tts


@pytest.fixture
def alone(browser: Browser) -> Iterator[Alone]:
    context = browser.new_context(viewport={"width": 900, "height": 900})
    alone = Alone(context.new_page())
    # Enough in hand for a machine that is short of time: what runs dry is made to.
    alone.page.evaluate("() => alone.kernel.set('prebuffer', 0.5)")
    yield alone
    context.close()


def line(player: Locator) -> Locator:
    return player.get_by_role("button", name=re.compile("^Latency:"))


def figure(player: Locator, name: str) -> str:
    return player.locator(f".figure.{name} .value").inner_text()


def heard(alone: Alone, take: Take) -> Locator:
    player = alone.show(take)
    alone.carry(take, play=True)
    alone.pump_until(lambda: player.get_by_role("button", name="Play again").count())
    return player


def seconds(text: str) -> float:
    number, unit = text.rstrip("…").split()
    return float(number) / (1000 if unit == "ms" else 1)


def test_the_figures_are_those_that_python_measured(alone: Alone, tts: Session) -> None:
    take = tts.say(TEXT)
    player = heard(alone, take)
    metrics = take.metrics
    assert metrics.ttfb is not None
    assert metrics.rtf is not None
    assert metrics.ttfa is not None
    assert seconds(figure(player, "ttfa")) == pytest.approx(metrics.ttfa, abs=0.0006)
    assert seconds(figure(player, "ttfb")) == pytest.approx(metrics.ttfb, abs=0.0006)
    assert float(figure(player, "rtf")) == pytest.approx(metrics.rtf, abs=0.0006)
    assert figure(player, "chunks") == str(metrics.chunks)
    # It cannot sound before it came.
    assert seconds(figure(player, "sound")) >= metrics.ttfb - 0.0006
    assert figure(player, "prebuffer") == "500 ms fixed"
    assert figure(player, "dry") == "none"
    assert figure(player, "ahead") == "—"
    assert alone.errors == []


def test_it_opens_and_goes_from_chunk_to_chunk_by_keyboard(alone: Alone, tts: Session) -> None:
    take = tts.say(TEXT)
    player = heard(alone, take)
    chunk = player.get_by_role("slider", name="Chunk")
    expect(line(player)).to_have_attribute("aria-expanded", "false")
    expect(chunk).to_be_hidden()
    line(player).focus()
    alone.page.keyboard.press("Enter")
    expect(line(player)).to_have_attribute("aria-expanded", "true")
    expect(player).to_contain_text(f"{take.metrics.chunks} chunks brought {take.duration:.2f} s")
    position = player.get_by_role("slider", name="Position").get_attribute("aria-valuenow")
    alone.page.keyboard.press("Tab")
    expect(chunk).to_be_focused()
    count = take.metrics.chunks
    for key, number in (("ArrowDown", 2), ("End", count), ("ArrowUp", count - 1), ("Home", 1)):
        alone.page.keyboard.press(key)
        expect(chunk).to_have_attribute("aria-valuenow", str(number))
        expect(chunk).to_have_attribute(
            "aria-valuetext", re.compile(rf"^chunk {number} of {count} · .* bytes · received")
        )
    (first, *_) = take.timeline.to_records()
    expect(chunk).to_have_attribute(
        "aria-valuetext",
        re.compile(rf"{first['size']:,} bytes · received {first['since_request']:.3f} s"),
    )
    # The sound stayed where it was.
    expect(player.get_by_role("slider", name="Position")).to_have_attribute(
        "aria-valuenow", str(position)
    )
    alone.page.keyboard.press("Shift+Tab")
    alone.page.keyboard.press("Enter")
    expect(chunk).to_be_hidden()
    assert alone.errors == []


def test_a_stall_of_the_stream_is_one_dry_spell(alone: Alone, tts: Session, pictures: Path) -> None:
    assert tts.engine is not None
    tts.engine.start()
    tts.engine.control(hold_last_chunk=True)
    take = tts.say(TEXT)
    player = alone.show(take)
    line(player).click()
    alone.carry(take, play=True)
    alone.pump_until(lambda: figure(player, "dry").startswith("1, "))
    expect(player.locator(".legend .dry")).to_have_text("dry spell")
    player.screenshot(path=pictures / "latency-stalled.png")
    tts.engine.control(hold_last_chunk=False)
    alone.pump_until(lambda: player.get_by_role("button", name="Play again").count())
    assert re.fullmatch(r"1, [\d.]+ m?s", figure(player, "dry"))
    expect(player).to_contain_text("ran dry once")
    player.get_by_role("button", name="Play again").click()
    # A replay changes nothing of what the stream was like.
    alone.pump_until(lambda: player.get_by_role("button", name="Play again").count())
    assert re.fullmatch(r"1, [\d.]+ m?s", figure(player, "dry"))
    assert alone.errors == []


def test_a_page_that_comes_later_says_what_it_cannot_know(alone: Alone, tts: Session) -> None:
    take = tts.say(TEXT).wait(30)
    player = heard(alone, take)
    line(player).click()
    assert take.metrics.ttfb is not None
    assert seconds(figure(player, "ttfb")) == pytest.approx(take.metrics.ttfb, abs=0.0006)
    assert take.metrics.ttfa is not None
    assert seconds(figure(player, "ttfa")) == pytest.approx(take.metrics.ttfa, abs=0.0006)
    assert (figure(player, "sound"), figure(player, "dry")) == ("—", "—")
    expect(player.locator(".figure.sound")).to_have_attribute("title", re.compile("shown later$"))
    expect(player).to_contain_text("when they came to this page is not known")
    # Who cannot point reads the reasons as well.
    expect(player.get_by_role("definition").nth(2)).to_contain_text("shown later")
    assert alone.errors == []
