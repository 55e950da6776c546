"""What Cartesia's models are documented to take, as data.

Only what is documented stands here; of a model that is not in ``MODELS`` nothing is claimed.
Nothing is documented of phoneme or normalised timestamps by model or by language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cartesia_nb.protocol.limits import LANGUAGES


@dataclass(frozen=True)
class Model:
    """A model and its dated snapshots.

    Attributes:
        generation_config: whether speed, volume and emotion have an effect.
        pronunciation_dicts: whether it takes a pronunciation dictionary.
        languages: codes that it speaks; ``None`` where that is not known. Cartesia refuses
            others with status 400 (https://docs.cartesia.ai/api-reference/tts/sse).
    """

    generation_config: bool
    pronunciation_dicts: bool
    languages: frozenset[str] | None


# "42 languages", which leaves out Odia and Urdu:
# https://docs.cartesia.ai/build-with-cartesia/tts-models/sonic-3-5 and .../older-models
_FORTY_TWO: Final = frozenset(LANGUAGES) - {"or", "ur"}

# What they still speak since 1 June 2026:
# https://docs.cartesia.ai/build-with-cartesia/tts-models/api-changes
_EIGHT: Final = frozenset(("en", "de", "es", "fr", "ja", "ko", "pt", "zh"))

# generation_config "only for sonic-3 and [without] effect on earlier models"; pronunciation
# dictionaries "supported by sonic-3 models and newer": the docstrings of the SDK's
# GenerationRequest, cartesia 4.2. Until about June 2026 the guide "Volume, Speed, and Emotion"
# said that speed and volume were disabled on sonic-3.5 for a while; later copies do not.
MODELS: Final = {
    # Its page was not seen; the API reference says that it speaks more than sonic-3.5.
    "sonic-3.6": Model(True, True, None),
    "sonic-3.5": Model(True, True, _FORTY_TWO),
    "sonic-3": Model(True, True, _FORTY_TWO),
    "sonic-2": Model(False, False, _EIGHT),
    "sonic-turbo": Model(False, False, _EIGHT | {"hi"}),
    "sonic": Model(False, False, None),
    "sonic-english": Model(False, False, None),
    "sonic-multilingual": Model(False, False, None),
}

_SNAPSHOT: Final = re.compile(r"-\d{4}-\d{2}-\d{2}\Z")


def find(model_id: str) -> Model | None:
    """The model of that id or dated id; ``None`` for one not known here (``sonic-latest``)."""
    return MODELS.get(_SNAPSHOT.sub("", model_id))
