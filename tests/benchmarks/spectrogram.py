"""A take's spectrogram to PNG, beside librosa's ``specshow``, in time and in peak memory.

``python -m tests.benchmarks.spectrogram``. Each measurement runs in a process of its own, with
matplotlib imported and one small figure drawn beforehand. Time is from the samples to the bytes of
the PNG, at the same figure size and dpi, and of the process's own CPU, which other work on the
machine disturbs less; the best of some runs. Memory is how far the process's
peak rose over what it held before, samples and all (Linux tells it; unknown elsewhere). librosa's
is ``amplitude_to_db`` of ``librosa.stft`` with its defaults (2048 samples, hop 512), and, on the
mel scale, ``melspectrogram`` with its defaults. The samples are noise that swells and fades over a
glide, with a click.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from cartesia_nb.protocol.encodings import Samples

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cartesia_nb.speech.take import Take

RATE: Final = 44100
SIZE: Final = (9.0, 4.5)
DPI: Final = 100
#: Seconds of audio, and how often each is drawn.
LENGTHS: Final = ((10.0, 7), (600.0, 3))
GOAL: Final = 1 / 3


def sound(seconds: float) -> Samples:
    time_s = np.arange(round(seconds * RATE), dtype=np.float64) / RATE
    swell = np.abs(np.sin(2 * np.pi * 1.5 * time_s))
    wave = 0.3 * swell * np.sin(2 * np.pi * (200 * time_s + 30 * np.sin(2 * np.pi * 0.3 * time_s)))
    wave += 0.02 * swell * np.random.default_rng(1).normal(0, 1, len(time_s))
    wave[len(wave) // 2 : len(wave) // 2 + 20] = 0.8
    return np.asarray(wave, dtype=np.float32)


def take_of(samples: Samples) -> Take:
    from cartesia_nb.speech.backend import ENGINE
    from cartesia_nb.speech.recording import Recording
    from cartesia_nb.speech.settings import Settings
    from cartesia_nb.speech.take import Take

    recording = Recording(Settings(sample_rate=RATE), ENGINE)
    recording.begin()
    size = RATE // 10
    for begin in range(0, len(samples), size):
        recording.add_audio(
            samples[begin : begin + size].tobytes(),
            received=begin / RATE, step_time=None, flush_id=None,
        )  # fmt: skip
    recording.end("done", len(samples) / RATE, None)
    take = Take(recording)
    assert len(take.samples) == len(samples)  # decoded once, as for any other plot
    return take


def ours(scale: str, samples: Samples) -> Callable[[], Figure]:
    import matplotlib.pyplot as plt

    from cartesia_nb.plots import plot_spectrogram

    take = take_of(samples)

    def draw() -> Figure:
        figure, ax = plt.subplots(figsize=SIZE, layout="constrained")
        plot_spectrogram(take, ax, scale="mel" if scale == "mel" else "linear")
        return figure

    return draw


def librosas(scale: str, samples: Samples) -> Callable[[], Figure]:
    import librosa
    import matplotlib.pyplot as plt

    def draw() -> Figure:
        figure, ax = plt.subplots(figsize=SIZE, layout="constrained")
        if scale == "mel":
            power = librosa.feature.melspectrogram(y=samples, sr=RATE)
            decibels = librosa.power_to_db(power, ref=np.max)
        else:
            decibels = librosa.amplitude_to_db(np.abs(librosa.stft(samples)), ref=np.max)
        image = librosa.display.specshow(decibels, sr=RATE, x_axis="time", y_axis=scale, ax=ax)
        figure.colorbar(image, ax=ax)
        return figure

    return draw


MAKERS: Final = {"ours": ours, "librosa": librosas}


class Cost(NamedTuple):
    """Seconds by the wall and of CPU, each of its best run, and MB of memory."""

    wall: float
    cpu: float
    memory: float


def run(who: str, scale: str, seconds: float, times: int) -> Cost:
    """What drawing costs; to be called in a fresh process."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    MAKERS[who](scale, sound(1.0))().savefig(io.BytesIO(), format="png", dpi=DPI)
    plt.close("all")
    draw = MAKERS[who](scale, sound(seconds))
    wall = cpu = float("inf")
    forget_peak()
    before = megabytes("VmRSS")
    for _ in range(times):
        began, worked = time.perf_counter(), time.process_time()
        draw().savefig(io.BytesIO(), format="png", dpi=DPI)
        wall = min(wall, time.perf_counter() - began)
        cpu = min(cpu, time.process_time() - worked)
        plt.close("all")
    return Cost(wall, cpu, megabytes("VmHWM") - before)


def forget_peak() -> None:
    """Have the kernel count the process's peak memory anew."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def megabytes(line: str) -> float:
    """A size that Linux tells of this process; not a number elsewhere."""
    try:
        told = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return float("nan")
    return float(told.split(f"{line}:")[1].split()[0]) / 1024


def in_a_process(who: str, scale: str, seconds: float, times: int) -> Cost | None:
    """``run`` in a process of its own; ``None`` if it died, as for want of memory."""
    command = [sys.executable, "-m", "tests.benchmarks.spectrogram", "--run", who, scale]
    done = subprocess.run(
        [*command, str(seconds), str(times)], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        return None
    return Cost(*json.loads(done.stdout))


def main() -> None:
    print(f"to PNG, {SIZE[0]:g} x {SIZE[1]:g} in at {DPI} dpi, {RATE} Hz; the goal is {GOAL:.2f}")
    print("                        ours                         librosa                 ratio")
    print(f"audio  scale   {2 * '  wall      CPU   memory    '}   wall   CPU")
    for seconds, times in LENGTHS:
        for scale in ("linear", "mel"):
            mine, theirs = (in_a_process(who, scale, seconds, times) for who in MAKERS)
            ratio = ""
            if mine is not None and theirs is not None:
                ratio = f"{mine.wall / theirs.wall:7.3f} {mine.cpu / theirs.cpu:6.3f}"
            print(
                f"{seconds:3.0f} s  {scale:7} {cells(mine)}  {cells(theirs)}  {ratio}", flush=True
            )


def cells(cost: Cost | None) -> str:
    if cost is None:
        return f"{'died':27}"
    return f"{cost.wall:6.2f} s {cost.cpu:6.2f} s {cost.memory:6.0f} MB "


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="a spectrogram to PNG beside librosa's")
    parser.add_argument("--run", nargs=4, metavar=("WHO", "SCALE", "SECONDS", "TIMES"))
    chosen = parser.parse_args().run
    if chosen is None:
        main()
    else:
        print(json.dumps(run(chosen[0], chosen[1], float(chosen[2]), int(chosen[3]))))
