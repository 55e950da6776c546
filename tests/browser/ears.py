"""A loudspeaker that can be recorded: a PulseAudio of our own with a null sink.

What a program plays into it is read back from the sink's monitor, so a test hears what a person
would. Each `Ears` has its own daemon and its own runtime folder: nothing else on the machine is
heard, and nothing of it is touched.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from tests.browser.pulse import Pulse

Samples = NDArray[np.float32]

#: The sink's rate: the quickstart's own, so that a usual take is recorded as it was made.
RATE = 44100

#: What counts as sound, against full scale. The sink's silence is exactly zero.
AUDIBLE = 0.003


#: Clicks that set the recorder's clock, and the seconds of noise in each.
CLICKS = 8
CLICK = 0.6
#: Seconds beyond which a click was not played whole.
CUT = 0.005
#: Seconds of a recording that share one look at its clock, and that are left out at its start,
#: while the sink still changes to the recorder's small blocks.
LOOK = 0.25


class Calibration(NamedTuple):
    """How the recorder's clock lies to the loudspeaker's."""

    #: Seconds by which sound is heard later than `Line` has it: the sink hands a block on when it
    #: begins to play it, and the recorder is there when the whole of it is.
    offset: float
    #: The most, in seconds, by which any whole click was elsewhere.
    spread: float


class Line(NamedTuple):
    """A recording's clock: at which moment its sample 0 came, and how long a sample lasts."""

    origin: float
    period: float

    def at(self, sample: float) -> float:
        return self.origin + self.period * sample


def line(blocks: list[tuple[float, int]], sample_rate: int) -> Line:
    """The clock of a recording, from the moments its blocks came and their sizes.

    The sink renders by a clock that only ever goes on evenly (a null sink counts whole microseconds
    a block, so up to 200 ppm fast), and a block can come late but never early: of each quarter of
    a second the one that came soonest counts, and a straight line goes through those.

    Raises ValueError for less than a second of recording.
    """
    moments = np.array([moment for moment, _ in blocks])
    ends = np.cumsum([size for _, size in blocks])
    late = moments - ends / sample_rate
    look = ((moments - moments[0]) / LOOK).astype(int) if moments.size else np.zeros(0, int)
    soonest = [int(np.flatnonzero(look == i)[late[look == i].argmin()]) for i in np.unique(look)]
    chosen = np.array(soonest[1:-1])
    if chosen.size < 2:
        raise ValueError("A recording of less than a second has no clock. Record for longer.")
    for _ in range(3):
        slope, start = np.polyfit(ends[chosen], late[chosen], 1)
        above = late[chosen] - (slope * ends[chosen] + start)
        kept = chosen[above <= max(1e-4, float(np.median(np.abs(above))) * 3)]
        if kept.size < 2:
            break
        chosen = kept
    return Line(float(start), 1 / sample_rate + float(slope))


class DeafError(RuntimeError):
    """The loudspeaker could not be set up, stopped, or stayed silent; the text says which."""


