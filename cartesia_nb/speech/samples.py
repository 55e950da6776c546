"""A greeting in each language, for hearing a voice: about two seconds, and what it is for."""

from __future__ import annotations

from typing import Final

SAMPLES: Final = {
    "ar": "مرحبًا! هكذا يبدو صوتي.",
    "bg": "Здравейте! Ето така звучи гласът ми.",
    "bn": "নমস্কার! আমার কণ্ঠস্বর এমনই শোনায়।",
    "cs": "Dobrý den! Takhle zní můj hlas.",
    "da": "Hej! Sådan lyder min stemme.",
    "de": "Hallo! So klingt meine Stimme.",
    "el": "Γεια σας! Έτσι ακούγεται η φωνή μου.",
    "en": "Hello! This is how I sound.",
    "es": "¡Hola! Así suena mi voz.",
    "fi": "Hei! Tältä ääneni kuulostaa.",
    "fr": "Bonjour ! Voici à quoi ressemble ma voix.",
    "gu": "નમસ્તે! મારો અવાજ આવો સંભળાય છે.",
    "he": "שלום! ככה נשמע הקול שלי.",
    "hi": "नमस्ते! मेरी आवाज़ ऐसी सुनाई देती है।",
    "hr": "Dobar dan! Ovako zvuči moj glas.",
    "hu": "Jó napot! Így szól a hangom.",
    "id": "Halo! Beginilah suara saya.",
    "it": "Ciao! Ecco come suona la mia voce.",
    # In kana alone: espeak-ng spells kanji out.
    "ja": "こんにちは。これがわたしのこえです。",
    "ka": "გამარჯობა! აი, ასე ჟღერს ჩემი ხმა.",
    "kn": "ನಮಸ್ಕಾರ! ನನ್ನ ಧ್ವನಿ ಹೀಗೆ ಕೇಳಿಸುತ್ತದೆ.",
    "ko": "안녕하세요! 제 목소리는 이렇게 들립니다.",
    "ml": "നമസ്കാരം! എന്റെ ശബ്ദം ഇങ്ങനെയാണ്.",
    "mr": "नमस्कार! माझा आवाज असा ऐकू येतो.",
    "ms": "Helo! Beginilah bunyi suara saya.",
    "nl": "Hallo! Zo klinkt mijn stem.",
    "no": "Hei! Slik høres stemmen min ut.",
    "or": "ନମସ୍କାର! ମୋ ସ୍ୱର ଏହିପରି ଶୁଭେ।",
    "pa": "ਸਤ ਸ੍ਰੀ ਅਕਾਲ! ਮੇਰੀ ਆਵਾਜ਼ ਇਸ ਤਰ੍ਹਾਂ ਸੁਣਾਈ ਦਿੰਦੀ ਹੈ।",
    "pl": "Dzień dobry! Tak brzmi mój głos.",
    "pt": "Olá! É assim que soa a minha voz.",
    "ro": "Bună ziua! Așa sună vocea mea.",
    "ru": "Здравствуйте! Вот так звучит мой голос.",
    "sk": "Dobrý deň! Takto znie môj hlas.",
    "sv": "Hej! Så här låter min röst.",
    "ta": "வணக்கம்! என் குரல் இப்படித்தான் ஒலிக்கும்.",
    "te": "నమస్కారం! నా గొంతు ఇలా వినిపిస్తుంది.",
    "th": "สวัสดี นี่คือเสียงของฉัน",
    "tl": "Kumusta! Ganito ang tunog ng boses ko.",
    "tr": "Merhaba! Sesim böyle duyuluyor.",
    "uk": "Вітаю! Ось так звучить мій голос.",
    "ur": "السلام علیکم! میری آواز ایسی سنائی دیتی ہے۔",  # noqa: RUF001  (its own full stop)
    "vi": "Xin chào! Giọng của tôi nghe như thế này.",
    "zh": "你好！这就是我的声音。",  # noqa: RUF001  (its own punctuation)
}  # fmt: skip
"""Language code (of ``limits.LANGUAGES``) to sentence."""


def sample(language: str | None) -> str:
    """The greeting in ``language``; in English for one that has none here."""
    return SAMPLES.get(language or "en", SAMPLES["en"])
