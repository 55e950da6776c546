"""The languages and accents of espeak-ng that Cartesia's languages map to."""

from __future__ import annotations

from typing import Final, NamedTuple


class Accent(NamedTuple):
    """A language as spoken somewhere."""

    language: str
    """Cartesia's code, two letters."""
    locale: str
    """BCP 47, language and region."""
    espeak: str
    """espeak-ng's identifier."""
    name: str


ACCENTS: Final = tuple(
    Accent(*row)
    for row in (
        ("en", "en-US", "gmw/en-US", "American English"),
        ("en", "en-GB", "gmw/en-GB-x-rp", "British English"),
        ("en", "en-GB", "gmw/en-GB-scotland", "Scottish English"),
        ("fr", "fr-FR", "roa/fr", "French"),
        ("de", "de-DE", "gmw/de", "German"),
        ("es", "es-ES", "roa/es", "Spanish"),
        ("es", "es-MX", "roa/es-419", "Latin American Spanish"),
        ("pt", "pt-BR", "roa/pt-BR", "Brazilian Portuguese"),
        ("pt", "pt-PT", "roa/pt", "Portuguese"),
        ("zh", "zh-CN", "sit/cmn", "Mandarin Chinese"),
        ("ja", "ja-JP", "jpx/ja", "Japanese"),
        ("hi", "hi-IN", "inc/hi", "Hindi"),
        ("it", "it-IT", "roa/it", "Italian"),
        ("ko", "ko-KR", "ko", "Korean"),
        ("nl", "nl-NL", "gmw/nl", "Dutch"),
        ("pl", "pl-PL", "zlw/pl", "Polish"),
        ("ru", "ru-RU", "zle/ru", "Russian"),
        ("sv", "sv-SE", "gmq/sv", "Swedish"),
        ("tr", "tr-TR", "trk/tr", "Turkish"),
        # espeak-ng speaks no Tagalog; Indonesian's sounds and spelling come near.
        ("tl", "tl-PH", "poz/id", "Tagalog"),
        ("bg", "bg-BG", "zls/bg", "Bulgarian"),
        ("ro", "ro-RO", "roa/ro", "Romanian"),
        ("ar", "ar-SA", "sem/ar", "Arabic"),
        ("cs", "cs-CZ", "zlw/cs", "Czech"),
        ("el", "el-GR", "grk/el", "Greek"),
        ("fi", "fi-FI", "urj/fi", "Finnish"),
        ("hr", "hr-HR", "zls/hr", "Croatian"),
        ("ms", "ms-MY", "poz/ms", "Malay"),
        ("sk", "sk-SK", "zlw/sk", "Slovak"),
        ("da", "da-DK", "gmq/da", "Danish"),
        ("ta", "ta-IN", "dra/ta", "Tamil"),
        ("uk", "uk-UA", "zle/uk", "Ukrainian"),
        ("hu", "hu-HU", "urj/hu", "Hungarian"),
        ("no", "nb-NO", "gmq/nb", "Norwegian"),
        ("vi", "vi-VN", "aav/vi", "Vietnamese"),
        ("bn", "bn-BD", "inc/bn", "Bengali"),
        ("th", "th-TH", "tai/th", "Thai"),
        ("he", "he-IL", "sem/he", "Hebrew"),
        ("ka", "ka-GE", "ccs/ka", "Georgian"),
        ("id", "id-ID", "poz/id", "Indonesian"),
        ("te", "te-IN", "dra/te", "Telugu"),
        ("gu", "gu-IN", "inc/gu", "Gujarati"),
        ("kn", "kn-IN", "dra/kn", "Kannada"),
        ("ml", "ml-IN", "dra/ml", "Malayalam"),
        ("mr", "mr-IN", "inc/mr", "Marathi"),
        ("pa", "pa-IN", "inc/pa", "Punjabi"),
        ("or", "or-IN", "inc/or", "Odia"),
        ("ur", "ur-PK", "inc/ur", "Urdu"),
    )
)
"""English first. A voice that is asked to speak another language takes its first row."""
