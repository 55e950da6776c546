"""What a context received, given out again as the SDK's own events."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator

from cartesia.types import websocket_response as sdk
from cartesia.types.phoneme_timestamps import PhonemeTimestamps
from cartesia.types.websocket_response import WebsocketResponse
from cartesia.types.word_timestamps import WordTimestamps

from cartesia_nb.speech.recording import Entry, Recording
from cartesia_nb.speech.waiting import wait_until, wait_until_async


class Events:
    """An iterable, and async iterable, of a context's events up to its ``done``.

    Each event is given once, also over several loops; the first loop may ``break`` and the
    next goes on where it stopped. A failed context raises its error after its last event. From any
    thread, one at a time.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._next = 0
        self._told = False

    def __iter__(self) -> Iterator[WebsocketResponse]:
        while not self._told:
            wait_until(self._recording, self._ready, None, "The next event of the context")
            yield from self._take()

    async def __aiter__(self) -> AsyncIterator[WebsocketResponse]:
        while not self._told:
            await wait_until_async(
                self._recording, self._ready, None, "The next event of the context"
            )
            for event in self._take():
                yield event

    def _ready(self) -> bool:
        return len(self._recording.entries) > self._next or self._recording.ended

    def _take(self) -> Iterator[WebsocketResponse]:
        recording = self._recording
        ended = recording.ended
        while self._next < len(recording.entries):
            entry = recording.entries[self._next]
            self._next += 1
            yield _event(recording, entry)
        if not ended or self._told:
            return
        self._told = True
        if recording.error is not None:
            recording.looked_at = True
            raise recording.error.with_traceback(None)
        if recording.state == "done":
            yield sdk.Done(context_id=recording.id, done=True, status_code=200, type="done")


def _event(recording: Recording, entry: Entry) -> WebsocketResponse:
    mark = entry.flush_id
    common = {"context_id": recording.id, "done": False, "status_code": 206, "flush_id": mark}
    if entry.kind == "chunk":
        chunk = recording.timeline.chunk(entry.index)
        pcm = recording.store.read(chunk.offset, chunk.offset + chunk.size)
        # construct: the server may leave out what the SDK's type requires, such as step_time.
        return sdk.Chunk.construct(
            None,
            **common,
            type="chunk",
            data=base64.b64encode(pcm).decode("ascii"),
            step_time=chunk.step_time,
        )
    if entry.kind == "flush_done":
        return sdk.FlushDone.construct(None, **common, type="flush_done", flush_done=True)
    timed = recording.words if entry.kind == "timestamps" else recording.phonemes
    rows = timed[entry.index : entry.index + entry.count]
    start, end = [row.start for row in rows], [row.end for row in rows]
    if entry.kind == "timestamps":
        words = WordTimestamps(words=[row.text for row in rows], start=start, end=end)
        return sdk.Timestamps.construct(None, **common, type="timestamps", word_timestamps=words)
    phonemes = PhonemeTimestamps(phonemes=[row.text for row in rows], start=start, end=end)
    return sdk.PhonemeTimestamps.construct(
        None, **common, type="phoneme_timestamps", phoneme_timestamps=phonemes
    )