class Recording:
    """What the loudspeaker played while a test listened. Filled by a thread; read from any.

    Times are `time.monotonic()` seconds, from when a block came out of the recorder; `Ears.delay`
    says how far they can be off. `moment` is the one to measure by.
    """

    def __init__(
        self, stream: BinaryIO, sample_rate: int, calibration: Calibration | None = None
    ) -> None:
        self.sample_rate = sample_rate
        self.calibration = calibration
        self._stream = stream
        self._news = threading.Condition()
        self._blocks: list[tuple[float, Samples]] = []
        self._first_sound: float | None = None
        self._last_sound: float | None = None
        self._ended = False
        self._thread = threading.Thread(target=self._listen, name="ears", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        rest = b""
        while data := os.read(self._stream.fileno(), 65536):
            now = time.monotonic()
            data = rest + data
            whole = len(data) - len(data) % 4
            rest = data[whole:]
            block = np.frombuffer(data[:whole], dtype="<f4")
            loud = np.flatnonzero(np.abs(block) > AUDIBLE)
            with self._news:
                self._blocks.append((now, block))
                if loud.size:
                    if self._first_sound is None:
                        self._first_sound = now - (block.size - int(loud[0])) / self.sample_rate
                    self._last_sound = now - (block.size - int(loud[-1])) / self.sample_rate
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def samples(self) -> Samples:
        """All that was recorded so far: float32, mono, 1-D."""
        with self._news:
            blocks = [block for _, block in self._blocks]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)

    @property
    def blocks(self) -> list[tuple[float, int]]:
        """For each block the moment it came and its number of samples."""
        with self._news:
            return [(moment, block.size) for moment, block in self._blocks]

    def moment(self, sample: float) -> float:
        """When a sample of the recording was heard, to within `calibration.spread`.

        To be asked when the recording has lasted two seconds or more. Without a calibration it is
        early by one of the sink's blocks, some 5 ms.
        """
        early = 0.0 if self.calibration is None else self.calibration.offset
        return line(self.blocks, self.sample_rate).at(sample) + early

    @property
    def first_sound(self) -> float | None:
        """The moment of the first audible sample, or None while all is silent."""
        with self._news:
            return self._first_sound

    @property
    def last_sound(self) -> float:
        """The moment of the last audible sample so far; minus infinity while all is silent."""
        with self._news:
            return -math.inf if self._last_sound is None else self._last_sound

    def wait_for_start(self, timeout: float = 10.0) -> None:
        """Until the first block is there: from here on nothing is missed."""
        with self._news:
            if not self._news.wait_for(lambda: self._blocks or self._ended, timeout):
                raise DeafError(f"The recorder gave nothing in {timeout:g} s. Is PulseAudio alive?")
            if not self._blocks:
                raise DeafError("The recorder ended before its first block.")

    def wait_for_sound(self, timeout: float) -> float:
        """Until something is heard; its moment. Raises DeafError after `timeout` seconds."""
        with self._news:
            self._news.wait_for(lambda: self._first_sound is not None or self._ended, timeout)
            if self._first_sound is None:
                raise DeafError(f"Nothing was heard within {timeout:g} s.")
            return self._first_sound

    def wait_for_silence(self, seconds: float, timeout: float) -> float:
        """Until nothing has been heard for `seconds`; the moment of the last sound.

        Raises DeafError when it is still loud after `timeout`, or when nothing was ever heard.
        """
        end = time.monotonic() + timeout
        with self._news:
            while True:
                now = time.monotonic()
                newest = self._blocks[-1][0] if self._blocks else now
                if self._last_sound is not None and newest - self._last_sound >= seconds:
                    return self._last_sound
                if now >= end or self._ended:
                    state = "was never a sound" if self._last_sound is None else "is still sound"
                    raise DeafError(f"There {state} after {timeout:g} s of waiting for silence.")
                self._news.wait(min(0.5, end - now))

    def _close(self) -> None:
        self._thread.join(timeout=10)


