"""Decodes the bytes of a text table: Unicode where it is, else the code page that reads most like a language.

Libraries that detect encodings need some hundred letters; a table of labels often has five ("Größe", "blé").
So the candidates are judged by letters: those of one language's alphabet, none of them inside a word of
another script, known names of columns and, above all, names of files that exist.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tldesk.dataset.tables.common_characters import JAPANESE, KOREAN, SIMPLIFIED, TRADITIONAL

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = (
    "äöüß",  # German
    "àâæçéèêëîïôœùûüÿ",  # French
    "áéíñóúü¡¿ªº",  # Spanish
    "áâãàçéêíóôõú",  # Portuguese
    "àèéìòùî",  # Italian
    "åäöé",  # Swedish, Finnish
    "æøåéóèò",  # Danish, Norwegian
    "ëïéèöüáó",  # Dutch
    "àçèéíïòóúü·",  # Catalan
)
_ICELANDIC = ("áðéíóúýþæö",)
_CENTRAL = (
    "ąćęłńóśźż",  # Polish
    "áčďéěíňóřšťúůýž",  # Czech
    "áäčďéíĺľňóôŕšťúýž",  # Slovak
    "áéíóöőúüű",  # Hungarian
    "čćđšž",  # Croatian, Slovene
    "ăâîşţ",  # Romanian
)
_CYRILLIC = (  # letters of whole alphabets: the most frequent first
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "оаинвитеріслкдумпзяьбгйчхцжшюїєщфґ",
    "аиоенрстудјкпмвгблзцшчжњљћђхфџ",
)
_GREEK = ("αοιετσνηυρπκμλςωάίόέήύγδχθφβξζψώϊϋΐΰ",)
_TURKISH = ("çğıiöşüâîi\u0307",)
_BALTIC = ("ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž")
_QUOTES = frozenset("“”„‘’‚«»–—…•·\xa0")
_OPENING = frozenset("„‚")  # never after a letter
_SIGNS = frozenset("€£°±µ²³¹×§½¼¾™®©")


@dataclass(frozen=True)
class _CodePage:
    codec: str
    name: str
    alphabets: tuple[str, ...] = ()
    common: frozenset[str] = frozenset()  # frequent characters of two bytes
    common_lead: tuple[int, int] = (0, 0)  # the range of the first bytes of the others that are usual


_CODE_PAGES = (  # the usual ones first: of two that read equally well, the first is taken
    _CodePage("cp1252", "Windows-1252 (Western European)", _WESTERN),
    _CodePage("cp1250", "Windows-1250 (Central European)", _CENTRAL),
    _CodePage("cp1251", "Windows-1251 (Cyrillic)", _CYRILLIC),
    _CodePage("cp1254", "Windows-1254 (Turkish)", _TURKISH),
    _CodePage("cp1252", "Windows-1252 (Western European)", _ICELANDIC),  # Turkish ğ, ı, ş are ð, ý, þ there
    _CodePage("cp1253", "Windows-1253 (Greek)", _GREEK),
    _CodePage("cp1257", "Windows-1257 (Baltic)", _BALTIC),
    _CodePage("gb18030", "GB 18030 (Chinese)", common=SIMPLIFIED, common_lead=(0xB0, 0xD7)),
    _CodePage("cp932", "Shift JIS (Japanese)", common=JAPANESE, common_lead=(0x82, 0x98)),
    _CodePage("big5", "Big5 (Chinese)", common=TRADITIONAL, common_lead=(0xA4, 0xC6)),
    _CodePage("cp949", "Windows-949 (Korean)", common=KOREAN, common_lead=(0xB0, 0xC8)),
    _CodePage("euc_jp", "EUC-JP (Japanese)", common=JAPANESE, common_lead=(0xA4, 0xCF)),
    _CodePage("cp850", "DOS code page 850 (Western European)", _WESTERN),
    _CodePage("mac_roman", "Mac Roman (Western European)", _WESTERN),
    _CodePage("cp852", "DOS code page 852 (Central European)", _CENTRAL),
    _CodePage("cp866", "DOS code page 866 (Cyrillic)", _CYRILLIC),
    _CodePage("koi8_r", "KOI8-R (Cyrillic)", _CYRILLIC),
)
_LEAST_UTF16 = 8  # bytes that must be there
_MOST_JUDGED = 4000  # bytes of lines with letters beyond ASCII
_MANY_CONTROLS = 6  # different ones
_FREQUENT = 1.1  # points of a frequent character; others that are usual have one
_LONG_ALPHABET = 1.03  # points of the most frequent letter of an alphabet without Latin ones
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Decoded:
    """A text, and the code page that was guessed; "" if the encoding was certain."""

    text: str
    guessed: str = ""
    example: str = ""  # a word that shows whether the guess is right


def _is_no_letter(sign: str) -> bool:
    return not sign.isspace() and unicodedata.category(sign) in {"Cc", "Cn", "Co"}


def _is_text(text: str) -> bool:
    """Return whether a text does not have many and various control characters, as random bytes have."""
    head = text[:_MOST_JUDGED]
    odd = [sign for sign in head if sign == "\ufffd" or _is_no_letter(sign)]
    return len(odd) <= 0.04 * len(head) or len(set(odd)) < _MANY_CONTROLS


def decode(data: bytes, familiar: Callable[[Iterable[str]], int] = lambda _words: 0) -> Decoded | None:
    """Decode a text: by its byte-order mark, as UTF-8, as UTF-16, else in the most likely code page.

    Args:
        data: the file's content.
        familiar: returns how many of some cells are known: names of files, of columns.

    Returns:
        The text; None if this is no text.
    """
    decoded = _decoded(data, familiar)
    return decoded if decoded is not None and _is_text(decoded.text) else None


def _decoded(data: bytes, familiar: Callable[[Iterable[str]], int]) -> Decoded | None:
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return Decoded(data.decode(codec, errors="replace"))
    if b"\x00" in data:
        return _without_mark(data)
    try:
        return Decoded(data.decode("utf-8"))
    except UnicodeDecodeError:
        return _guessed(data, familiar)


def _without_mark(data: bytes) -> Decoded | None:
    """Decode UTF-16 that has no byte-order mark: in most tables every second byte is zero."""
    head = data[:4000] if len(data) % 2 == 0 and len(data) >= _LEAST_UTF16 else b""
    for codec, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[::2])):
        if zeros and zeros.count(0) > 0.4 * len(zeros):
            return Decoded(data.decode(codec, errors="replace"))
    return None


def _guessed(data: bytes, familiar: Callable[[Iterable[str]], int]) -> Decoded:
    lines = dict.fromkeys(line for line in data.splitlines() if not line.isascii())
    sample = b"\n".join(lines)[:_MOST_JUDGED].rpartition(b"\n")[0] or b"\n".join(lines)
    best = max(_CODE_PAGES, key=lambda page: _likeness(sample, page, familiar))  # of equal ones, the first
    text = data.decode(best.codec, errors="replace")
    example = next((word for word in _WORD.findall(text) if not word.isascii()), "")
    return Decoded(text, best.name, example)


def _likeness(sample: bytes, page: _CodePage, familiar: Callable[[Iterable[str]], int]) -> tuple[int, float]:
    """Return how many cells are familiar, and the share of letters that belong to a language."""
    try:
        text = sample.decode(page.codec)
    except UnicodeDecodeError:
        return 0, -1.0
    cells = {cell.strip() for cell in re.split(r"[,;|\t\n\r\"]", text)}
    known = familiar(cell for cell in cells if not cell.isascii())
    letters = _letters(text)
    if not letters:
        return known, 1.0
    if page.alphabets:
        return known, max(_share_of(letters, alphabet) for alphabet in page.alphabets)
    return known, _share_of_common(letters, page)


def _letters(text: str) -> list[tuple[str, str, str]]:
    """Return each letter beyond ASCII between its neighbours; marks that belong to no word are left out."""
    padded = f" {text} "
    around = zip(padded, padded[1:], padded[2:], strict=False)
    return [(before, sign, after) for before, sign, after in around if not _is_mark(before, sign, after)]


def _is_mark(before: str, sign: str, after: str) -> bool:
    if sign.isascii():
        return True
    if before.isalpha() and (after.isalpha() or sign in _OPENING):
        return False
    return sign in _QUOTES or (sign in _SIGNS and before.isascii() and after.isascii())


def _share_of(letters: list[tuple[str, str, str]], alphabet: str) -> float:
    """Return the share of letters in an alphabet, where none stands in a word of another script.

    A capital after a small letter counts half; of a long alphabet, frequent letters count a little more.
    """
    rank = {sign: place for place, sign in enumerate(alphabet)}
    latin = alphabet[0] < "\u024f"
    points = 0.0
    for before, sign, after in letters:
        place = rank.get(sign.lower())
        if place is None or (not latin and (_is_latin(before) or _is_latin(after))):
            continue
        usual = 1.0 if latin else _LONG_ALPHABET - 0.002 * place
        points += usual - (0.5 if sign.isupper() and before.islower() else 0)
    return points / len(letters)


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()


def _is_kana(sign: str) -> bool:
    return "\u3041" <= sign <= "\u30ff"


def _share_of_common(letters: list[tuple[str, str, str]], page: _CodePage) -> float:
    """Return the share of usual characters; frequent ones count more, one beside a Latin letter less."""
    first, last = page.common_lead
    points = 0.0
    for before, sign, after in letters:
        lead = sign.encode(page.codec, errors="replace")
        wide = unicodedata.east_asian_width(sign) in "WF"
        if _is_latin(before) or _is_latin(after) or not wide:
            points -= 1
        elif sign in page.common or _is_kana(sign):
            points += _FREQUENT
        elif len(lead) == 2 and first <= lead[0] <= last:
            points += 1
    return points / len(letters)
