"""The timeline against the ear: when it says that something sounded, and when it did.

``make bench``. Takes are said in a real JupyterLab; at two of three the engine holds its audio
back for a second, so that they run dry. What the kernel's timeline says of each, on the kernel's
clock, is laid beside a recording of the loudspeaker: the take's own samples are looked for in it,
so that a moment is known to a sample. Which sample of a recording was heard when is PulseAudio's
word for its null sink, told to a client of its own (``tests/browser/pulse.py``) by which the
recorder is set; the machine's monotonic clock is the kernel's.

Four moments of each take: its first sample, where speech begins in it, the beginning of a dry spell
(the last sample before it has been heard) and its end (the first sample after it is heard). The
silence at the start of a take cannot be heard: its first sample is reckoned from where speech is.
A difference is positive where the timeline is late. "Outside" counts those beyond the stated
error, "unknown" what the timeline does not say, "unheard" what a busy machine cut to pieces.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypedDict, cast

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import sync_playwright
from scipy.signal import correlate, resample_poly

from cartesia_nb.engine.process import EngineProcess
from tests.browser.ears import AUDIBLE, RATE, Ears, Recording
from tests.browser.lab import Lab
from tests.browser.page import NotebookPage, launch

Samples = NDArray[np.float32]

TAKES: Final = 30
TEXT: Final = "Peter Piper picked a peck of pickled peppers, and then he went to sea."
#: How fast the engine speaks: little is in hand when it is held back.
SPEEDUP: Final = 1.5
#: Seconds after the first sound at which audio is held back, at the earliest, and for how long.
HELD_AFTER: Final = 0.3
HELD_FOR: Final = 1.0

#: Seconds of a take that are looked for in the recording. No more than needed: a busy machine may
#: cut into it. Where the voice says the same sound elsewhere in the take, more.
PIECES: Final = (0.1, 0.2, 0.3)
#: How alike they must be there.
ALIKE: Final = 0.99
#: From where on two places in a take are too alike to be told apart.
CONFUSED: Final = 0.9

SAY: Final = "take = tts.say({text!r}, sample_rate={rate})"

#: What the timeline says, as a person would ask it; null until the page has told of the end.
ASK: Final = """
import json
import numpy as np
heard, said = take.timeline.listening, take.metrics
row = lambda placed: None if placed is None else list(placed)
if take.state == "done" and heard is not None and heard.ended:
    np.save({path!r}, take.samples)
    first = None
    if said.first_sound is not None and said.clock_error is not None:
        first = [take.timeline.requested + said.first_sound, said.clock_error]
    speech = round((said.leading_silence or 0) * take.sample_rate)
    print(json.dumps({{
        "first": first,
        "speech_at": speech,
        "speech": row(heard.audible_at(speech)),
        "dry": [[one.at, row(heard.sounding(one.began)), row(heard.sounding(one.ended))]
                for one in heard.dry],
        "output": heard.output,
        "output_error": heard.output_error,
    }}))
else:
    print("null")
"""

Stated = tuple[float, float] | None


class Facts(TypedDict):
    """What a timeline says: moments on the kernel's clock, each with its error, in seconds."""

    first: Stated
    speech_at: int
    speech: Stated
    dry: list[tuple[float, Stated, Stated]]
    output: str | None
    output_error: float | None


@dataclass
class Row:
    """One kind of moment, over all takes. Seconds."""

    differences: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    #: What the timeline could not say, and what the recording does not show.
    unknown: int = 0
    unheard: int = 0

    def add(self, stated: Stated, heard: float | None) -> None:
        if stated is None:
            self.unknown += 1
        elif heard is None:
            self.unheard += 1
        else:
            self.differences.append(stated[0] - heard)
            self.errors.append(stated[1])

    def line(self, name: str) -> str:
        if not self.differences:
            return f"{name:22} {0:4}   unknown {self.unknown}, not in the recording {self.unheard}"
        off = np.abs(self.differences)
        outside = int((off > np.array(self.errors)).sum())
        figures = (
            float(np.median(off)),
            float(np.quantile(off, 0.9)),
            float(off.max()),
            statistics.median(self.differences),
            statistics.median(self.errors),
        )
        row = f"{name:22} {off.size:4}" + "".join(f"{1000 * one:10.1f}" for one in figures)
        return f"{row}{outside:9}{self.unknown:9}{self.unheard:9}"


HEAD: Final = f"{'ms':22} {'n':>4}" + "".join(
    f"{name:>{width}}"
    for name, width in (
        ("median", 10), ("p90", 10), ("worst", 10), ("signed", 10), ("stated", 10),
        ("outside", 9), ("unknown", 9), ("unheard", 9),
    )
)  # fmt: skip


def alike(sound: Samples, piece: Samples) -> NDArray[np.float64]:
    """How alike ``sound`` is to ``piece`` from each of its samples on. Both at one rate."""
    likeness = correlate(sound.astype(np.float64), piece.astype(np.float64), mode="valid")
    energy = np.concatenate([[0.0], np.cumsum(np.square(sound, dtype=np.float64))])
    under = energy[piece.size :] - energy[: -piece.size]
    size = np.maximum(under, 1e-9) * float(np.square(piece, dtype=np.float64).sum())
    return np.asarray(likeness / np.sqrt(size))


