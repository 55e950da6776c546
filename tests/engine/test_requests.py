"""What a message needs: all of it to open a context, next to nothing to flush or end one."""

from __future__ import annotations

import json

import pytest

from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Cancel, Generation, Signal, read_message
from tests.engine.talk import Event, request

# As version 2 of the Python SDK fills in what its no_more_inputs() and flush() don't know.
DEFAULTS: Event = {
    "model_id": "sonic-2",
    "voice": {"mode": "embedding", "embedding": [0.5] * 192},
    "output_format": {"container": "raw", "encoding": "pcm_f32le", "sample_rate": 44100},
    "stream": True,
}
BAD: Event = {"model_id": 5, "voice": [], "output_format": "mp3", "generation_config": "fast"}


def read(fields: Event, *opened: str) -> Generation | Signal | Cancel:
    return read_message(json.dumps(fields), opened)


@pytest.mark.parametrize("rest", [{}, DEFAULTS, BAD])
def test_without_text_an_open_context_needs_its_id_alone(rest: Event) -> None:
    fields = rest | {"context_id": "a", "transcript": ""}
    assert read(fields, "a") == Signal("a", continues=False, flush=False)
    flush = fields | {"continue": True, "flush": True}
    assert read(flush, "a", "b") == Signal("a", continues=True, flush=True)


@pytest.mark.parametrize("name", ["continue", "flush"])
def test_what_such_a_message_does_need_is_checked(name: str) -> None:
    with pytest.raises(Refusal, match=f"{name} is 'yes'") as caught:
        read({"context_id": "a", "transcript": "", name: "yes"}, "a")
    assert caught.value.context_id == "a"


@pytest.mark.parametrize("fields", [{}, DEFAULTS, BAD])
def test_the_first_message_of_a_context_is_checked_whole_with_text_or_without(
    fields: Event,
) -> None:
    for text in ("", "Hi."):
        with pytest.raises(Refusal):
            read(fields | {"context_id": "a", "transcript": text}, "b")


@pytest.mark.parametrize("text", ["Hi.", " ", None])
def test_a_later_message_is_checked_whole_unless_its_text_is_empty(text: str | None) -> None:
    with pytest.raises(Refusal):
        read(DEFAULTS | {"context_id": "a", "transcript": text}, "a")


def test_later_text_may_change_nothing_else() -> None:
    first, later = read(request("One. ")), read(request("Two. ", language="fr"), "a")
    assert isinstance(first, Generation) and isinstance(later, Generation)
    first.require_same(first)
    with pytest.raises(Refusal, match="language was 'en' and is now 'fr'"):
        first.require_same(later)


def test_a_cancel_needs_its_id_alone() -> None:
    assert read({"context_id": "a", "cancel": True}) == Cancel("a")
