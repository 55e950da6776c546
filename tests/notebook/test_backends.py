"""Which server ``connect`` chooses, and how it says what is missing."""

from __future__ import annotations

import getpass
import importlib.util
from importlib.machinery import ModuleSpec

import pytest

from cartesia_nb.errors import EngineMissingError, KeyMissingError, SettingsError
from cartesia_nb.notebook.backends import choose
from cartesia_nb.speech.socket import Endpoint


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARTESIA_API_KEY", raising=False)


def endpoint(choice: object) -> Endpoint:
    found = getattr(choice, "endpoint", None)
    assert isinstance(found, Endpoint)
    return found


@pytest.mark.parametrize("key", [None, "", "  "])
def test_without_a_key_the_engine_speaks(monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    if key is not None:
        monkeypatch.setenv("CARTESIA_API_KEY", key)
    assert choose(None, None, None).backend.name == "engine"


def test_with_a_key_in_the_environment_cartesia_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_environment")
    choice = choose(None, None, None)
    assert choice.backend.name == "cartesia"
    assert endpoint(choice).websocket_url == "wss://api.cartesia.ai"
    assert endpoint(choice).key.reveal() == "sk_environment"


def test_a_key_given_goes_before_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_environment")
    assert endpoint(choose(None, "sk_given", None)).key.reveal() == "sk_given"


def test_local_is_always_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTESIA_API_KEY", "sk_environment")
    assert choose("local", None, None).backend.name == "engine"


def test_cartesia_without_a_key_asks_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt: " sk_typed ")
    assert endpoint(choose("cartesia", None, None)).key.reveal() == "sk_typed"


@pytest.mark.parametrize("answer", ["", EOFError()])
def test_cartesia_without_a_key_and_no_answer_is_an_error(
    monkeypatch: pytest.MonkeyPatch, answer: str | BaseException
) -> None:
    def ask(prompt: str) -> str:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    monkeypatch.setattr(getpass, "getpass", ask)
    with pytest.raises(KeyMissingError, match='connect\\("local"\\) speaks without one'):
        choose("cartesia", None, None)


@pytest.mark.parametrize(
    ("url", "http", "websocket"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "ws://127.0.0.1:8080"),
        ("https://speech.example/v1/", "https://speech.example/v1", "wss://speech.example/v1"),
        ("ws://localhost:1", "http://localhost:1", "ws://localhost:1"),
    ],
)
def test_any_compatible_server_can_be_named(url: str, http: str, websocket: str) -> None:
    choice = choose(None, "k", url)
    assert (endpoint(choice).base_url, endpoint(choice).websocket_url) == (http, websocket)
    assert choice.backend.name == "server"


@pytest.mark.parametrize(
    ("where", "api_key", "base_url", "says"),
    [
        ("clowd", None, None, "it takes 'local'"),
        ("local", "k", None, "needs no key"),
        ("local", None, "http://x", "address of its own"),
        (None, "k", "localhost", "an address such as"),
        (None, "k", "ftp://x", "an address such as"),
    ],
)
def test_what_makes_no_sense_is_refused(
    where: str | None, api_key: str | None, base_url: str | None, says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        choose(where, api_key, base_url)


def test_a_server_without_a_key_is_refused() -> None:
    with pytest.raises(KeyMissingError, match="needs a key"):
        choose(None, None, "http://127.0.0.1:1")


def test_the_engine_that_is_not_installed_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "espeakng_loader" else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(EngineMissingError, match=r'pip install "cartesia_nb\[local\]"'):
        choose(None, None, None)