def find(recording: Samples, samples: Samples, first: int, size: int) -> int | None:
    """The sample of ``recording`` at which those of a take from ``first`` on are, or None."""
    piece = samples[first : first + size]
    if piece.size == 0 or piece.size > recording.size or not np.any(piece):
        return None
    elsewhere = alike(samples, piece)
    elsewhere[max(first - RATE // 50, 0) : first + RATE // 50] = 0
    if elsewhere.max() > CONFUSED:
        return None
    found = alike(recording, piece)
    place = int(found.argmax())
    return place if found[place] > ALIKE else None


@dataclass
class Heard:
    """A take in the recording of it."""

    recording: Recording
    #: The take's samples at the recording's rate, and the take's own rate.
    samples: Samples
    rate: int
    #: Seconds of the take at which its sound broke off.
    breaks: list[float]

    def begins(self, second: float) -> float | None:
        """When the take's ``second`` is heard, by what comes after it."""
        first = min(self._sounds(second), self.samples.size / RATE)
        end = min([at for at in self.breaks if at > first], default=math.inf)
        return self._look([(first, min(first + length, end)) for length in PIECES], second)

    def ends(self, second: float) -> float | None:
        """When the take's ``second`` is heard, by what comes before it."""
        start = max([at for at in self.breaks if at < second], default=0.0)
        return self._look([(max(start, second - length), second) for length in PIECES], second)

    def _sounds(self, second: float) -> float:
        """Where there is sound from ``second`` on: silence is not found."""
        first = round(second * RATE)
        loud = np.flatnonzero(np.abs(self.samples[first:]) > AUDIBLE)
        return second + (int(loud[0]) / RATE if loud.size else 0.0)

    def _look(self, pieces: list[tuple[float, float]], second: float) -> float | None:
        for start, end in pieces:
            first = round(start * RATE)
            last = round(min(end, self.samples.size / RATE) * RATE)
            place = find(self.recording.samples, self.samples, first, last - first)
            if place is not None:
                return self.recording.moment(place + second * RATE - first)
        return None


def facts(notebook: NotebookPage, cell: int) -> Facts:
    """What the timeline says once the page has told of the take's end."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        notebook.run_cell(cell)
        if (said := json.loads(notebook.text(cell) or "null")) is not None:
            return cast("Facts", said)
        time.sleep(0.3)
    raise SystemExit(f"the timeline knew of no end: {notebook.failures()} {notebook.text(cell)!r}")


def held_back(engine: EngineProcess, after: float) -> None:
    """Hold the engine's audio back, ``after`` seconds from now, for a while."""
    time.sleep(after)
    engine.misbehave(delay_ms=10_000)
    time.sleep(HELD_FOR)
    engine.misbehave()


def rows(facts: Facts, heard: Heard) -> Iterator[tuple[str, Stated, float | None]]:
    yield "first sample", facts["first"], heard.begins(0.0)
    speech = facts["speech_at"] / heard.rate
    yield "speech begins", facts["speech"], heard.begins(speech)
    for at, began, ended in facts["dry"]:
        yield "a dry spell begins", began, heard.ends(at)
        yield "a dry spell ends", ended, heard.begins(at)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--takes", type=int, default=TAKES)
    options.add_argument("--rate", type=int, default=RATE, help="the takes' sample rate, in Hz")
    options.add_argument("--each", action="store_true", help="every difference, as it is found")
    chosen = options.parse_args()
    table: defaultdict[str, Row] = defaultdict(Row)
    outputs: set[str] = set()
    errors, load = [], []
    with (
        EngineProcess(speedup=SPEEDUP) as engine,
        Ears() as ears,
        Lab() as lab,
        sync_playwright() as playwright,
        launch(playwright, ears.environment) as browser,
    ):
        clock = ears.set_clock()
        path = lab.folder / "take.npy"
        connect = f"cnb.connect(api_key={engine.api_key!r}, base_url={engine.url!r})"
        notebook = NotebookPage(browser.new_page())
        notebook.open(
            lab,
            lab.write(
                "ear.ipynb",
                f"import cartesia_nb as cnb\ntts = {connect}",
                SAY.format(text=TEXT, rate=chosen.rate),
                ASK.format(path=str(path)),
            ),
        )
        notebook.run_cell(0)
        rng = np.random.default_rng(5)
        for number in range(chosen.takes):
            load.append(os.getloadavg()[0])
            with ears.record() as recording:
                notebook.start_cell(1)
                recording.wait_for_sound(20)
                if number % 3:
                    held_back(engine, HELD_AFTER + float(rng.uniform(0, 0.4)))
                recording.wait_for_silence(1.5, 30)
                notebook.wait_until_idle()
            said = facts(notebook, 2)
            outputs.add(str(said["output"]))
            errors.append(1000 * (said["output_error"] or math.nan))
            heard = Heard(recording, samples(path, chosen.rate), chosen.rate,
                          [at for at, _, _ in said["dry"]])  # fmt: skip
            for name, stated, moment in rows(said, heard):
                table[name].add(stated, moment)
                if chosen.each:
                    print(number, name, stated, moment, flush=True)
    print(
        f"{chosen.takes} takes in JupyterLab and Chromium, load {min(load):.1f} to {max(load):.1f}"
    )
    print(
        f"the page on its output ({', '.join(sorted(outputs))}): "
        f"± {min(errors):.1f} to {max(errors):.1f} ms, median {statistics.median(errors):.1f}"
    )
    print(
        f"the recorder: {1000 * clock.offset:.2f} ms later than its blocks came, "
        f"± {1000 * clock.spread:.2f} ms"
    )
    print(HEAD)
    for name, row in table.items():
        print(row.line(name))


def samples(path: Path, rate: int) -> Samples:
    """The take's samples at the recording's rate."""
    found = cast("Samples", np.load(path))
    common = math.gcd(RATE, rate)
    if rate == RATE:
        return found
    return np.asarray(resample_poly(found, RATE // common, rate // common), np.float32)


if __name__ == "__main__":
    main()
