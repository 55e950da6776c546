"""Takes beside each other in a real page: what is heard at a switch, and what keys do there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Locator, expect

import cartesia_nb as cnb
from cartesia_nb.speech.take import Take
from cartesia_nb.tuning.places import Spoken, places
from cartesia_nb.tuning.stimuli import neutral
from tests.browser import tap
from tests.browser.alone import Alone
from tests.browser.ears import RATE, Ears, Recording
from tests.browser.lab import ROOT

pytestmark = [pytest.mark.needs("browser", "sound"), pytest.mark.timeout(120)]

Samples = NDArray[np.float32]

TEXT = "Your table for two is booked for eight o'clock, and the kitchen closes at ten."
FADE = 0.02
"""Seconds in which the one fades into the other: no other sample of either is altered."""
OFF = 0.001
"""Seconds by which the place after a switch may miss the one that corresponds."""
GAP = 0.1
"""Seconds of silence that may lie between takes of different rates, each on a clock of its own."""

AXE = (ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js").read_text
_CHECK = """async () => {
  const found = await axe.run('main', {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  });
  return [found.violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id} | ${help} | ${target.flat().join(' ')}`)),
    found.passes.length];
}"""
_HERE = """(names) => names.every((name) => {
  const take = globalThis[Symbol.for('cartesia_nb')].stage.playback(`s/${name}`)?.take;
  return take !== undefined && take.settled && take.store.size === take.promised.bytes;
})"""


class Part(NamedTuple):
    """A stretch of a tape that is a stretch of a take, bit for bit."""

    start: int
    end: int
    #: The take's sample at `start`.
    place: int

    @property
    def left(self) -> int:
        """The take's sample at `end`."""
        return self.place + self.end - self.start


def part(run: Samples, take: Samples, start: int) -> Part:
    """The longest stretch of a take around sample `start` of a tape. Fails if there is none."""
    window = run[start : start + 600]
    mark = int(np.abs(window).argmax())
    for found in np.flatnonzero(take == window[mark]):
        place = int(found) - mark
        if place >= 0 and np.array_equal(take[place : place + len(window)], window):
            break
    else:
        raise AssertionError(f"sample {start} of the tape is of another take, or altered")
    back = min(start, place)
    alike = run[start - back : start] == take[place - back : place]
    before = back if alike.all() else int(np.argmin(alike[::-1]))
    size = min(len(run) - start, len(take) - place)
    same = run[start : start + size] == take[place : place + size]
    after = size if same.all() else int(np.argmin(same))
    return Part(start - before, start + after, place - before)


def steepest(samples: Samples) -> float:
    return float(np.abs(np.diff(samples)).max())


def tone(seconds: float, rate: int, low: float) -> Take:
    """A take without a pause and without two places that sound alike: a tone that rises."""
    at = np.arange(round(seconds * rate)) / rate
    wave = 0.3 * np.sin(2 * np.pi * (low * at + 40 * at * at))
    return Take(neutral((wave * 32767).astype("<i2").tobytes(), rate))


def traits(takes: Sequence[Take], names: Sequence[str], **more: object) -> dict[str, object]:
    """What a Listening, or a blind test, tells its page."""
    common = places([Spoken.of(take.samples, take.sample_rate, take.words) for take in takes])
    rows = [{"take": take.id, "name": name} for take, name in zip(takes, names, strict=True)]
    return {
        "mode": "listen",
        "label": "Takes to listen to",
        "stimuli": rows,
        "places": [list(row) for row in common.seconds],
        "words": [[spelled[0], index] for spelled, index in common.words],
        "note": "Loudness as it is; they are equally loud.",
        **more,
    }


def trial(takes: Sequence[Take], number: int) -> dict[str, object]:
    return traits(takes, ["A", "B", "X"], mode="abx", trial=number, trials=2,
                  question="Which is X?", choices=["A", "B"])  # fmt: skip


def shown(alone: Alone, takes: Sequence[Take], given: dict[str, object]) -> Locator:
    """The card, once all sound is in the page."""
    for take in takes:
        alone.carry(take)
    card = alone.listen(given)
    names = [take.id for take in takes]
    alone.pump_until(lambda: alone.page.evaluate(_HERE, names))
    return card


def beyond(card: Locator, seconds: float) -> bool:
    return float(card.get_by_role("slider", name="Position").input_value()) > seconds


def hear_all(alone: Alone, card: Locator) -> None:
    for key in "123":
        alone.page.keyboard.press(key)
        tile = card.locator(".tile").nth(int(key) - 1)
        expect(tile).not_to_have_attribute("aria-label", re.compile("not heard yet"))


def stands(alone: Alone, take: Take) -> float:
    """The second at which a take stands in the page."""
    at = "(name) => globalThis[Symbol.for('cartesia_nb')].stage.playback(name).position"
    return cast("float", alone.page.evaluate(at, f"s/{take.id}"))


def heard_in_turn(alone: Alone, card: Locator, switches: Sequence[float]) -> None:
    """Key 1, and at each second of the one that is heard the next key; then to the end."""
    card.focus()
    alone.page.keyboard.press("1")
    for key, seconds in enumerate(switches, 2):
        alone.pump_until(partial(beyond, card, seconds))
        alone.page.keyboard.press(str(key))
        expect(card.locator(".tile").nth(key - 1)).to_have_attribute("aria-pressed", "true")
    alone.pump_until(lambda: card.get_by_role("button", name="Play again").count())
    alone.page.wait_for_timeout(600)


def axe(alone: Alone) -> None:
    alone.page.evaluate(AXE())
    broken, passed = cast("tuple[list[str], int]", alone.page.evaluate(_CHECK))
    assert broken == []
    assert passed > 5


def silence(recording: Recording) -> float:
    """The longest between the first sound and the last, in seconds."""
    samples = recording.samples
    loud = np.flatnonzero(np.abs(samples) > 0.05)
    return float(np.diff(loud).max()) / RATE


@pytest.fixture(scope="module")
def spoken() -> Iterator[list[Take]]:
    """One sentence at three speeds."""
    with cnb.connect("local", autoplay=False) as tts:
        said = [tts.say(TEXT, play=False, speed=speed) for speed in (1.0, 0.7, 1.4)]
        yield [take.wait(30) for take in said]


@pytest.fixture
def alone(context: BrowserContext) -> Iterator[Alone]:
    alone = Alone(context.new_page())
    yield alone
    assert alone.errors == []


def again(context: BrowserContext, attempt: Callable[[Alone], None]) -> None:
    """Make an attempt, twice more where it fails: a busy machine's audio thread may hear of a
    hand-over too late. What is broken fails each time."""
    for left in (2, 1, 0):
        alone = Alone(context.new_page())
        try:
            attempt(alone)
        except AssertionError:
            if left == 0:
                raise
        else:
            assert alone.errors == []
            return


def test_a_switch_in_mid_sentence_goes_on_at_the_same_word_without_a_click_or_a_gap(
    context: BrowserContext, spoken: list[Take], pictures: Path
) -> None:
    given = traits(spoken, ["as usual", "slow", "fast"])

    def attempt(alone: Alone) -> None:
        card = shown(alone, spoken, given)
        heard_in_turn(alone, card, [begins(spoken[0], "booked"), begins(spoken[1], "kitchen")])
        rate = spoken[0].sample_rate
        (tape,) = [tape for tape in tap.read(alone.page) if tape.sample_rate == rate]
        smooth(tape.run, spoken, cast("list[list[float]]", given["places"]))

    again(context, attempt)

    alone = Alone(context.new_page())
    look(alone, shown(alone, spoken, given), pictures)


def smooth(run: Samples, spoken: list[Take], rows: list[list[float]]) -> None:
    """That a tape holds the takes in turn, each left at a place where the next goes on."""
    rate = spoken[0].sample_rate
    first = int(np.flatnonzero(run)[0])
    parts = [part(run, spoken[0].samples, first)]
    for take in spoken[1:]:
        parts.append(part(run, take.samples, parts[-1].end + round(5 * FADE * rate)))
    assert parts[0].place == first - parts[0].start, "from its first sample on"

    for index in (1, 2):
        a, b = parts[index - 1 : index + 1]
        was, now = spoken[index - 1], spoken[index]
        # All but the fade is either of them, bit for bit: no silence can be longer.
        fade = b.start - a.end
        assert 0.9 * FADE * rate < fade <= FADE * rate + 2
        place = b.place - fade
        wanted = float(np.interp(a.left / rate, rows[index - 1], rows[index]))
        assert abs(place / rate - wanted) < OFF
        assert word(was, a.left / rate) == word(now, wanted)
        around = run[a.end - 1 : b.start + 1]
        left = was.samples[a.left - 1 : a.left + fade + 1]
        begun = now.samples[place - 1 : place + fade + 1]
        assert (around >= np.minimum(left, begun) - 1e-6).all()
        assert (around <= np.maximum(left, begun) + 1e-6).all()
        slope = max(steepest(left), steepest(begun))
        assert steepest(around) <= slope + 2 * np.abs(left - begun).max() / (FADE * rate) + 1e-6
    # It is heard to its end, and what was left stays silent after it.
    assert parts[2].left == len(spoken[2].samples)
    after = run[parts[2].end :]
    assert len(after) > 0.4 * rate
    assert not after.any()


def begins(take: Take, text: str) -> float:
    return next(word.start for word in take.words if word.text == text)


def word(take: Take, seconds: float) -> int:
    """Which of a take's words has begun."""
    return sum(each.start <= seconds for each in take.words)


def look(alone: Alone, card: Locator, pictures: Path) -> None:
    axe(alone)
    card.screenshot(path=pictures / "listening-light.png")
    alone.theme(dark=True)
    axe(alone)
    card.screenshot(path=pictures / "listening-dark.png")
    alone.theme(dark=False)
    alone.page.set_viewport_size({"width": 320, "height": 800})
    axe(alone)
    card.screenshot(path=pictures / "listening-narrow.png")
    assert card.evaluate("(el) => el.scrollWidth - el.clientWidth") <= 0


def test_takes_of_different_rates_follow_each_other_at_the_same_place(
    context: BrowserContext, ears: Ears
) -> None:
    takes = [tone(2.5, 16_000, 300), tone(4.0, 24_000, 500), tone(3.0, 44_100, 800)]
    rows = [[0, take.duration] for take in takes]
    given = traits(takes, ["low", "middle", "high"], words=[], places=rows)

    def attempt(alone: Alone) -> None:
        card = shown(alone, takes, given)
        with ears.record() as recording:
            heard_in_turn(alone, card, [1.0, 2.6])
        turns = [turn(tap.read(alone.page), take) for take in takes]
        for index in (1, 2):
            left = turns[index - 1][1] / takes[index - 1].duration
            begun = turns[index][0] / takes[index].duration
            assert abs(begun - left) * takes[index].duration < OFF
        assert silence(recording) < GAP

    again(context, attempt)


def turn(tapes: Sequence[tap.Tape], take: Take) -> tuple[float, float]:
    """From which second of a take to which it is heard: once, and never again."""
    rate = take.sample_rate
    (run,) = [tape.run for tape in tapes if tape.sample_rate == rate]
    loud = np.flatnonzero(run)
    one = part(run, take.samples, int(loud[0]) + round(5 * FADE * rate))
    assert one.start - loud[0] <= FADE * rate + 2
    assert loud[-1] - one.end <= FADE * rate + 2
    most = steepest(take.samples) + 2 * 0.3 / (FADE * rate)
    assert steepest(run[max(0, loud[0] - 1) : loud[-1] + 2]) <= most
    return (one.place - (one.start - int(loud[0]))) / rate, one.left / rate


def test_keys_answer_a_trial_once_and_only_where_they_are_meant_to(
    alone: Alone, pictures: Path
) -> None:
    takes = [tone(0.5, 24_000, low) for low in (300, 500, 800)]
    card = shown(alone, takes, trial(takes, 1))
    press, focused = alone.page.keyboard.press, "(el) => el.getRootNode().activeElement === el"
    tiles = card.locator(".tile")
    why = card.locator(".why")
    card.focus()
    press("a")
    press("Enter")
    expect(why).to_have_text("Listen to A, B and X before you answer.")
    hear_all(alone, card)
    press("a")
    expect(why).to_contain_text("A is chosen. Press Enter")
    axe(alone)
    card.screenshot(path=pictures / "blind-trial.png")

    # Enter and Space on a stimulus hear it again; by habit Shift+Enter would run the cell.
    alone.pump_until(lambda: card.get_by_role("button", name="Play again").count())
    tiles.nth(1).focus()
    press("Enter")
    expect(tiles.nth(1)).to_have_attribute("aria-label", re.compile("^Pause B"))
    press("Space")
    expect(tiles.nth(1)).to_have_attribute("aria-label", re.compile("^Hear B"))
    card.focus()
    press("Shift+Enter")
    # A slider's arrows are its own; the others go through the take.
    volume = card.get_by_role("slider", name="Volume")
    press("End")
    assert stands(alone, takes[1]) == takes[1].duration
    volume.focus()
    press("ArrowLeft")
    assert volume.input_value() == "99"
    assert stands(alone, takes[1]) == takes[1].duration
    card.get_by_role("slider", name="Position").focus()
    press("Home")
    assert stands(alone, takes[1]) == 0
    assert alone.answers() == []

    # A person chooses by mouse, and holds Enter while the next trial comes.
    card.get_by_role("button", name="B", exact=True).click()
    assert card.evaluate(focused)
    alone.page.keyboard.down("Enter")
    alone.page.keyboard.down("Enter")
    (answer,) = alone.answers()
    assert (answer["trial"], answer["choice"]) == (1, "B")
    assert all(seconds > 0 for seconds in cast("list[float]", answer["heard"]))
    expect(why).to_contain_text("Waiting for the kernel")
    alone.set_listening(trial(takes, 2))
    expect(card).to_contain_text("Trial 2 of 2")
    hear_all(alone, card)
    press("b")
    alone.page.keyboard.up("Enter")
    assert len(alone.answers()) == 1

    # With the keyboard alone: the answer's button chooses, and chosen it confirms.
    choice = card.get_by_role("button", name="A", exact=True)
    choice.focus()
    alone.page.keyboard.down("Enter")
    alone.page.keyboard.down("Enter")
    alone.page.keyboard.up("Enter")
    assert len(alone.answers()) == 1
    press("Enter")
    assert [each["choice"] for each in alone.answers()] == ["B", "A"]

    tiles.nth(2).focus()
    alone.set_listening({"stimuli": [], "places": [], "trial": 0, "phase": "done",
                         "results": ["1 of 2 right."]})  # fmt: skip
    expect(card.get_by_role("list", name="Results")).to_contain_text("1 of 2 right.")
    assert card.evaluate(focused), "or the notebook's keys were pressed next"
    axe(alone)


def test_no_answer_is_taken_where_the_kernel_has_ended(alone: Alone) -> None:
    takes = [tone(0.5, 24_000, low) for low in (300, 500, 800)]
    card = shown(alone, takes, trial(takes, 1))
    alone.die()
    expect(card.locator(".why")).to_contain_text("The kernel has ended")
    card.focus()
    # What is in the page is heard all the same.
    alone.page.keyboard.press("2")
    expect(card.locator(".tile").nth(1)).to_have_attribute("aria-label", re.compile("^Pause B$"))
    for key in ("1", "3", "a", "Enter"):
        alone.page.keyboard.press(key)
    assert alone.answers() == []
