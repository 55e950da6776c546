"""A take's way from the request to the ear, told by a real page to a real Speaker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import cartesia_nb as cnb
from cartesia_nb.notebook.session import Session
from cartesia_nb.speech.stages import Stages, stages
from cartesia_nb.speech.take import Take
from tests.browser.alone import Alone
from tests.browser.kernel import Kernel

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(120)]

TEXT = "Every chunk of this sentence is on its way from the kernel to the ear, and tells when."

# A page whose clock shows a minute more, wherever it can be read.
SHIFT = """(() => {
  const ahead = 60_000;
  const now = performance.now.bind(performance), origin = performance.timeOrigin;
  performance.now = () => now() + ahead;
  Object.defineProperty(performance, 'timeOrigin', { get: () => origin - ahead });
  const stamp = AudioContext.prototype.getOutputTimestamp;
  AudioContext.prototype.getOutputTimestamp = function () {
    const { contextTime, performanceTime } = stamp.call(this);
    return { contextTime, performanceTime: performanceTime > 0 ? performanceTime + ahead : 0 };
  };
})()"""


@pytest.fixture
def tts() -> Iterator[Session]:
    with cnb.connect("local", autoplay=False) as tts:
        yield tts


def wait_for(page: Page, condition: Callable[[], object], else_: Callable[[], object]) -> None:
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError(else_())


def of(take: Take) -> tuple[Stages, ...]:
    return stages(take.timeline, take.words, take.text)


def whole(take: Take) -> bool:
    """Whether the page has told all that it will tell of hearing it to the end."""
    found = of(take)
    return bool(found) and all(stage.audible is not None for stage in found)


def speak(kernel: Kernel, alone: Alone, tts: Session) -> tuple[Take, Locator]:
    """Say something, and hear it to its end."""
    take = tts.say(TEXT)
    kernel.carry(take, play=True)
    player = alone.show(take)
    expect(player.get_by_role("button", name="Play again")).to_be_visible(timeout=60_000)
    wait_for(alone.page, lambda: whole(take), lambda: (take.state, take.error, of(take)))
    return take, player


def held(take: Take) -> None:
    """Every stage of every chunk is known, and follows the one before it."""
    found = of(take)
    assert len(found) == take.timeline.count > 3
    for stage in found:
        error = stage.clock_error
        assert error is not None
        assert stage.sent is not None
        assert stage.arrived is not None
        assert stage.decoded is not None
        assert stage.audible is not None
        assert stage.pushed is not None
        assert stage.pushed < stage.received <= stage.sent
        assert stage.sent <= stage.arrived + error
        assert stage.arrived <= stage.decoded + error
        assert stage.decoded <= stage.audible + error
    for before, after in pairwise(found):
        assert before.audible is not None
        assert after.audible is not None
        least = before.chunk.duration - 0.05  # the sound card's clock is not the page's
        assert after.audible - before.audible >= least


@pytest.mark.parametrize("script", ["", SHIFT], ids=["its own clock", "a minute ahead"])
def test_every_stage_of_a_streamed_take_follows_the_one_before(
    browser: Browser, tts: Session, script: str
) -> None:
    page = browser.new_page()
    page.add_init_script(script)
    alone = Alone(page)
    with Kernel(alone) as kernel:
        take, _ = speak(kernel, alone, tts)
        held(take)
        listening = take.timeline.listening
        assert listening is not None
        assert (listening.number, listening.by_person, listening.disturbed) == (1, False, None)
        assert listening.asked is not None
        assert listening.output is not None
    assert alone.errors == []


def test_a_replay_changes_no_figure(browser: Browser, tts: Session) -> None:
    alone = Alone(browser.new_page())
    with Kernel(alone) as kernel:
        take, player = speak(kernel, alone, tts)
        before = of(take)
        player.get_by_role("button", name="Play again").click()
        wait_for(
            alone.page,
            lambda: len(take.timeline.listenings) == 2 and take.timeline.listenings[1].spans,
            lambda: take.timeline.listenings,
        )
        held(take)
        for was, now in zip(before, of(take), strict=True):
            assert was.audible is not None
            assert now.audible is not None
            assert was.clock_error is not None
            # Later messages may tie the clocks closer together.
            assert abs(was.audible - now.audible) <= was.clock_error
        chosen = take.timeline.listening
        assert chosen is not None
        assert chosen.number == 1
        assert take.timeline.listenings[1].by_person


def test_a_take_that_is_shown_and_not_played_has_no_listening(
    browser: Browser, tts: Session
) -> None:
    alone = Alone(browser.new_page())
    with Kernel(alone) as kernel:
        take = tts.say(TEXT)
        kernel.carry(take, play=False)
        player = alone.show(take)
        take.wait(60)
        # All of it is there, and has been for two reports' time.
        expect(player).to_contain_text("Done", timeout=60_000)
        page = alone.page
        wait_for(page, lambda: kernel.speaker.pages, lambda: alone.sent())
        assert take.timeline.listenings == ()
        assert all(stage.audible is None for stage in of(take))
        assert all(stage.sent is not None for stage in of(take))
