"""Names, ranges and defaults of Cartesia's text-to-speech API.

Sources: https://docs.cartesia.ai (API version 2026-08-14) and the types of the official
SDK, ``cartesia`` 4.2. A test compares every enumeration here with the SDK's.
"""

from __future__ import annotations

from typing import Final

API_VERSION: Final = "2026-08-14"
CARTESIA_URL: Final = "https://api.cartesia.ai"
WEBSOCKET_PATH: Final = "/tts/websocket"

DEFAULT_MODEL: Final = "sonic-3.5"
"""The model of Cartesia's quickstart."""

DEFAULT_VOICE: Final = "f786b574-daa5-4673-aa0c-cbe3e8534c02"
"""The voice of Cartesia's quickstart."""

SAMPLE_RATES: Final = (8000, 16000, 22050, 24000, 44100, 48000)
"""Sample rates of the raw container, in Hz."""

SPEED_RANGE: Final = (0.6, 1.5)
"""``generation_config.speed``: a factor, 1.0 is the voice's own pace."""

VOLUME_RANGE: Final = (0.5, 2.0)
"""``generation_config.volume``: a factor, 1.0 is the voice's own level."""

BUFFER_DELAY_RANGE_MS: Final = (0, 5000)
DEFAULT_BUFFER_DELAY_MS: Final = 3000
"""``max_buffer_delay_ms``: how long text may wait for more text, in milliseconds."""

CONTEXT_LINGER_S: Final = 1.0
"""A context ends this long after its last audio, in seconds."""

IDLE_CLOSE_S: Final = 300.0
"""Cartesia closes a socket that has been idle for this long, with code 1000."""

TOKEN_MAX_S: Final = 3600
"""The longest life of an access token, in seconds."""

LANGUAGES: Final = (
    "en", "fr", "de", "es", "pt", "zh", "ja", "hi", "it", "ko", "nl", "pl", "ru", "sv", "tr",
    "tl", "bg", "ro", "ar", "cs", "el", "fi", "hr", "ms", "sk", "da", "ta", "uk", "hu", "no",
    "vi", "bn", "th", "he", "ka", "id", "te", "gu", "kn", "ml", "mr", "pa", "or", "ur",
)  # fmt: skip

EMOTIONS: Final = (
    "neutral", "happy", "excited", "enthusiastic", "elated", "euphoric", "triumphant", "amazed",
    "surprised", "flirtatious", "curious", "content", "peaceful", "serene", "calm", "grateful",
    "affectionate", "trust", "sympathetic", "anticipation", "mysterious", "angry", "mad",
    "outraged", "frustrated", "agitated", "threatened", "disgusted", "contempt", "envious",
    "sarcastic", "ironic", "sad", "dejected", "melancholic", "disappointed", "hurt", "guilty",
    "bored", "tired", "rejected", "nostalgic", "wistful", "apologetic", "hesitant", "insecure",
    "confused", "resigned", "anxious", "panicked", "alarmed", "scared", "proud", "confident",
    "distant", "skeptical", "contemplative", "determined",
)  # fmt: skip

GENDERS: Final = ("masculine", "feminine", "gender_neutral")
