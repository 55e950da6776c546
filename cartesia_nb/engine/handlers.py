"""What all handlers share: the services behind them, credentials first, refusals as JSON."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Final

from tornado import web
from tornado.websocket import WebSocketClosedError

from cartesia_nb.engine import events
from cartesia_nb.engine.auth import Gate
from cartesia_nb.engine.control import Control
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Fields, read_json
from cartesia_nb.engine.synth import Synthesiser
from cartesia_nb.engine.weather import Sky

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers work with; one for the server."""

    gate: Gate
    control: Control
    sky: Sky
    synthesiser: Synthesiser


class Guarded(web.RequestHandler):
    """A handler behind the gate."""

    grant: ClassVar[str | None] = None
    """What an access token must carry to come in; ``None``: only an API key comes in."""

    def initialize(self, services: Services) -> None:
        """Tornado's way to pass what a handler needs."""
        self.services = services

    def prepare(self) -> None:
        """Before anything else, a WebSocket's handshake included.

        Raises:
            Refusal: no valid credential came with the request.
        """
        query = {name: self.get_query_argument(name) for name in self.request.query_arguments}
        self.account = self.services.gate.admit(self.request.headers, query, self.grant)

    def body(self) -> Fields:
        """The request's JSON object; no body is an empty one.

        Raises:
            Refusal: it is something else.
        """
        return read_json(self.request.body or b"{}")

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """A refusal that was raised, or tornado's own error (unknown path, a bug), as JSON."""
        exc_info = kwargs.get("exc_info")
        error = exc_info[1] if isinstance(exc_info, tuple) else None
        if not isinstance(error, Refusal):
            title = "Not found" if status_code == 404 else self._reason
            error = Refusal(
                title.lower().replace(" ", "_"),
                title,
                f"{self.request.method} {self.request.path}: {title.lower()}.",
                status_code=status_code,
            )
        self.set_status(error.status_code)
        self.finish(events.error(error, str(uuid.uuid4())))

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Only what is our fault, and without the request, whose query may carry a key."""
        if not isinstance(value, web.HTTPError | Refusal | WebSocketClosedError):
            _log.error("%s %s failed", self.request.method, self.request.path, exc_info=value)


class Unknown(Guarded):
    """A path that this engine does not have."""

    def prepare(self) -> None:
        """404, whoever asks."""
        raise web.HTTPError(404)
