"""One context on its way: what is to be said, and what the server's messages make of it."""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import Callable, Container
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, Literal

from cartesia.types.websocket_response import WebsocketResponse

from cartesia_nb.errors import CartesiaNbError, ConnectionLostError
from cartesia_nb.protocol import limits
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.line import Link
from cartesia_nb.speech.recording import Recording, State, Word
from cartesia_nb.speech.settings import Json

REJECTED: Final = (1003, 1007, 1008, 1009)
"""Close codes of RFC 6455 by which the server rejects what was sent: sent again, it would again."""

_order: Final = itertools.count()


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Outgoing:
    """One message: some text, a flush, or the last text.

    Attributes:
        sent: called on the network loop when it has left, or will never leave; perhaps twice.
        characters: of the context's text up to and including this message's; the route counts.
    """

    kind: Literal["text", "flush", "last"]
    text: str = ""
    sent: Callable[[], object] = _nothing
    characters: int = 0


class Phase(Enum):
    """Where a context stands with the server."""

    NEW = auto()
    """Nothing was given yet."""
    QUEUED = auto()
    """It waits for a place among those in flight."""
    READY = auto()
    """It has a place, and waits for a socket."""
    OPEN = auto()
    """It is sent, and answered."""
    LAPSED = auto()
    """All text so far was spoken and the server has let go of it; more text begins it anew."""
    LEAVING = auto()
    """It ended here; the server may still be at it, and holds its place there."""
    OVER = auto()


