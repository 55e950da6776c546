"""What can go wrong, as one tree.

::

    CartesiaNbError
    ├── SettingsError (ValueError)      a setting that is unknown or out of range
    ├── TextError (ValueError)          nothing to say, or a piece that is not text
    ├── KeyMissingError                 no API key, and no way to ask for one
    ├── EngineError                     the built-in engine did not start or died
    │   └── EngineMissingError          its extra is not installed
    ├── ConnectError (ConnectionError)  no connection to the server
    │   └── AuthenticationError         the server refused the key (401, 403)
    ├── SpeechError                     speech that began and could not be finished
    │   ├── ServerError                 the server said why; carries its fields
    │   ├── ConnectionLostError         the socket closed, fell silent or sent what can't be read
    │   └── SourceError                 the text's own source raised
    ├── WaitTimeout (TimeoutError)      a wait ran out of time; the speech goes on
    ├── NotHeardError                   no page could report that it was heard
    ├── TakeFileError (OSError)         a take that can't be read from a file, or put into one
    └── SweepFolderError (OSError)      a sweep's folder that can't be read or written now

Errors known at once are raised by the call. Later ones live in ``take.error`` and are raised
by ``take.wait()``, ``await take`` and iteration; what was received stays in the take.
"""

from __future__ import annotations

__all__ = [
    "AuthenticationError",
    "CartesiaNbError",
    "ConnectError",
    "ConnectionLostError",
    "EngineError",
    "EngineMissingError",
    "KeyMissingError",
    "NotHeardError",
    "ServerError",
    "SettingsError",
    "SourceError",
    "SpeechError",
    "SweepFolderError",
    "TakeFileError",
    "TextError",
    "WaitTimeout",
]


class CartesiaNbError(Exception):
    """The root of every exception that this package raises on purpose."""


class SettingsError(CartesiaNbError, ValueError):
    """A setting that is unknown, of the wrong kind or out of range."""


class TextError(CartesiaNbError, ValueError):
    """Nothing to say, or a piece that is not text."""


class KeyMissingError(CartesiaNbError):
    """No API key was given, none is in the environment, and none could be asked for."""


class EngineError(CartesiaNbError):
    """The built-in engine did not start, or ended."""


class EngineMissingError(EngineError):
    """The built-in engine's extra is not installed."""


class ConnectError(CartesiaNbError, ConnectionError):
    """No connection to the server came about, or it is closed for good.

    Attributes:
        passing: whether another try may succeed; false where it would fail in the same way.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class AuthenticationError(ConnectError):
    """The server refused the key."""


class SpeechError(CartesiaNbError):
    """Speech that was asked for and could not be finished."""


class ServerError(SpeechError):
    """The server refused or broke off, and said why.

    Attributes:
        status_code: HTTP-style status, or ``None`` if the server gave none.
        error_code: Cartesia's machine-readable code, or ``None``.
        request_id: what to tell Cartesia's support, or ``None``.
        doc_url: the documentation that the server points to, or ``None``.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int | None = None,
        error_code: str | None = None,
        request_id: str | None = None,
        doc_url: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.error_code = error_code
        self.request_id = request_id
        self.doc_url = doc_url

    def after(self, more: str) -> ServerError:
        """The same error, with another sentence to its message."""
        return ServerError(
            f"{self} {more}",
            status_code=self.status_code,
            error_code=self.error_code,
            request_id=self.request_id,
            doc_url=self.doc_url,
        )


class ConnectionLostError(SpeechError):
    """The socket closed, fell silent or sent something unreadable before the end.

    Attributes:
        code: the WebSocket close code that the server gave, or ``None``.
    """

    def __init__(self, message: str, *, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class SourceError(SpeechError):
    """The iterable or generator that gives the text raised; its exception is the cause."""


class WaitTimeout(CartesiaNbError, TimeoutError):
    """A wait ran out of time. The speech itself goes on."""


class NotHeardError(CartesiaNbError):
    """No page could report that the take was heard."""


class TakeFileError(CartesiaNbError, OSError):
    """A take that can't be read from a file or written to one, or is too large for a notebook."""


class SweepFolderError(CartesiaNbError, OSError):
    """A sweep's folder that can't be read or written, or that another process is writing."""
