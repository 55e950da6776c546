"""What is published of a take, as far as no kernel is needed (tests/notebook/test_still.py)."""

from __future__ import annotations

import pytest

from cartesia_nb.player import snapshot
from cartesia_nb.player.display import mimebundle, picture, show
from tests.player.takes import take_of, voice


def test_a_picture_is_drawn_once() -> None:
    take = take_of(voice(0.5))
    assert picture(take) is picture(take)


def test_a_take_whose_picture_cannot_be_drawn_has_its_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: object) -> bytes:
        raise OSError("no fonts here")

    monkeypatch.setattr(snapshot, "still", broken)
    take = take_of(voice(0.5))
    assert picture(take).data == {"text/plain": repr(take)}


def test_outside_a_notebook_a_take_is_text() -> None:
    take = take_of(voice(0.5))
    with pytest.raises(NotImplementedError):  # which tells IPython to go on
        show(take)
    assert mimebundle(take) == {"text/plain": repr(take)}
