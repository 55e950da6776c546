"""Who is let in."""

from __future__ import annotations

import pytest

from cartesia_nb.engine.auth import Gate
from cartesia_nb.engine.refusals import Refusal


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def refusal(gate: Gate, headers: dict[str, str], query: dict[str, str], grant: str | None) -> int:
    with pytest.raises(Refusal) as caught:
        gate.admit(headers, query, grant)
    for secret in ("sesame", "poppy", *query.values()):
        assert secret not in caught.value.message
    return caught.value.status_code


def test_a_key_comes_in_by_either_header_or_by_the_query() -> None:
    gate = Gate("sesame")
    gate.admit(bearer("sesame"), {}, "tts")
    gate.admit({"X-API-Key": "sesame"}, {}, "tts")
    gate.admit({}, {"api_key": "sesame"}, None)


def test_no_key_and_a_wrong_key_are_401() -> None:
    gate = Gate("sesame")
    assert refusal(gate, {}, {}, "tts") == 401
    assert refusal(gate, bearer("poppy"), {}, "tts") == 401
    assert refusal(gate, {"Authorization": "Basic sesame"}, {}, "tts") == 401


def test_without_a_key_of_its_own_any_key_will_do_but_none_will_not() -> None:
    gate = Gate()
    gate.admit(bearer("anything"), {}, "tts")
    assert refusal(gate, {}, {}, "tts") == 401
    assert refusal(gate, bearer(" "), {}, "tts") == 401


def test_a_token_serves_its_time_and_not_longer() -> None:
    clock = Clock()
    gate = Gate(None, clock)
    token = gate.grant_token({"grants": {"tts": True}, "expires_in": 60})
    clock.now += 59.9
    gate.admit({}, {"access_token": token}, "tts")
    gate.admit(bearer(token), {}, "tts")
    clock.now += 0.2
    assert refusal(gate, {}, {"access_token": token}, "tts") == 401


def test_a_made_up_token_is_refused_even_where_any_key_will_do() -> None:
    assert refusal(Gate(), bearer("cnb_token_madeup"), {}, "tts") == 401


def test_a_token_needs_the_grant_and_gets_no_further_token() -> None:
    gate = Gate()
    without = gate.grant_token({"grants": {"stt": True, "tts": False}})
    assert refusal(gate, bearer(without), {}, "tts") == 403
    speaking = gate.grant_token({"grants": {"tts": True}})
    assert refusal(gate, bearer(speaking), {}, None) == 403


@pytest.mark.parametrize("expires_in", [0, -1, 3601, "60", True, float("nan")])
def test_a_token_lives_an_hour_at_most(expires_in: object) -> None:
    with pytest.raises(Refusal, match="3600"):
        Gate().grant_token({"expires_in": expires_in})


@pytest.mark.parametrize("grants", [{"everything": True}, {"tts": "yes"}, ["tts"]])
def test_a_grant_must_be_one_there_is(grants: object) -> None:
    with pytest.raises(Refusal, match="grants"):
        Gate().grant_token({"grants": grants})


def test_pages_from_elsewhere_need_a_token() -> None:
    gate = Gate("sesame")
    token = gate.grant_token({"grants": {"tts": True}})
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert refusal(gate, bearer("sesame") | elsewhere, {}, "tts") == 403
    assert refusal(gate, bearer("sesame") | {"Origin": "null"}, {}, "tts") == 403
    gate.admit(elsewhere, {"access_token": token}, "tts")
    for host in ("http://localhost:8888", "http://127.0.0.1", "http://[::1]:80"):
        gate.admit(bearer("sesame") | {"Origin": host}, {}, "tts")


def test_each_key_is_an_account_of_its_own_which_its_tokens_share() -> None:
    gate = Gate()
    one, other = (gate.admit(bearer(key), {}, None) for key in ("sesame", "poppy"))
    assert one == gate.admit({}, {"api_key": "sesame"}, "tts") != other
    token = gate.grant_token({"grants": {"tts": True}}, one)
    assert gate.admit(bearer(token), {}, "tts") == one
    assert "sesame" not in one
