"""``python -m cartesia_nb.engine``: the built-in engine, alone or for a parent."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from typing import Final

from cartesia_nb.engine.control import IGNORABLE, Control
from cartesia_nb.engine.faults import KINDS
from cartesia_nb.engine.refusals import Refusal
from cartesia_nb.engine.weather import Sky, Weather
from cartesia_nb.errors import EngineError

KEY_VARIABLE: Final = "CARTESIA_NB_ENGINE_KEY"

_WEATHER: Final = ("faults", "delay_ms", "jitter_ms", "bandwidth", "seed")
_CONTROL: Final = ("max_contexts", "variation", "ignore", "seed")

_HELP: Final = """
This is a server that speaks Cartesia's protocol, with espeak-ng's voice. Point any client at it:

  from cartesia import Cartesia
  client = Cartesia(api_key="{key}", base_url="{url}", websocket_base_url="{socket}")

  curl {url}/voices -H "Authorization: Bearer {key}"

{keys} Ctrl-C ends it.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted, terminated or, with ``--stdin-guard``, orphaned.

    Returns:
        The exit status: 0, 1 if the port is taken, 3 if the engine can't speak.

    Raises:
        SystemExit: 2, an option makes no sense; said on standard error.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        weather = Weather.read({name: getattr(options, name) for name in _WEATHER})
        Control().update(_settings(options))
    except Refusal as refusal:
        parser.error(refusal.message)
    if options.stdin_guard:
        from cartesia_nb.engine.guard import end_with_parent

        end_with_parent()
    # The first output is "ready": in a child it is what the parent waits for.
    try:
        asyncio.run(_serve(options, weather))
    except EngineError as error:
        print(error, file=sys.stderr)
        return 3
    except OSError as error:
        print(f"The engine can't listen on port {options.port}: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


async def _serve(options: argparse.Namespace, weather: Weather) -> None:
    # Here and not above, so that a missing extra is told as a sentence.
    try:
        from cartesia_nb.engine.auth import Gate
        from cartesia_nb.engine.handlers import Services
        from cartesia_nb.engine.server import LOOPBACK, listen
        from cartesia_nb.engine.synth import Synthesiser
    except ImportError as error:
        from cartesia_nb.engine.process import missing

        raise missing() from error

    key = options.api_key or os.environ.pop(KEY_VARIABLE, None) or None
    speedup = None if options.fast else options.speedup
    first_audio_ms = 0.0 if options.fast else options.first_audio_ms
    control = Control(first_audio_ms, speedup)
    control.update(_settings(options))
    sky = Sky()
    sky.change(weather, contexts=0, sockets=0)
    synthesiser = Synthesiser()
    services = Services(Gate(key), control, sky, synthesiser)
    server, port = listen(services, options.port)
    url = f"http://{LOOPBACK}:{port}"
    print(f"ready {url}", flush=True)
    if not options.stdin_guard:
        print(_help(url, key), flush=True)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers.
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.stop()
    await server.close_all_connections()
    synthesiser.close()


def _settings(options: argparse.Namespace) -> dict[str, object]:
    return {name: getattr(options, name) for name in _CONTROL}


def _help(url: str, key: str | None) -> str:
    return _HELP.format(
        url=url,
        socket=url.replace("http", "ws", 1),
        key="YOUR_KEY" if key else "anything",
        keys="It accepts the key that it was started with." if key else "It accepts any key.",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cartesia_nb.engine", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument(
        "--api-key", help=f"the only key to accept (other users can see it; or set {KEY_VARIABLE})"
    )
    parser.add_argument("--fast", action="store_true", help="no pacing at all")
    parser.add_argument(
        "--first-audio-ms", type=float, default=90.0, help="from text to first audio"
    )
    parser.add_argument(
        "--speedup", type=float, default=3.0, help="seconds of audio sent per second"
    )
    parser.add_argument(
        "--max-contexts", type=int, help="contexts in flight per key, as a plan has 2, 3, 5 or 15"
    )
    parser.add_argument(
        "--fault",
        dest="faults",
        metavar="FAULT",
        action="append",
        default=[],
        help="misbehave: KIND@WHERE[*TIMES][%%CHANCE], such as drop@3 or silence@0*2; may be given "
        "several times. WHERE: a chunk's number from 0, handshake, done or idle. TIMES: a number "
        f"or inf, usually 1. CHANCE: percent, usually 100. KIND: {' '.join(KINDS)}",
    )
    parser.add_argument(
        "--delay-ms",
        type=float,
        default=0.0,
        help="how much later all it sends on its sockets arrives",
    )
    parser.add_argument(
        "--jitter-ms", type=float, default=0.0, help="at most so much later still; order is kept"
    )
    parser.add_argument("--bandwidth", type=float, help="bytes a second on each socket")
    parser.add_argument(
        "--variation",
        metavar="PERCENT",
        type=float,
        default=0.0,
        help="by how much pace, pitch and level vary from take to take (standard deviation), to 10",
    )
    parser.add_argument(
        "--ignore",
        metavar="FIELD",
        action="append",
        default=[],
        help=f"take a field and do nothing with it: {', '.join(IGNORABLE)}; may be given several "
        "times",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="chances, jitters and variations are drawn from it"
    )
    parser.add_argument(
        "--stdin-guard", action="store_true", help="end when standard input or the parent ends"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
