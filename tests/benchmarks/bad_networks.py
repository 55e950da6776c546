"""Bad networks: this player, beside a plain back-to-back scheduler of AudioBufferSourceNodes.

``make bench``. The engine's weather spoils the way from the server to the kernel. From there both
players get the very same messages in the same task of the same page, over one WebSocket, as they
leave the Speaker's dispatch: nothing is polled, so arrivals are not quantised.

Silence is counted in samples, at a tap before each AudioContext's destination. In place of the
voice every sample carries one level, so that each silent sample between the first and the last one
was inserted; blocks that the browser itself left out are not counted. The 5 ms ramps of this
player count as silence while they are below half of the level. First sound is the frame of the
first sample at the tap less the context's `currentTime` when the first audio message came, both on
that context's own clock, which moves in steps of what Chromium renders at once. The device's
latency comes on top, alike for both. No player is shown: drawing is measured in `main_thread`.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final, TypedDict, cast

from playwright.sync_api import Browser, sync_playwright

from cartesia_nb.engine import events
from cartesia_nb.engine.audio import CHUNK
from cartesia_nb.engine.process import EngineProcess
from cartesia_nb.speech.backend import ENGINE
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.socket import Endpoint
from cartesia_nb.speech.take import Take
from tests.benchmarks.wire import Wire
from tests.browser import tap
from tests.browser.alone import Alone
from tests.browser.ears import Ears
from tests.browser.page import launch

ROUNDS: Final = 10
RATE: Final = 44100
TEXT: Final = "Peter Piper picked a peck of pickled peppers, and then he went to sea."
LEVEL: Final = struct.pack("<f", 0.5)
#: Networks that are run side by side: the machine must not be what runs dry.
AT_ONCE: Final = 6

# What anybody would write first: each chunk after the last one, or now.
BASELINE: Final = """() => {
  const players = globalThis.players = {};
  const start = (name, context) => {
    players[name] = { context, came: context.currentTime };
  };
  let plain = null;
  let end = 0;
  let first = true;
  wire.ears.push((message, pcm) => {
    if (message.type === 'open') {
      plain ??= new AudioContext({ sampleRate: message.sample_rate, latencyHint: 'interactive' });
      first = true;
    }
    if (message.type !== 'audio') return;
    if (first) {
      first = false;
      for (const { context } of testsTap) start(context === plain ? 'plain' : 'ours', context);
    }
    const samples = new Float32Array(pcm);
    const buffer = plain.createBuffer(1, samples.length, plain.sampleRate);
    buffer.copyToChannel(samples, 0);
    const source = plain.createBufferSource();
    source.buffer = buffer;
    source.connect(plain.destination);
    const when = Math.max(plain.currentTime, end);
    source.start(when);
    end = when + buffer.duration;
  });
  globalThis.plainIsOver = () => plain !== null && plain.currentTime > end + 0.1;
}"""

MEASURE: Final = """async (level) => {
  const answers = {};
  for (const [name, { context, came }] of Object.entries(players)) {
    const tape = testsTap.find((one) => one.context === context);
    const number = tape.flushed.size;
    await new Promise((resolve) => {
      tape.flushed.set(number, resolve);
      tape.node.port.postMessage(number);
    });
    const runs = [];
    let first = null, silent = 0, sounding = 0, expected = null, left_out = 0;
    for (const block of tape.blocks) {
      if (first !== null && expected !== null && block.first > expected) {
        left_out += block.first - expected;
      }
      expected = block.first + block.samples.length;
      for (let i = 0; i < block.samples.length; i++) {
        if (Math.abs(block.samples[i]) < level / 2) { silent++; continue; }
        if (first === null) first = block.first + i;
        else if (silent > 0) runs.push(silent);
        silent = 0;
        sounding++;
      }
    }
    tape.blocks.length = 0;
    answers[name] = { first: first / context.sampleRate - came, runs, sounding, left_out };
  }
  return answers;
}"""


class Measured(TypedDict):
    """What one player made of one take: seconds, then frames."""

    first: float
    runs: list[int]
    sounding: int
    left_out: int


@dataclass(frozen=True)
class Network:
    """What is wrong with the way from the server, and how fast the voice speaks into it."""

    name: str
    speedup: float
    jitter_ms: float = 0.0
    #: Of what the stream takes.
    bandwidth: float | None = None
    #: When nothing comes through, in seconds after the first chunk: from and to.
    stalls: tuple[tuple[float, float], ...] = ()


NETWORKS: Final = (
    Network("good, a voice at 3x", 3.0),
    Network("jitter of 300 ms, at 3x", 3.0, jitter_ms=300),
    Network("jitter of 300 ms, at 1.2x", 1.2, jitter_ms=300),
    Network("bandwidth 1.05x", 3.0, bandwidth=1.05),
    Network("bandwidth 0.95x", 3.0, bandwidth=0.95),
    Network("two stalls of 1 s, at 1.5x", 1.5, stalls=((0.7, 1.7), (2.9, 3.9))),
)


@functools.cache
def stream_bytes() -> float:
    """Bytes a second of the engine's audio on its WebSocket, in real time."""
    pcm = bytes(4 * round(CHUNK * RATE))
    return len(json.dumps(events.chunk("c" * 32, pcm, 100.0, 0))) / CHUNK


