"""A connection to a server that is not the engine, with a key that nobody is to see."""

from __future__ import annotations

import base64

from cartesia_nb.speech import backend
from cartesia_nb.speech.bounds import Bounds
from cartesia_nb.speech.connection import Connection
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint

KEY = "sk_car_never_to_be_shown"
PCM = bytes(range(256)) * 4
DATA = base64.b64encode(PCM).decode()
BOUNDS = Bounds(connect=8, alive=4, first_audio=8, silence=0.8, busy=0.5, close=0.5)


def connection_to(port: int, *, bounds: Bounds = BOUNDS, secure: bool = False) -> Connection:
    s, address = "s" if secure else "", f"127.0.0.1:{port}"
    endpoint = Endpoint(f"http{s}://{address}", f"ws{s}://{address}", Secret(KEY))
    return Connection(endpoint, backend.server(endpoint.base_url), bounds=bounds)
