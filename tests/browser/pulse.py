"""A client of PulseAudio that is told when what it plays is heard: libpulse itself, by `ctypes`.

The programs around it (`pacat`, `paplay`) print their latency without saying as of when. The
library says both (`pa_timing_info` in its def.h): how far the server has read a stream, how long
the sink takes from there, and at which moment that held. For a null sink "heard" is the sink's own
clock: it has no membrane, and what a browser is told of its latency comes from that same clock.

All calls wait for their answers; for one thread.
"""

from __future__ import annotations

import ctypes
import statistics
import time
from collections.abc import Callable
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_void_p

import numpy as np
from numpy.typing import NDArray

# From pulse/def.h and pulse/sample.h.
_READY = {"context": 4, "stream": 2}
_RUNNING = 0
_ADJUST_LATENCY = 0x2000
_FLOAT32LE = 5
_SERVER_CHOOSES = 0xFFFFFFFF

#: Seconds that any answer may take.
_PATIENCE = 10.0
#: Milliseconds that the server holds of a stream: far more than the recorder's few, so that the
#: sink's blocks stay as they are while one plays.
_HELD = 40
#: How often the server is asked when a sound is heard.
_ASKED = 8


class _Spec(Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", ctypes.c_uint8))


class _Buffer(Structure):
    _fields_ = tuple(
        (name, c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize")
    )


class _Timing(Structure):
    _fields_ = (
        ("seconds", ctypes.c_long),
        ("microseconds", ctypes.c_long),
        ("synchronized_clocks", c_int),
        ("sink_usec", ctypes.c_uint64),
        ("source_usec", ctypes.c_uint64),
        ("transport_usec", ctypes.c_uint64),
        ("playing", c_int),
        ("write_index_corrupt", c_int),
        ("write_index", c_int64),
        ("read_index_corrupt", c_int),
        ("read_index", c_int64),
    )


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libpulse.so.0")
    library.pa_mainloop_new.restype = c_void_p
    library.pa_mainloop_get_api.restype = c_void_p
    library.pa_context_new.restype = c_void_p
    library.pa_stream_new.restype = c_void_p
    library.pa_stream_update_timing_info.restype = c_void_p
    library.pa_stream_get_timing_info.restype = POINTER(_Timing)
    return library


class PulseError(RuntimeError):
    """PulseAudio refused something or did not answer; the text says what."""


class Pulse:
    """A connection to the server at `server`, as `PULSE_SERVER` names it."""

    def __init__(self, server: str) -> None:
        self._library = _library()
        self._loop = c_void_p(self._library.pa_mainloop_new())
        api = c_void_p(self._library.pa_mainloop_get_api(self._loop))
        self._context = c_void_p(self._library.pa_context_new(api, c_char_p(b"tests")))
        self._library.pa_context_connect(self._context, c_char_p(server.encode()), 0, None)
        self._ready("context", self._context)

    def heard(self, samples: NDArray[np.float32], sample_rate: int) -> float:
        """Play samples (float32, 1-D) to their end; when the first of them is heard.

        The moment is on `time.monotonic`'s clock, in seconds, as PulseAudio tells it. It is asked
        several times while they sound; the median is the answer. They should last half a second.
        """
        spec = _Spec(_FLOAT32LE, sample_rate, 1)
        stream = c_void_p(
            self._library.pa_stream_new(self._context, c_char_p(b"tests"), byref(spec), None)
        )
        held = 4 * sample_rate * _HELD // 1000
        buffer = _Buffer(_SERVER_CHOOSES, held, _SERVER_CHOOSES, _SERVER_CHOOSES, _SERVER_CHOOSES)
        self._library.pa_stream_connect_playback(
            stream, None, byref(buffer), _ADJUST_LATENCY, None, None
        )
        self._ready("stream", stream)
        data = np.ascontiguousarray(samples, "<f4").tobytes()
        if self._library.pa_stream_write(
            stream, c_char_p(data), c_size_t(len(data)), None, c_int64(0), 0
        ):
            raise PulseError(f"PulseAudio did not take {len(data)} bytes.")
        lasts = samples.size / sample_rate
        told = []
        for _ in range(_ASKED):
            self._run(lasts / (_ASKED + 2))
            told.append(self._origin(stream, sample_rate))
        self._run(lasts / 2)
        self._library.pa_stream_disconnect(stream)
        self._library.pa_stream_unref(stream)
        return statistics.median(told)

    def _origin(self, stream: c_void_p, sample_rate: int) -> float:
        """When the stream's first sample is heard, by what the server says now."""
        asked = c_void_p(self._library.pa_stream_update_timing_info(stream, None, None))
        if asked.value is None:
            raise PulseError("PulseAudio cannot be asked for its timing.")
        self._until(lambda: bool(self._library.pa_operation_get_state(asked) != _RUNNING), "timing")
        self._library.pa_operation_unref(asked)
        timing = self._library.pa_stream_get_timing_info(stream).contents
        # Its moments are the wall clock's.
        at = timing.seconds + timing.microseconds / 1e6 + time.monotonic() - time.time()
        heard = timing.read_index / 4 / sample_rate - timing.sink_usec / 1e6
        return float(at - heard)

    def _ready(self, kind: str, what: c_void_p) -> None:
        state = getattr(self._library, f"pa_{kind}_get_state")

        def ready() -> bool:
            if state(what) > _READY[kind]:
                raise PulseError(f"PulseAudio refused a {kind}.")
            return bool(state(what) == _READY[kind])

        self._until(ready, kind)

    def _until(self, over: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + _PATIENCE
        while not over():
            if time.monotonic() > end:
                raise PulseError(f"PulseAudio did not answer in {_PATIENCE:g} s: {what}.")
            self._step()

    def _run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._step()

    def _step(self) -> None:
        self._library.pa_mainloop_prepare(self._loop, 1000)
        self._library.pa_mainloop_poll(self._loop)
        self._library.pa_mainloop_dispatch(self._loop)

    def close(self) -> None:
        """Disconnect. Safe to call once."""
        self._library.pa_context_disconnect(self._context)
        self._library.pa_context_unref(self._context)
        self._library.pa_mainloop_free(self._loop)
