"""The server: its paths, and a loop that runs until it is told to stop."""

from __future__ import annotations

from typing import Final

from tornado import httpserver, netutil, web

from cartesia_nb.engine import rest
from cartesia_nb.engine.handlers import Services, Unknown
from cartesia_nb.engine.sockets import SpeechSocket
from cartesia_nb.engine.sse import SpeechEvents
from cartesia_nb.protocol.limits import WEBSOCKET_PATH

LOOPBACK: Final = "127.0.0.1"
"""The only address it listens on."""

_LONGEST_BODY: Final = 4 * 1024 * 1024


def application(services: Services) -> web.Application:
    """All paths of the engine."""
    shared: dict[str, Services] = {"services": services}
    return web.Application(
        [
            (WEBSOCKET_PATH, SpeechSocket, shared),
            (r"/tts/bytes", rest.SpeechBytes, shared),
            (r"/tts/sse", SpeechEvents, shared),
            (r"/voices/?", rest.Voices, shared),
            (r"/voices/([^/]+)", rest.OneVoice, shared),
            (r"/access-token", rest.AccessToken, shared),
            (r"/engine/control", rest.EngineControl, shared),
            (r"/engine/faults", rest.EngineFaults, shared),
            (r"/engine/log", rest.EngineLog, shared),
        ],
        default_handler_class=Unknown,
        default_handler_args=shared,
        # The query may carry a key.
        log_function=lambda handler: None,
        websocket_max_message_size=_LONGEST_BODY,
    )


def listen(services: Services, port: int = 0) -> tuple[httpserver.HTTPServer, int]:
    """Start to serve on loopback, on the running loop.

    Args:
        port: 0 takes a free one.

    Returns:
        The server and its port.

    Raises:
        OSError: the port is taken.
    """
    sockets = netutil.bind_sockets(port, LOOPBACK)
    server = httpserver.HTTPServer(application(services), max_body_size=_LONGEST_BODY)
    server.add_sockets(sockets)
    return server, int(sockets[0].getsockname()[1])
