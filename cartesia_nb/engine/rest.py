"""Cartesia's REST calls that the engine has, and its own ``/engine/...``."""

from __future__ import annotations

from typing import Final

from tornado.iostream import StreamClosedError

from cartesia_nb.engine import wav
from cartesia_nb.engine.handlers import Guarded
from cartesia_nb.engine.log import Entry
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Generation, read_whole
from cartesia_nb.engine.sentences import pieces
from cartesia_nb.engine.synth import Voicing
from cartesia_nb.engine.voices import Voice, catalogue, stand_in
from cartesia_nb.engine.weather import Weather
from cartesia_nb.protocol.encodings import encode
from cartesia_nb.protocol.limits import GENDERS

_LONGEST_PAGE: Final = 100
_USUAL_PAGE: Final = 10


class Voices(Guarded):
    """``GET /voices``: a page of the catalogue."""

    grant = "tts"

    def get(self) -> None:
        """``limit`` (1 to 100), ``starting_after``, ``ending_before``, ``q``, ``gender``,
        ``is_owner``; gives ``data`` and ``has_more``."""
        voices = self._wanted()
        limit = self._limit()
        after = self.get_query_argument("starting_after", None)
        before = self.get_query_argument("ending_before", None)
        if before is not None:
            end = _index(voices, before, "ending_before")
            page = voices[max(0, end - limit) : end]
            more = end > limit
        else:
            start = 0 if after is None else _index(voices, after, "starting_after") + 1
            page = voices[start : start + limit]
            more = start + limit < len(voices)
        self.finish({"data": [voice.described() for voice in page], "has_more": more})

    def _wanted(self) -> list[Voice]:
        query = self.get_query_argument("q", "").casefold()
        gender = self.get_query_argument("gender", None)
        if gender is not None and gender not in GENDERS:
            raise _invalid("gender", gender, f"one of {', '.join(GENDERS)}")
        if self.get_query_argument("is_owner", "false").lower() == "true":
            return []
        return [
            voice
            for voice in catalogue()
            if gender in (None, voice.gender)
            and query in f"{voice.name}\n{voice.described()['description']}\n{voice.id}".casefold()
        ]

    def _limit(self) -> int:
        text = self.get_query_argument("limit", str(_USUAL_PAGE))
        if not text.isdecimal() or not 1 <= int(text) <= _LONGEST_PAGE:
            raise _invalid("limit", text, f"a whole number from 1 to {_LONGEST_PAGE}")
        return int(text)


class OneVoice(Guarded):
    """``GET /voices/{id}``: a voice, or the one that stands in for an id from elsewhere."""

    grant = "tts"

    def get(self, voice_id: str) -> None:
        """The voice."""
        self.finish(stand_in(voice_id).described() | {"id": voice_id})


class AccessToken(Guarded):
    """``POST /access-token``: a short-lived token. Only an API key can get one."""

    def post(self) -> None:
        """``grants`` and ``expires_in`` seconds; gives ``token``."""
        token = self.services.gate.grant_token(self.body(), self.account)
        self.finish({"token": token})


class SpeechBytes(Guarded):
    """``POST /tts/bytes``: speech as one response, raw or WAV, streamed as it is made."""

    grant = "tts"

    async def post(self) -> None:
        """Fields as on the socket."""
        fields = self.body()
        output = fields.get("output_format")
        if isinstance(output, dict) and output.get("container") == "mp3":
            raise Refusal(
                "unsupported_container",
                "Unsupported container",
                "The built-in engine makes no MP3; ask for the container wav or raw.",
            )
        request = read_whole(fields, "", containers=("raw", "wav"))
        services = self.services
        control = services.control
        control.counters.characters += len(request.transcript)
        entry = control.log.open(request, "bytes")
        entry.said(request.transcript)
        voicing = Voicing(
            services.synthesiser, control.heeded(request), control.varied(entry.number)
        )
        self.set_header("Content-Type", "audio/wav" if request.container == "wav" else "audio/pcm")
        try:
            await self._stream(request, voicing, entry)
        except StreamClosedError:
            entry.end("cancelled")
        except Exception:
            entry.end("failed")
            raise

    async def _stream(self, request: Generation, voicing: Voicing, entry: Entry) -> None:
        if request.container == "wav":
            self.write(wav.header(request.encoding, request.sample_rate))
        for piece in pieces(request.transcript):
            self.write(encode((await voicing.speak(piece)).samples, request.encoding))
            await self.flush()
        self.write(encode(voicing.finish(), request.encoding))
        entry.end("done")
        await self.finish()


class EngineControl(Guarded):
    """``/engine/control``: what tests and lessons turn; not Cartesia's."""

    def get(self) -> None:
        """Settings and counters."""
        self.finish(self.services.control.state())

    def post(self) -> None:
        """Change settings; gives the new state."""
        self.services.control.update(self.body())
        self.get()


class EngineFaults(Guarded):
    """``/engine/faults``: how the engine is to misbehave; not Cartesia's.

    It concerns the WebSocket and its handshake, never REST.
    """

    def get(self) -> None:
        """What is set, and how often each fault has ``struck`` since."""
        self.finish(self.services.sky.plan.state())

    def post(self) -> None:
        """Replace the whole, also for what is in flight; ``{}`` clears. Gives the new state."""
        counters = self.services.control.counters
        weather = Weather.read(self.body())
        self.services.sky.change(weather, contexts=counters.contexts, sockets=counters.connections)
        self.get()


class EngineLog(Guarded):
    """``/engine/log``: what was asked for; not Cartesia's."""

    def get(self) -> None:
        """``contexts``, the newest, oldest first, and the ``count`` of all."""
        log = self.services.control.log
        self.finish({"contexts": log.described(), "count": log.count})


def _index(voices: list[Voice], voice_id: str, name: str) -> int:
    for index, voice in enumerate(voices):
        if voice.id == voice_id:
            return index
    raise _invalid(name, voice_id, "the id of a voice in this list")


def _invalid(name: str, value: object, wanted: str) -> Refusal:
    return Refusal(f"invalid_{name}", f"Invalid {name}", f"{name} is {value!r}; it takes {wanted}.")
