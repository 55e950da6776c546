"""`make live`: the tests of the protocol, against Cartesia itself.

The key is read from ``CARTESIA_API_KEY`` and printed nowhere. ``CARTESIA_NB_CONFORMANCE_URL`` names
another server to judge. Ends with 0 where there is no key or no difference, 1 where there is a
difference, 2 where nothing could be told.
"""

from __future__ import annotations

import os
import sys

import httpx

from cartesia_nb.protocol.limits import API_VERSION
from tests.live.judge import URL_VARIABLE, hush, run
from tests.live.meter import Meter

CARTESIA = "https://api.cartesia.ai"
KEY = "CARTESIA_API_KEY"
PATIENCE = 20.0


def main() -> int:
    """Count, say what it will cost, judge, and say what differs; gives the exit status."""
    key = os.environ.pop(KEY, "").strip()
    url = (os.environ.get(URL_VARIABLE) or CARTESIA).rstrip("/")
    if not key:
        print(
            f"{KEY} is not set, so nothing was sent. With it in the environment, {url} is held to "
            "the tests that the built-in engine passes."
        )
        return 0
    print("Counting what the tests send, against the built-in engine ...", flush=True)
    counting = Meter()
    rehearsal = run(counting)
    if rehearsal.ended_early or rehearsal.differences:
        print("The built-in engine does not pass them itself, so nothing was sent:")
        print(*rehearsal.differences, rehearsal.ended_early, sep="\n")
        return 2
    print(
        f"At most {counting.sent} characters will be sent to {url}, by {rehearsal.ran} tests "
        f"({rehearsal.left_out} more are about the built-in engine alone, or dear). Cartesia "
        f"charges about one credit per character, and none for what it refuses: that is about "
        f"{counting.sent} credits (docs.cartesia.ai/pricing).",
        flush=True,
    )
    if trouble := unusable(url, key):
        print(f"{trouble} No characters were sent.")
        return 2
    meter = Meter(limit=counting.sent)
    verdict = run(meter, url, key)
    print(*verdict.differences, sep="\n", end="\n" if verdict.differences else "")
    if verdict.ended_early:
        print(f"Not all of the tests ran. {verdict.ended_early}")
    count = len(verdict.differences)
    many = f"{count} differences" if count != 1 else "1 difference"
    print(f"{many} in {verdict.ran} tests. {meter.sent} characters were sent to {url}.")
    return 2 if verdict.ended_early else 1 if count else 0


def unusable(url: str, key: str) -> str:
    """Why this server can't be judged with this key, or nothing. Costs no characters."""
    headers = {"Authorization": f"Bearer {key}", "Cartesia-Version": API_VERSION}
    try:
        # As the tests do, which go straight to the server.
        with httpx.Client(timeout=PATIENCE, trust_env=False) as client:
            answer = client.get(f"{url}/voices", params={"limit": 1}, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        reason = hush(f"{type(error).__name__}: {error}", (key,))
        return f"{url} cannot be reached ({reason}). Is there a network?"
    if answer.status_code in (401, 403):
        return (
            f"{url} does not accept the key in {KEY} (HTTP {answer.status_code}). "
            "Keys are made at https://play.cartesia.ai/keys."
        )
    if answer.status_code != 200:
        return f"{url}/voices answers with HTTP {answer.status_code}: {hush(answer.text, (key,))}."
    return ""


if __name__ == "__main__":
    sys.exit(main())