class Route:
    """One context as the router sees it. For the network loop alone, once it is made.

    Several "lives" of it may be seen by the server: one more each time that it begins anew, with
    a wire id of its own, so that no late message of one life is taken for the next one's.

    Attributes:
        order: contexts made earlier have a smaller one.
        phase: where it stands.
        link: the socket that this life is on, or ``None``.
        wire_id: the context id of this life.
        inputs_done: whether the last text was given to the server.
        sends: how often its text was begun to be sent without audio coming of it.
        since: when it began to wait for a socket, by the line's clock.
        cold: whether there was none then.
        busy_since: when the server first had no room for it, or ``None``.
        last_event: when something was last sent or received.
        sent: how many messages of this life went over the wire.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.order = next(_order)
        self.phase = Phase.NEW
        self.link: Link | None = None
        self.wire_id = recording.id
        self.inputs_done = False
        self.sends = 0
        self.since = 0.0
        self.cold = False
        self.busy_since: float | None = None
        self.last_event = 0.0
        self.sent = 0
        self._lives = 0
        self._script: list[Outgoing] = []
        self._characters = 0  # given so far
        self._cursor = 0
        self._audible = False  # this life has given audio
        self._spoken = False  # there was audio since speakable text was last sent
        self._speakable = False  # this life was given something that can be spoken
        self._unanswered = False  # text was sent since the last `done`
        self._begun = self._asked = 0.0  # when this life began, and had speakable text last sent
        self._base_s = 0.0  # the take's length when this life began
        self._held: list[WebsocketResponse] = []

    @property
    def fresh(self) -> bool:
        """Whether this life has given no audio yet, so that it can be sent again whole."""
        return not self._audible

    def resendable(self, lost: CartesiaNbError) -> bool:
        """Whether it is to be sent again whole after its socket was lost in this way."""
        rejected = getattr(lost, "code", None) in REJECTED
        return not (self._audible or rejected or self.recording.ended)

    # --- text ----------------------------------------------------------------------------------

    def give(self, message: Outgoing) -> None:
        """Another message of the context."""
        self._characters += len(message.text)
        self._script.append(replace(message, characters=self._characters))

    def begin(self, link: Link, now: float, taken: Container[str] = ()) -> None:
        """This life is to be sent on ``link``, from its beginning.

        Its wire id is none of those ``taken``: an id of the caller's own may be in use already,
        as that of a context just cancelled is until the server's last word.
        """
        self._lives += 1
        while (wire_id := self._life_id()) in taken:
            self._lives += 1
        self.wire_id = wire_id
        self.phase, self.link, self.last_event = Phase.OPEN, link, now
        self._begun = self._asked = now
        self.sends += 1
        self.sent = 0
        self._cursor = 0
        self._audible = self._spoken = self._speakable = self._unanswered = False
        self._held = []
        timeline = self.recording.timeline
        self._base_s = timeline.duration
        if not timeline.count:  # else its audio came over another socket
            timeline.connected, timeline.handshake = now, link.handshake
            timeline.cold = self.cold or bool(timeline.cold)

    def _life_id(self) -> str:
        own = self.recording.id
        return own if self._lives == 1 else f"{own}-{self._lives}"

    def next(self) -> Outgoing | None:
        """The next message to send, which counts as given to the server from here on."""
        if self.phase is not Phase.OPEN or self._cursor >= len(self._script):
            return None
        message = self._script[self._cursor]
        self._cursor += 1
        if self._audible:
            self._forget_sent()
        if self.complete(message):
            return message
        last = message.kind == "last"
        self.inputs_done = self.inputs_done or last
        self._unanswered = True
        if any(map(str.isalnum, message.text)):
            self._speakable, self._spoken = True, False
        return message

    def complete(self, message: Outgoing) -> bool:
        """Whether ``message`` only says that there is no more, and nothing is owed."""
        return message.kind == "last" and not message.text and not self._unanswered

    def sending(self, message: Outgoing, now: float) -> dict[str, Json]:
        """The message leaves now: note it, and give what goes over the wire."""
        self.last_event = now
        self.sent += 1
        if any(map(str.isalnum, message.text)):
            self._asked = now
        if message.text:
            self.recording.timeline.sending(now, message.characters)
            self.recording.begin()
        wire: dict[str, Json] = {
            **self.recording.settings.to_request(),
            "context_id": self.wire_id,
            "transcript": message.text,
            "continue": message.kind != "last",
        }
        if message.kind == "flush":
            wire["flush"] = True
        return wire

    def drop_text(self) -> None:
        """What was not sent is not wanted any more."""
        unsent, self._script = self._script[self._cursor :], []
        self._cursor = 0
        for message in unsent:
            message.sent()

    def anew(self) -> None:
        """This life is of no use: what came of it is dropped, its text is to be sent again."""
        self.link = None
        self.recording.timeline.resent += 1
        self.inputs_done = False
        self._cursor = 0
        self._held = []
        self.recording.again()

    def lapse(self) -> None:
        """The server has spoken everything and let go: more text begins another life."""
        self._release()
        self._forget_sent()
        self.link = None
        self.sends = 0
        self.phase = Phase.LAPSED

    def _forget_sent(self) -> None:
        del self._script[: self._cursor]
        self._cursor = 0

    @property
    def has_more(self) -> bool:
        """Whether there is text that this life was not sent yet."""
        return self._cursor < len(self._script)

    # --- answers -------------------------------------------------------------------------------

    def apply(self, event: WebsocketResponse, now: float) -> None:
        """Take in a message that is no ``done`` and no error.

        Raises:
            TypeError, ValueError: it is a chunk whose audio can't be read.
        """
        self.last_event = now
        if event.type == "chunk":
            self._chunk(event, base64.b64decode(event.data or "", validate=True), now)
        elif event.type in ("timestamps", "phoneme_timestamps", "flush_done"):
            # Kept back until there is audio: until then this life may yet be dropped whole.
            if self._audible:
                self._note(event)
            else:
                self._held.append(event)

    def _chunk(self, event: WebsocketResponse, pcm: bytes, now: float) -> None:
        if not pcm:
            return
        if not self._audible:
            self._audible = True
            self.sends = 0
            self.busy_since = None
            self._forget_sent()
            self._release()
        self._spoken = True
        self.recording.add_audio(
            pcm,
            received=now,
            step_time=_number(getattr(event, "step_time", None)),
            flush_id=_flush_id(event),
        )

    def _note(self, event: WebsocketResponse) -> None:
        recording, flush_id = self.recording, _flush_id(event)
        if event.type == "timestamps":
            recording.add_words(self._times(event.word_timestamps, "words"), flush_id)
        elif event.type == "phoneme_timestamps":
            recording.add_phonemes(self._times(event.phoneme_timestamps, "phonemes"), flush_id)
        elif event.type == "flush_done":
            recording.add_flush_done(flush_id)

    def _times(self, times: object, of: str) -> list[Word]:
        # What can't be read is left out: a time that is missing is no reason to lose the speech.
        columns = [getattr(times, name, None) for name in (of, "start", "end")]
        texts, starts, ends = (column if isinstance(column, list) else [] for column in columns)
        words = []
        for text, start, end in zip(texts, map(_number, starts), map(_number, ends), strict=False):
            if isinstance(text, str) and start is not None and end is not None:
                # The server counts from the beginning of this life. Half a character could
                # neither be saved nor sent to a page.
                whole = text.encode("utf-8", "replace").decode()
                words.append(Word(whole, self._base_s + start, self._base_s + end))
        return words

    def _release(self) -> None:
        held, self._held = self._held, []
        for event in held:
            self._note(event)

    def done(self) -> bool:
        """The server says that it is done: whether that is the end of the context.

        A server lets a context lapse about a second after its last audio. Its ``done`` may
        cross with our next text on the way, which then begins a context of the same id: a
        ``done`` that comes after such text and before any of its audio is not that text's. This
        tells the two apart where messages take less than half a second; the protocol gives no
        better sign.
        """
        lapsing = self._audible or self._asked - self._begun > limits.CONTEXT_LINGER_S / 2
        if lapsing and self._speakable and not self._spoken:
            return False
        self._unanswered = False
        return not self.has_more and (self.inputs_done or not self.recording.live)

    @property
    def crossed(self) -> bool:
        """Whether text was sent that the last ``done`` can't have meant."""
        return self._unanswered

    def end(self, state: State, now: float, error: CartesiaNbError | None = None) -> None:
        """Nothing more comes of it for the listener."""
        self._release()
        self.recording.end(state, now, error)

    # --- time ----------------------------------------------------------------------------------

    def due(self, bounds: Bounds) -> float | None:
        """When the server will have been silent for too long; ``None`` if it owes nothing."""
        recording = self.recording
        if self.phase is Phase.LEAVING:
            # The server may still be finishing, and owes us no last word.
            return self.last_event + bounds.close
        if self.phase is not Phase.OPEN or (self._cursor == 0 and not self._audible):
            return None
        bound = bounds.silence if self._audible else bounds.first_audio
        bound += 0.0 if self.link is None else self.link.slack_s
        if not self.inputs_done:
            if recording.live and (self._audible or not self._speakable):
                return None  # the text's own source sets the pace
            bound += recording.settings.max_buffer_delay_ms / 1000 + limits.CONTEXT_LINGER_S
        return self.last_event + bound

    def silence(self, now: float) -> ConnectionLostError:
        """Why it fails when that moment has come."""
        silent = now - self.last_event
        if self.recording.store.size:
            what = f"The server fell silent for {silent:.1f} s in the middle of the speech"
        else:
            what = f"The server sent no audio within {silent:.1f} s"
        advice = "say it again" if self.inputs_done else "call no_more_inputs() after the last push"
        return ConnectionLostError(f"{what}. What came is kept; {advice}.")


def _number(value: object) -> float | None:
    """What a server sent as a number, if it is one: the SDK checks no event."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _flush_id(event: WebsocketResponse) -> int | None:
    number = _number(getattr(event, "flush_id", None))
    return None if number is None else int(number)
