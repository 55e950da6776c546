"""Which server a session speaks through, and the key it takes."""

from __future__ import annotations

import contextlib
import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass

from cartesia_nb.engine.process import EngineProcess, check_installed
from cartesia_nb.errors import KeyMissingError, SettingsError
from cartesia_nb.protocol import limits
from cartesia_nb.speech import backend as backends
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint

KEY_VARIABLE = "CARTESIA_API_KEY"


@dataclass(frozen=True)
class Choice:
    """A backend, the way to it, and the built-in engine if that is what it is."""

    backend: Backend
    endpoint: Endpoint | Callable[[], Endpoint]
    engine: EngineProcess | None = None


def choose(where: str | None, api_key: str | None, base_url: str | None) -> Choice:
    """The backend that ``connect`` was asked for.

    Raises:
        SettingsError: for a combination or an address that makes no sense.
        KeyMissingError: Cartesia was asked for, and there is no key.
        EngineMissingError: the engine was asked for, or is all there is, and is not installed.
    """
    if where not in (None, "local", "cartesia"):
        raise SettingsError(
            f"connect({where!r}) is not known; it takes 'local' for the built-in engine, "
            "'cartesia', or nothing to choose by whether there is a key."
        )
    if base_url is not None:
        if where == "local":
            raise SettingsError("connect('local') has an address of its own; leave out base_url.")
        return _server(base_url, api_key)
    if where == "local":
        if api_key is not None:
            raise SettingsError("connect('local') needs no key; leave out api_key.")
        return _engine()
    key = api_key if api_key is not None else os.environ.get(KEY_VARIABLE, "")
    if where is None and api_key is None and not key.strip():
        return _engine()
    return _cartesia(key.strip() or _ask())


def _cartesia(key: str) -> Choice:
    websocket = limits.CARTESIA_URL.replace("https://", "wss://")
    return Choice(backends.CARTESIA, Endpoint(limits.CARTESIA_URL, websocket, Secret(key)))


def _server(base_url: str, api_key: str | None) -> Choice:
    scheme, separator, rest = base_url.partition("://")
    secure = {"http": False, "ws": False, "https": True, "wss": True}.get(scheme)
    if not separator or not rest or secure is None:
        raise SettingsError(
            f"base_url is {base_url!r}; it takes an address such as 'http://127.0.0.1:8080'."
        )
    key = api_key if api_key is not None else os.environ.get(KEY_VARIABLE, "")
    if not key.strip():
        raise KeyMissingError(
            f"The server at {base_url} needs a key: connect(api_key=..., base_url=...)."
        )
    rest = rest.rstrip("/")
    http, websocket = ("https", "wss") if secure else ("http", "ws")
    endpoint = Endpoint(f"{http}://{rest}", f"{websocket}://{rest}", Secret(key.strip()))
    return Choice(backends.server(endpoint.base_url), endpoint)


def _ask() -> str:
    with contextlib.suppress(Exception):  # no way to ask: said below
        key = getpass.getpass("Cartesia API key (from play.cartesia.ai/keys): ").strip()
        if key:
            return key
    raise KeyMissingError(
        "There is no Cartesia API key. Set CARTESIA_API_KEY before starting Jupyter, or pass "
        'connect(api_key=...); connect("local") speaks without one.'
    )


def _engine() -> Choice:
    check_installed()
    engine = EngineProcess()

    def endpoint() -> Endpoint:
        engine.start()
        return Endpoint(engine.url, engine.websocket_url, Secret(engine.api_key))

    return Choice(backends.ENGINE, endpoint, engine)