@dataclass
class Course:
    """One network, with an engine, a connection and a page of its own."""

    network: Network
    engine: EngineProcess
    connection: Connection
    alone: Alone
    wire: Wire
    #: Seconds from saying to the first chunk in the kernel.
    kernel: list[float] = field(default_factory=list)
    ours: list[Measured] = field(default_factory=list)
    plain: list[Measured] = field(default_factory=list)
    _said: float = 0.0
    _take: Take | None = None
    _stalls: list[tuple[float, bool]] = field(default_factory=list)

    def fair(self) -> None:
        """The weather between stalls."""
        part = self.network.bandwidth
        self.engine.misbehave(
            jitter_ms=self.network.jitter_ms,
            bandwidth=None if part is None else part * stream_bytes(),
            seed=len(self.ours),
        )

    def say(self) -> None:
        self.fair()
        self._stalls = [
            (at, on)
            for start, stop in self.network.stalls
            for at, on in ((start, True), (stop, False))
        ]
        self._said = time.monotonic()
        self._take = self.connection.say(TEXT)
        self.wire.carry(self._take, play=True)

    def over(self) -> bool:
        """Let the weather change, and look whether both players are at the end."""
        take = self._take
        assert take is not None
        if take.timeline.chunks and self._stalls:
            at, stalled = self._stalls[0]
            if time.monotonic() - take.timeline.chunks[0].received >= at:
                del self._stalls[0]
                if stalled:
                    self.engine.misbehave(delay_ms=10_000)
                else:
                    self.fair()
        if take.state != "done":
            return False
        found = self.alone.page.evaluate(
            "(take) => plainIsOver() && alone.sent.some((one) =>"
            " one.type === 'heard' && one.take === take && one.ended)",
            take.id,
        )
        return bool(found)

    def measure(self) -> None:
        take = self._take
        assert take is not None
        found = cast("dict[str, Measured]", self.alone.page.evaluate(MEASURE, 0.5))
        self.kernel.append(take.timeline.chunks[0].received - self._said)
        self.ours.append(found["ours"])
        self.plain.append(found["plain"])
        whole = round(take.duration * RATE)
        if found["ours"]["sounding"] < whole - round(0.001 * RATE):
            print(f"{self.network.name}: {whole - found['ours']['sounding']} samples are missing")


@contextmanager
def course(network: Network, browser: Browser) -> Iterator[Course]:
    with ExitStack() as stack:
        engine = stack.enter_context(EngineProcess(speedup=network.speedup))
        endpoint = Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))
        connection = stack.enter_context(
            Connection(endpoint, ENGINE, settings=Settings(sample_rate=RATE))
        )
        page = browser.new_page()
        stack.callback(page.close)
        tap.install(page)
        alone = Alone(page)
        wire = stack.enter_context(Wire(alone, lambda pcm: LEVEL * (len(pcm) // 4)))
        page.evaluate(BASELINE)
        yield Course(network, engine, connection, alone, wire)


def run(courses: list[Course], rounds: int) -> None:
    """Every course speaks at once, ``rounds`` times, after one that is not counted."""
    for _ in range(rounds + 1):
        for each in courses:
            each.say()
        end = time.monotonic() + 60
        left = courses
        while left:
            left = [each for each in left if not each.over()]
            assert time.monotonic() < end, "a take was not over within a minute"
            courses[0].alone.page.wait_for_timeout(20)
        for each in courses:
            each.measure()
    for each in courses:
        for rows in (each.ours, each.plain, each.kernel):
            del rows[0]


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({max(values):.0f}) {sum(values):.0f}"


def dry(one: Measured) -> int:
    """Silences of a millisecond and more; what is shorter is a click and no spell."""
    return sum(run >= RATE // 1000 for run in one["runs"])


FIGURES: Final[tuple[tuple[str, Callable[[Measured], float]], ...]] = (
    ("dry spells", dry),
    ("silence inserted, ms", lambda one: 1000 * sum(one["runs"]) / RATE),
    ("first sound, ms", lambda one: 1000 * one["first"]),
)


def report(each: Course) -> None:
    kernel = 1000 * statistics.median(each.kernel)
    print(f"\n{each.network.name}: first audio in the kernel after {kernel:.0f} ms")
    for name, figure in FIGURES:
        ours, plain = [figure(one) for one in each.ours], [figure(one) for one in each.plain]
        ratio = f"{sum(ours) / sum(plain):.2f}" if sum(plain) else "-"
        print(f"  {name:22} {spread(ours):>20} {spread(plain):>20}   {ratio:>5}")
    skipped = sum(one["left_out"] for one in (*each.ours, *each.plain))
    if skipped:
        print(
            f"  the browser left out {1000 * skipped / RATE:.0f} ms of blocks, counted for nobody"
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=ROUNDS)
    options.add_argument("--only", help="networks whose name has this in it")
    chosen = options.parse_args()
    networks = [one for one in NETWORKS if chosen.only is None or chosen.only in one.name]
    print(
        f"{chosen.rounds} runs, each figure as median (worst) sum:"
        " this player, the plain scheduler, ratio of the sums"
    )
    with (
        Ears() as ears,
        sync_playwright() as playwright,
        launch(playwright, ears.environment) as browser,
    ):
        for first in range(0, len(networks), AT_ONCE):
            with ExitStack() as stack:
                some = networks[first : first + AT_ONCE]
                courses = [stack.enter_context(course(network, browser)) for network in some]
                run(courses, chosen.rounds)
                for each in courses:
                    report(each)


if __name__ == "__main__":
    main()
