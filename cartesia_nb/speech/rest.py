"""Cartesia's REST calls that a session needs, through the official SDK: voices and tokens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar, cast

from cartesia import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncCartesia,
    CartesiaError,
    DefaultAsyncHttpxClient,
    omit,
)

from cartesia_nb.errors import (
    AuthenticationError,
    CartesiaNbError,
    ConnectError,
    ServerError,
    SettingsError,
)
from cartesia_nb.protocol import limits
from cartesia_nb.speech.secret import Secret
from cartesia_nb.speech.socket import Endpoint

if TYPE_CHECKING:
    import httpx
    from cartesia.pagination import AsyncCursorIDPage
    from cartesia.types.gender_presentation import GenderPresentation
    from cartesia.types.voice import Voice as VoiceRow

T = TypeVar("T")

_PAGE: Final = 100  # the longest that the API gives
_MOST_PAGES: Final = 500  # fifty thousand voices: no catalogue, but a server gone wrong
_RETRIES: Final = 1  # the SDK's own, for statuses that may pass and lost connections

# The last status that a call was answered with, also one that the SDK is about to retry.
_status: ContextVar[list[int]] = ContextVar("status")


class Rest:
    """REST calls to one server. For the network loop alone.

    The SDK's client is made when first needed, kept, and made anew for another endpoint (an
    engine that was restarted has another address).

    Args:
        endpoint: says where to connect; asked before each call, and may start the server.
        timeout: seconds that each answer may take, retries included.
    """

    def __init__(self, endpoint: Callable[[], Awaitable[Endpoint]], timeout: float) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._open: tuple[Endpoint, AsyncCartesia] | None = None
        self._closed = False

    async def voices(
        self, gender: str | None = None, query: str | None = None, mine: bool = False
    ) -> list[VoiceRow]:
        """Every voice that matches, all pages of them.

        The rows are the SDK's, which does not check them: any field may be missing but the id.

        Args:
            gender: one of ``limits.GENDERS``.
            query: searched for in names, descriptions and ids.
            mine: only those that the key's owner made.

        Raises:
            AuthenticationError: the server refused the key.
            ServerError: the server refused the call, or answered what is no list of voices.
            ConnectError: there is no such server, or it did not answer in time.
        """
        endpoint, client = await self._client()
        found: dict[str, VoiceRow] = {}
        listing = client.voices.list(
            limit=_PAGE,
            # The SDK's type is narrower than what a caller of ours has checked at run time.
            gender=_gender(gender) if gender is not None else omit,
            q=query if query else omit,
            is_owner=True if mine else omit,
        )
        page = await self._answer(endpoint, listing)
        for _ in range(_MOST_PAGES):
            rows = _rows(page, endpoint)
            new = {row.id: row for row in rows if row.id not in found}
            found.update(new)
            # A server that says "more" for ever brings nothing new at some point.
            if not new or getattr(page, "has_more", None) is False or not page.has_next_page():
                return list(found.values())
            page = await self._answer(endpoint, page.get_next_page())
        raise ServerError(
            f"The server at {endpoint.base_url} listed {len(found)} voices and had still more. "
            "Ask for fewer: a gender or a query."
        )

    async def voice(self, voice_id: str) -> VoiceRow:
        """One voice by its id. Raises as ``voices`` does.

        Raises:
            SettingsError: ``voice_id`` is empty.
        """
        if not voice_id.strip():
            raise SettingsError(f"voice is {voice_id!r}; it takes a voice id.")
        endpoint, client = await self._client()
        row = await self._answer(endpoint, client.voices.get(voice_id))
        if not _has_id(row):
            raise _senseless(endpoint)
        return row

    async def access_token(self, expires_in: int = limits.TOKEN_MAX_S) -> Secret:
        """A token for speech alone, that a page may be given in place of the key.

        Args:
            expires_in: how long it holds, in seconds, up to ``limits.TOKEN_MAX_S``.

        Raises:
            SettingsError: ``expires_in`` is no such number. Else as ``voices`` does.
        """
        _check_life(expires_in)
        endpoint, client = await self._client()
        asked = client.access_token.create(expires_in=expires_in, grants={"tts": True})
        answer = await self._answer(endpoint, asked)
        token = getattr(answer, "token", None)
        if not isinstance(token, str) or not token:
            raise _senseless(endpoint)
        return Secret(token)

    async def close(self) -> None:
        """Close the connections. Later calls raise ``ConnectError``."""
        self._closed = True
        kept, self._open = self._open, None
        if kept is not None:
            await _close(kept[1])

    async def _client(self) -> tuple[Endpoint, AsyncCartesia]:
        endpoint = await self._endpoint()
        if self._closed:
            raise ConnectError("This connection is closed. Make a new one with connect().")
        kept = self._open
        if kept is not None and _same(kept[0], endpoint):
            return kept
        made = endpoint, _made(endpoint, self._timeout)
        self._open = made
        if kept is not None:
            await _close(kept[1])
        return made

    async def _answer(self, endpoint: Endpoint, call: Awaitable[T]) -> T:
        statuses: list[int] = []
        _status.set(statuses)
        try:
            return await asyncio.wait_for(_awaited(call), self._timeout)
        except (TimeoutError, asyncio.TimeoutError, APITimeoutError):
            raise _too_late(endpoint, self._timeout, statuses) from None
        except CartesiaError as fault:
            raise _translated(fault, endpoint) from None
        except (AttributeError, TypeError, ValueError):
            # The SDK trips over an answer that is not of the shape it expects.
            raise _senseless(endpoint) from None


async def _awaited(call: Awaitable[T]) -> T:
    return await call


async def _note(response: httpx.Response) -> None:
    _status.get().append(response.status_code)


async def _close(client: AsyncCartesia) -> None:
    # Closing what is of no more use must not fail what comes next.
    with contextlib.suppress(Exception):
        await client.close()


def _made(endpoint: Endpoint, timeout: float) -> AsyncCartesia:
    return endpoint.client().with_options(
        timeout=timeout,
        max_retries=_RETRIES,
        http_client=DefaultAsyncHttpxClient(
            event_hooks={"response": [_note]},
            # A proxy of the environment leads away from this machine.
            trust_env=not endpoint.loopback,
        ),
    )


def _same(one: Endpoint, other: Endpoint) -> bool:
    # Secrets compare by identity, and each asking for the endpoint may make one.
    return one.base_url == other.base_url and one.key.reveal() == other.key.reveal()


def _check_life(seconds: object) -> None:
    whole = isinstance(seconds, int) and not isinstance(seconds, bool)
    if not whole or not 0 < cast(int, seconds) <= limits.TOKEN_MAX_S:
        raise SettingsError(
            f"expires_in is {seconds!r}; it takes whole seconds, 1 to {limits.TOKEN_MAX_S}."
        )


def _gender(gender: str) -> GenderPresentation:
    for known in _GENDERS:
        if gender == known:
            return known
    raise SettingsError(f"gender is {gender!r}; allowed are {', '.join(limits.GENDERS)}.")


_GENDERS: Final[tuple[GenderPresentation, ...]] = limits.GENDERS


def _rows(page: AsyncCursorIDPage[VoiceRow], endpoint: Endpoint) -> list[VoiceRow]:
    rows: object = getattr(page, "data", None)
    if not isinstance(rows, list):
        raise _senseless(endpoint)
    # Without an id there is nothing to speak with.
    return [row for row in rows if _has_id(row)]


def _has_id(row: object) -> bool:
    found = getattr(row, "id", None)
    return isinstance(found, str) and bool(found)


def _translated(fault: CartesiaError, endpoint: Endpoint) -> CartesiaNbError:
    if isinstance(fault, APIStatusError):
        return _refused(fault, endpoint)
    if isinstance(fault, APIConnectionError):
        cause = fault.__cause__
        why = endpoint.key.redact(str(cause)) if cause is not None else ""
        return ConnectError(
            f"No server answers at {endpoint.base_url} ({why or type(cause).__name__}). Check the "
            "address and the network."
        )
    return _senseless(endpoint)


def _refused(fault: APIStatusError, endpoint: Endpoint) -> CartesiaNbError:
    status = fault.status_code
    if status in (401, 403):
        return AuthenticationError(
            f"The server at {endpoint.base_url} refused the API key (HTTP {status}). Check the key "
            "in CARTESIA_API_KEY, or the one given to connect(api_key=...)."
        )
    fields = fault.body if isinstance(fault.body, dict) else {}

    def said(name: str) -> str | None:
        value = fields.get(name)
        return endpoint.key.redact(value) if isinstance(value, str) and value else None

    what = ": ".join(filter(None, [said("title"), said("message")])) or "it did not say why"
    return ServerError(
        f"The server at {endpoint.base_url} refused (HTTP {status}): {what.rstrip('.')}."
        + (" Try again in a moment." if status == 429 or status >= 500 else ""),
        status_code=status,
        error_code=said("error_code"),
        request_id=said("request_id"),
        doc_url=said("doc_url"),
    )


def _too_late(endpoint: Endpoint, timeout: float, statuses: list[int]) -> CartesiaNbError:
    refused = [status for status in statuses if status >= 400]
    if refused:
        return ServerError(
            f"The server at {endpoint.base_url} refused (HTTP {refused[-1]}) and was not ready "
            f"again within {timeout:g} s. Try again later.",
            status_code=refused[-1],
        )
    return ConnectError(
        f"The server at {endpoint.base_url} did not answer within {timeout:g} s. Check the network "
        "and the address."
    )


def _senseless(endpoint: Endpoint) -> ServerError:
    return ServerError(
        f"What the server at {endpoint.base_url} answered is not of Cartesia's API. Check the "
        "address."
    )
