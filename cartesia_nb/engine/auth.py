"""Who may use the engine: API keys, short-lived access tokens, and web pages' origins.

Keys and tokens are never logged and stand in no error's text.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.requests import Fields
from cartesia_nb.protocol.limits import TOKEN_MAX_S

_TOKEN_MARK: Final = "cnb_token_"
_GRANTS: Final = ("tts", "stt", "agent")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class _Token(NamedTuple):
    expires: float
    grants: frozenset[str]
    account: str


class Gate:
    """Checks credentials and hands out tokens.

    Args:
        api_key: the only key accepted; ``None`` accepts any that is not empty.
        clock: seconds, monotonic; by it tokens expire.
    """

    def __init__(
        self, api_key: str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._api_key = api_key
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._salt = secrets.token_bytes(16)

    def admit(
        self,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        grant: str | None = None,
    ) -> str:
        """Let a request in, or say why not.

        Args:
            headers: of the request; its names in any case that the mapping understands.
            query: of the URL: ``access_token`` or ``api_key``.
            grant: what a token must carry. ``None``: only a key will do.

        Returns:
            Whose request it is: the same for a key and for the tokens that it asked for. Says
            nothing about the key.

        Raises:
            Refusal: 401 without a valid credential, 403 where a token or a page may not.
        """
        account, by_token = self._check_credential(_credential(headers, query), grant)
        origin = headers.get("Origin")
        if origin and not by_token and urlsplit(origin).hostname not in _LOOPBACK:
            raise Refusal(
                "origin_not_allowed",
                "Forbidden",
                f"A page from {origin} may use the engine only with an access token.",
                status_code=403,
            )
        return account

    def grant_token(self, fields: Fields, account: str = "") -> str:
        """A new token, as ``POST /access-token`` asks for it.

        Args:
            fields: of the request.
            account: who asks, as ``admit`` gave it.

        Raises:
            Refusal: ``expires_in`` or ``grants`` can't be granted.
        """
        expires_in = fields.get("expires_in")
        if expires_in is None:
            expires_in = TOKEN_MAX_S
        if (
            isinstance(expires_in, bool)
            or not isinstance(expires_in, int | float)
            or not 0 < expires_in <= TOKEN_MAX_S
        ):
            raise Refusal(
                "invalid_expires_in",
                "Invalid expires_in",
                f"expires_in is {expires_in!r}; it takes seconds, above 0 and up to {TOKEN_MAX_S}.",
            )
        grants = fields.get("grants") or {}
        if not isinstance(grants, dict) or not all(
            name in _GRANTS and (value is None or isinstance(value, bool))
            for name, value in grants.items()
        ):
            raise Refusal(
                "invalid_grants",
                "Invalid grants",
                f"grants is {grants!r}; it takes true or false for {', '.join(_GRANTS)}.",
            )
        now = self._clock()
        self._tokens = {token: kept for token, kept in self._tokens.items() if kept.expires > now}
        token = _TOKEN_MARK + secrets.token_urlsafe(32)
        granted = frozenset(name for name, on in grants.items() if on)
        self._tokens[token] = _Token(now + expires_in, granted, account)
        return token

    def _check_credential(self, credential: str, grant: str | None) -> tuple[str, bool]:
        """Whose it is, and whether it is a token; refuses what is neither token nor key."""
        if not credential:
            raise _unauthorised("No API key. Send it as the header Authorization: Bearer KEY.")
        # With any key accepted, an expired token must still not pass for one.
        if credential.startswith(_TOKEN_MARK):
            token = self._tokens.get(credential)
            if token is None or token.expires <= self._clock():
                raise _unauthorised("The access token is unknown or has expired; ask for another.")
            if grant not in token.grants:
                raise Refusal(
                    "grant_missing",
                    "Forbidden",
                    f"The access token does not carry the grant {grant!r}."
                    if grant
                    else "This needs an API key; an access token will not do.",
                    status_code=403,
                )
            return token.account, True
        if self._api_key is not None and not hmac.compare_digest(
            credential.encode(), self._api_key.encode()
        ):
            raise _unauthorised("The API key is not the one that this engine was started with.")
        return hmac.digest(self._salt, credential.encode(), "sha256").hex(), False


def _credential(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    authorization = headers.get("Authorization", "")
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    return headers.get("X-API-Key") or query.get("access_token") or query.get("api_key") or ""


def _unauthorised(message: str) -> Refusal:
    return Refusal("unauthorized", "Unauthorized", message, status_code=401)