class Ears:
    """The daemon and its sink. `environment` leads a program's sound here."""

    def __init__(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="ears-"))
        self._home.chmod(0o700)
        self.environment = {
            "XDG_RUNTIME_DIR": str(self._home),
            "PULSE_SERVER": f"unix:{self._home}/pulse/native",
            "PULSE_STATE_PATH": str(self._home / "state"),
        }
        #: Seconds from a player's first byte to its sound in a recording: how far off a moment
        #: taken here can be. About zero, and below it where the null sink renders ahead of its
        #: clock. None until calibrated.
        self.delay: float | None = None
        #: What `set_clock` found; recordings from then on have it.
        self.calibration: Calibration | None = None
        self._daemon = subprocess.Popen(
            [
                "pulseaudio",
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--disallow-exit",
                "--use-pid-file=no",
                "--log-level=error",
                # On a busy machine the loudspeaker must not be what stutters.
                "--high-priority=yes",
                "--realtime=yes",
                "-L",
                "module-native-protocol-unix",
                "-L",
                f"module-null-sink sink_name=ears rate={RATE} channels=2",
            ],
            env=self._whole_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_ready()

    def _whole_environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def _wait_until_ready(self, timeout: float = 20.0) -> None:
        end = time.monotonic() + timeout
        while True:
            asked = subprocess.run(
                ["pactl", "list", "short", "sinks"],
                env=self._whole_environment(),
                capture_output=True,
                text=True,
                timeout=timeout,
            )
            if "ears" in asked.stdout:
                return
            if self._daemon.poll() is not None:
                raise DeafError(f"PulseAudio ended at once with {self._daemon.returncode}.")
            if time.monotonic() > end:
                self.close()
                raise DeafError(f"PulseAudio did not answer in {timeout:g} s: {asked.stderr}")
            time.sleep(0.05)

    @contextmanager
    def record(self) -> Iterator[Recording]:
        """Listen while the block runs. It starts once the recorder is surely recording."""
        with subprocess.Popen(
            [
                "parec",
                "--device=ears.monitor",
                "--raw",
                "--format=float32le",
                f"--rate={RATE}",
                "--channels=1",
                "--latency-msec=5",
            ],
            env=self._whole_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as recorder:
            recording = Recording(cast(BinaryIO, recorder.stdout), RATE, self.calibration)
            try:
                recording.wait_for_start()
                yield recording
            finally:
                recorder.terminate()
                recording._close()

    def play(self, wav: Path, timeout: float = 60.0) -> None:
        """Play a WAV file to its end through the sink, as any program would."""
        subprocess.run(
            ["paplay", str(wav)],
            env=self._whole_environment(),
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=timeout,
        )

    def calibrate(self) -> float:
        """Measure `delay`: a burst of noise, from the first byte written to its sound."""
        noise = np.random.default_rng(1).uniform(-0.5, 0.5, RATE // 10).astype("<f4")
        with self.record() as recording, subprocess.Popen(
            ["paplay", "--raw", "--format=float32le", f"--rate={RATE}", "--channels=1",
             "--latency-msec=5"],
            env=self._whole_environment(),
            stdin=subprocess.PIPE,
        ) as player:  # fmt: skip
            stdin = cast(BinaryIO, player.stdin)
            written = time.monotonic()
            stdin.write(noise.tobytes())
            stdin.close()
            self.delay = recording.wait_for_sound(10) - written
            player.wait(timeout=10)
        return self.delay

    def set_clock(self) -> Calibration:
        """Measure `calibration`, by noise of which PulseAudio tells when it is heard.

        Raises DeafError where the clicks do not agree. One that a busy machine cut does not count.
        """
        rng = np.random.default_rng(2)
        told, seen = [], []
        with closing(Pulse(self.environment["PULSE_SERVER"])) as pulse, self.record() as recording:
            time.sleep(4 * LOOK)
            for _ in range(CLICKS):
                # Silence first: a stream's start is not what is measured.
                lead = RATE // 10 + int(rng.integers(RATE // 100))
                noise = rng.uniform(0.2, 0.5, round(CLICK * RATE)).astype(np.float32)
                began = recording.samples.size
                sound = np.concatenate([np.zeros(lead, np.float32), noise])
                told.append(pulse.heard(sound, RATE) + lead / RATE)
                loud = np.flatnonzero(np.abs(recording.samples[began:]) > 0.1)
                if not loud.size:
                    raise DeafError("A click was not recorded, so the recorder has no clock.")
                seen.append(began + int(loud[0]))
                recording.wait_for_silence(LOOK, 10)
            clock = line(recording.blocks, RATE)
        off = np.array(told) - np.array([clock.at(sample) for sample in seen])
        offset = float(np.median(off))
        whole = np.abs(off - offset) < CUT
        if whole.sum() < 0.75 * CLICKS:
            raise DeafError(f"The clicks were heard {np.round(1000 * off, 1)} ms off: no clock.")
        self.calibration = Calibration(offset, float(np.abs(off[whole] - offset).max()))
        return self.calibration

    def close(self) -> None:
        """End the daemon and remove its folder. Safe to call twice."""
        self._daemon.terminate()
        try:
            self._daemon.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._daemon.kill()
            self._daemon.wait(timeout=5)
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Ears:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
