"""What stands on a tuner's controls as code to paste: this toolkit's, and the plain SDK's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cartesia_nb.protocol import limits
from cartesia_nb.speech.backend import Backend
from cartesia_nb.speech.settings import Json, Settings
from cartesia_nb.speech.wording import plain

_WIDTH: Final = 88
_DEFAULTS: Final = Settings().to_dict()

_FFPLAY: Final = {
    "pcm_f32le": "f32le",
    "pcm_s16le": "s16le",
    "pcm_mulaw": "mulaw",
    "pcm_alaw": "alaw",
}
"""What ffmpeg calls the encodings."""


def toolkit_code(
    text: str, settings: Settings, backend: Backend, *, engine_voice: str | None = None
) -> str:
    """Code that speaks ``text`` through this toolkit as the tuner does.

    Args:
        text: what is said.
        settings: what shapes it; those that are the defaults are left out.
        backend: who speaks.
        engine_voice: the voice's name if it is one of the built-in engine's own.
    """
    where = {
        "engine": '"local"',
        "cartesia": '"cartesia"',
        "server": f"base_url={_text(backend.label)}",
    }[backend.name]
    changed = {
        name: value for name, value in settings.to_dict().items() if value != _DEFAULTS[name]
    }
    lines = [_text(text), *(f"{name}={_literal(value, 1)}" for name, value in changed.items())]
    remark = _remark(engine_voice)
    return "\n".join(
        [
            "import cartesia_nb as cnb",
            "",
            f"tts = cnb.connect({where})",
            *([remark] if remark else []),
            _call("take = tts.say", lines),
            "take",
        ]
    )


def sdk_code(
    text: str, settings: Settings, backend: Backend, *, engine_voice: str | None = None
) -> str:
    """Code that asks for the same with Cartesia's own SDK (4.2) and keeps the sound in a file.

    It speaks to Cartesia; to another server where that is who the tuner speaks through. It reads
    the key from the environment.

    Args:
        text: what is said.
        settings: what shapes it; all of the request is written out.
        backend: who speaks.
        engine_voice: the voice's name if it is one of the built-in engine's own.
    """
    request: dict[str, Json] = {
        **settings.to_request(),
        "transcript": text,
        "continue": False,
    }
    written = _literal(request, 0).replace("{\n", '{\n    "context_id": str(uuid.uuid4()),\n', 1)
    form = _FFPLAY[settings.encoding]
    file = f"speech.{form}"
    where = ['api_key=os.environ["CARTESIA_API_KEY"]']
    if backend.name == "server":
        websocket = backend.label.replace("http", "ws", 1)
        where += [
            f"base_url={_text(backend.label)}",
            f"websocket_base_url={_text(websocket)}",
        ]
    remark = _remark(engine_voice)
    return "\n".join(
        [
            "# pip install 'cartesia[websockets]'",
            "import os",
            "import uuid",
            "",
            "from cartesia import Cartesia",
            "",
            _call("client = Cartesia", where),
            *([remark] if remark else []),
            f"request = {written}",
            "",
            "# Raw samples, one channel. To hear them:",
            f"#   ffplay -f {form} -ar {settings.sample_rate} -autoexit {file}",
            f'with client.tts.websocket_connect() as connection, open("{file}", "wb") as file:',
            "    connection.send(request)",
            "    for event in connection:",
            '        if event.type == "chunk" and event.audio:',
            "            file.write(event.audio)",
            '        elif event.type == "error":',
            '            raise SystemExit(f"{event.title}: {event.message}")',
            '        elif event.type == "done":',
            "            break",
            "    else:",
            '        raise SystemExit("The connection closed before the speech was complete.")',
        ]
    )


def _call(what: str, arguments: list[str]) -> str:
    call = f"{what}({', '.join(arguments)})"
    if len(call) > _WIDTH or "\n" in call:
        return f"{what}(\n" + "".join(f"    {each},\n" for each in arguments) + ")"
    return call


def _remark(engine_voice: str | None) -> str:
    if engine_voice is None:
        return ""
    return (
        f"# This voice, {plain(engine_voice)}, is the built-in engine's; Cartesia has none of that "
        f"id.\n# Its quickstart uses {limits.DEFAULT_VOICE}."
    )


def _literal(value: Json, depth: int) -> str:
    """A value as Python writes it; what holds more than a few on lines of their own."""
    short = _flat(value)
    if isinstance(value, Mapping) and value and (depth == 0 or len(short) > 60):
        inner = "    " * (depth + 1)
        rows = "".join(
            f"{inner}{_flat(name)}: {_literal(each, depth + 1)},\n" for name, each in value.items()
        )
        return "{\n" + rows + "    " * depth + "}"
    return short


def _flat(value: Json) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flat(n)}: {_flat(each)}" for n, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    return repr(value)


def _text(text: str) -> str:
    """As formatters write it: in double quotes, unless there are some in it."""
    written = repr(text)
    if written.startswith("'") and '"' not in text:
        return f'"{written[1:-1]}"'
    return written
