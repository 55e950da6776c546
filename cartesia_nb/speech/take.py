"""The recording that a context leaves: what was said, how, and what came of it."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cartesia_nb.errors import CartesiaNbError, NotHeardError, WaitTimeout
from cartesia_nb.protocol.encodings import Samples, decode
from cartesia_nb.speech import files
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.describe import describe
from cartesia_nb.speech.metrics import Metrics, metrics_of
from cartesia_nb.speech.recording import Recording, State, Word
from cartesia_nb.speech.settings import Settings
from cartesia_nb.speech.timeline import Chunk, Timeline
from cartesia_nb.speech.views import Views
from cartesia_nb.speech.waiting import wait_until, wait_until_async


@dataclass(frozen=True)
class AudioChunk:
    """A chunk of audio, as iterating over a take gives it.

    Attributes:
        audio: the bytes as the server sent them.
        samples: float32 of shape ``(n,)``: the samples that this chunk completes.
        timing: when it came and where in the take it belongs.
    """

    audio: bytes
    samples: Samples
    timing: Chunk


NO_PAGE = "It was generated without a notebook page."


class Take(Views):
    """What was said, how, and what came of it.

    Every method may be called from any thread, also while the take grows; only the plots belong
    into one thread, as matplotlib does.

    ``say()`` and ``context()`` make takes; ``Take.load()`` brings saved ones back. Shown as a
    cell's last expression it is a player. Iterating gives its ``AudioChunk`` as they come, with
    ``for`` or ``async for``; ``await take`` waits for the end without blocking the kernel.

    An interrupt while something waits for it (the notebook's stop button) cancels the take, and
    so does cancelling what awaits it, as with a task: ``asyncio.wait_for(take, 5)`` speaks for
    five seconds at most. To only stop waiting, await ``asyncio.shield(take)``.
    """

    def __init__(
        self,
        recording: Recording,
        *,
        unheard: Callable[[float], str | None] = lambda since: NO_PAGE,
    ) -> None:
        self._recording = recording
        self._unheard = unheard
        self._decoded: tuple[int, Samples] | None = None

    @property
    def id(self) -> str:
        """The id of the take and of its context."""
        return self._recording.id

    @property
    def text(self) -> str:
        """The text given so far."""
        return self._recording.text

    @property
    def settings(self) -> Settings:
        """What shaped it."""
        return self._recording.settings

    @property
    def backend(self) -> Backend:
        """Who spoke."""
        return self._recording.backend

    @property
    def state(self) -> State:
        """``connecting``, ``speaking``, ``done``, ``cancelled`` or ``failed``."""
        return self._recording.state

    @property
    def waiting(self) -> int | None:
        """How many takes are before it, while it waits its turn; else ``None``.

        It does where as many contexts are in flight as the connection allows, or as the server
        has room for.
        """
        return self._recording.waiting

    @property
    def error(self) -> CartesiaNbError | None:
        """Why it failed, or ``None``."""
        self._recording.looked_at = True
        return self._recording.error

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self.settings.sample_rate

    @property
    def duration(self) -> float:
        """Seconds of audio received so far."""
        size = self.settings.bytes_per_sample
        return self._recording.store.size // size / self.sample_rate

    @property
    def pcm(self) -> bytes:
        """The bytes received so far, in ``settings.encoding``."""
        return self._recording.store.read()

    @property
    def samples(self) -> Samples:
        """The samples received so far: float32 of shape ``(n,)``, full scale ±1.0, read-only."""
        size = self._recording.store.size
        if self._decoded is None or self._decoded[0] != size:
            samples = decode(self._recording.store.read(0, size), self.settings.encoding)
            samples.flags.writeable = False
            self._decoded = size, samples
        return self._decoded[1]

    @property
    def words(self) -> tuple[Word, ...]:
        """The words so far, and when they sound in seconds from the take's beginning.

        As the server says: not always in order, and empty without ``add_timestamps``.
        """
        return tuple(self._recording.words)

    @property
    def phonemes(self) -> tuple[Word, ...]:
        """The phonemes so far, as ``words``; empty without ``add_phoneme_timestamps``."""
        return tuple(self._recording.phonemes)

    @property
    def timeline(self) -> Timeline:
        """When each chunk came."""
        return self._recording.timeline

    @property
    def metrics(self) -> Metrics:
        """The figures: times to first byte, audio and sound, real-time factor, gaps, dry spells.

        ``print`` them; unknown ones are ``None``. Each sample is read once, however often a
        growing take is asked.
        """
        return metrics_of(self._recording)

    def describe(self) -> str:
        """The take in three to eight plain sentences: who spoke, how long, when the first audio,
        speech and sound came and what each part of the waiting was, how fast it came, where it
        would have run dry and did, and what is unknown and why. ``print`` it.
        """
        return describe(self._recording)

    def cancel(self) -> None:
        """Stop generating. What was received stays. Harmless when it is over."""
        self._recording.cancel()

    def wait(self, timeout: float | None = None, heard: bool = False) -> Take:
        """Block until the take is done or cancelled; with ``heard``, until a page played it.

        The sound goes on meanwhile. An interrupt (the stop button of the notebook) cancels the
        take. In a cell, ``await take`` does the same and lets the kernel work.

        Args:
            timeout: seconds, 0 or more; ``None`` waits as long as something is under way.
            heard: also wait until a page reported that it was heard to its end.

        Raises:
            CartesiaNbError: why it failed; what was received is kept.
            WaitTimeout: the time ran out.
            NotHeardError: no page can report that it was heard.
            RuntimeError: on the network loop, which a wait would stop.
        """
        wait_until(self._recording, self._ended, timeout, "The end of the speech")
        self._raise()
        if heard:
            self._wait_heard(timeout)
        return self

    def _wait_heard(self, timeout: float | None) -> None:
        recording, began = self._recording, time.monotonic()

        def settled() -> bool:
            return recording.heard_whole or self._unheard(began) is not None

        # A page reports twice a second while something plays, which bounds this wait.
        bound = math.inf if timeout is None else timeout
        wait_until(recording, settled, bound, "Hearing it to the end")
        if not recording.heard_whole:
            raise NotHeardError(f"This take was not heard to its end. {self._unheard(began)}")

    async def heard(self, timeout: float | None = None) -> bool:
        """Wait until the take is done and a page played it to its end, without blocking the
        kernel: ``await take.heard()``. Being cancelled cancels the take, as for ``await take``.

        Args:
            timeout: seconds for both, 0 or more; ``None`` waits as long as something is under way.

        Returns:
            Whether it was heard: ``False`` if no page can report it, which 15 silent seconds show,
            or if the time ran out.

        Raises:
            CartesiaNbError: why it failed; what was received is kept.
            WaitTimeout: without ``timeout``, when it is not done and nothing is under way.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            await wait_until_async(self._recording, self._ended, timeout, "The end of the speech")
        except WaitTimeout:
            if timeout is None:  # nothing is under way: somebody forgot the text's end
                raise
            return False
        self._raise()
        recording, began = self._recording, time.monotonic()

        def settled() -> bool:
            return recording.heard_whole or self._unheard(began) is not None

        # A page reports twice a second while something plays, which bounds this wait.
        left = math.inf if deadline is None else max(deadline - began, 0.0)
        with contextlib.suppress(WaitTimeout):
            await wait_until_async(recording, settled, left, "Hearing it to the end")
        return recording.heard_whole

    def __await__(self) -> Generator[None, None, Take]:
        return self._finished().__await__()

    async def _finished(self) -> Take:
        await wait_until_async(self._recording, self._ended, None, "The end of the speech")
        self._raise()
        return self

    def __iter__(self) -> Iterator[AudioChunk]:
        index = 0
        while not self._given(index):
            wait_until(self._recording, partial(self._ready, index), None, "The next chunk")
            for chunk in self.timeline.since(index):
                index += 1
                yield self._audio(chunk)
        self._raise()

    async def __aiter__(self) -> AsyncIterator[AudioChunk]:
        index = 0
        while not self._given(index):
            ready = partial(self._ready, index)
            await wait_until_async(self._recording, ready, None, "The next chunk")
            for chunk in self.timeline.since(index):
                index += 1
                yield self._audio(chunk)
        self._raise()

    def _ready(self, index: int) -> bool:
        return self._ended() or self.timeline.count > index

    def _given(self, index: int) -> bool:
        return self._ended() and self.timeline.count == index

    def _ended(self) -> bool:
        return self._recording.ended

    def _raise(self) -> None:
        if self._recording.error is not None:
            self._recording.looked_at = True
            # Without the frames it was first raised through, which are no news to a reader.
            raise self._recording.error.with_traceback(None)

    def _audio(self, chunk: Chunk) -> AudioChunk:
        store, size = self._recording.store, self.settings.bytes_per_sample
        # A chunk need not begin or end on a sample: a shared sample belongs to the later one.
        first, last = chunk.offset // size * size, (chunk.offset + chunk.size) // size * size
        return AudioChunk(
            audio=store.read(chunk.offset, chunk.offset + chunk.size),
            samples=decode(store.read(first, last), self.settings.encoding),
            timing=chunk,
        )

    def to_wav(self, path: str | Path) -> Path:
        """Write what was received as a WAV file, in its own encoding; returns the path.

        Raises:
            TakeFileError: if it can't be written.
        """
        return files.write_wav(Path(path), self.pcm, self.settings)

    def save(self, path: str | Path) -> Path:
        """Write the take: a WAV, and a JSON beside it with everything else.

        Args:
            path: where; its ending is replaced by ``.wav`` and ``.json``.

        Returns:
            The path of the JSON file, which ``Take.load`` takes (the WAV's will do as well).

        Raises:
            TakeFileError: if it can't be written.
        """
        return files.save(self._recording, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Take:
        """Bring back a take that ``save`` wrote.

        Raises:
            TakeFileError: if there is none, or it can't be read.
        """
        return cls(files.load(Path(path)))

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= 40 else f"{self.text[:37]}..."
        ending = "" if self._recording.error is None else f": {self._recording.error}"
        return f"<Take {text!r}: {self.duration:.2f} s, {self.state}, {self.backend.label}{ending}>"
