"""The words by which people name the columns of their tables, in the languages of the tables seen so far.

A header is split into words ("FindingLabels", "finding_labels"), without case, accents and plural endings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from functools import cache

from tldesk.dataset.name_order import folded


class ClassWord(IntEnum):
    """How surely a header says that its column is the class."""

    NONE = 0
    WEAK = 1
    FIELD = 2
    CLASS = 3


def _words(text: str) -> tuple[str, ...]:
    return tuple(_plain(text).split())


def _plain(header: str) -> str:
    """Return the words of a header, in small letters and without accents, with single blanks between."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFC", header))
    bare = "".join(
        sign for sign in unicodedata.normalize("NFKD", folded(apart)) if not unicodedata.combining(sign)
    )
    return " ".join("".join(sign if sign.isalnum() else " " for sign in bare).split())


_IMAGE = _words(
    """
    filename file path image picture photo img dateiname datei bild bilddatei foto aufnahme fichier
    photographie archivo imagen fichero imagem arquivo immagine bestand afbeelding plik obraz
    soubor obrazek fil bildfil dosya resim файл изображение снимок 文件名 文件 图片 图像 ファイル名
    ファイル 画像 파일 이미지 사진 name id
    """
)
_FOLDER = _words(
    """
    relativepath folder directory dir subfolder ordner verzeichnis unterordner pfad path dossier
    repertoire chemin carpeta directorio ruta cartella pasta map katalog slozka klasor папка
    каталог 文件夹 目录 フォルダ 폴더
    """
)
_CLASS = _words(
    """
    label class category target klasse kategorie etikett classe etiquette categorie libelle clase
    etiqueta categoria etichetta rotulo klass kategori luokka klasa etykieta kategoria trida stitek
    osztaly cimke sinif etiket класс метка категория 类别 标签 分类 類別 標籤 クラス ラベル 分類
    カテゴリ 클래스 라벨 분류 범주 klassen kategorien categorieen etiquettes classi etichette klasy
    etykiety tridy classname classlabel gt classification klassifikation klassifizierung
    """
)
_FIELD = _words(
    """
    diagnosis dx diagnose finding befund species disease pathology taxon choice sentiment grade
    grading krankheit krankheitsbild erkrankung gattung malignancy dignitat spezies art
    baumart tierart pflanzenart pilzart vogelart fischart
    sorte diagnostic espece maladie diagnostico especie enfermedad specie malattia diagnosi doenca
    soort ziekte gatunek choroba diagnoza rozpoznanie druh nemoc diagnos sjukdom sygdom sykdom laji
    diagnoosi faj betegseg diagnozis tur hastalik tani диагноз вид болезнь 诊断 物种 种类 病害 品种
    疾病 診断 種類 病名 진단 종 종류 질병 diagnosen befunde arten krankheiten diagnoses especes
    maladies especies gatunki druhy
    """
)
_WEAK = _words(
    "type typ kind severity stage status condition defect outcome result y tag genus breed variety cultivar"
)
_CLASS_PHRASES = frozenset(
    {"scientific name", "scientificname", "ground truth", "groundtruth", "finding label", "finding labels"}
)
_RANKS = frozenset({"kingdom", "phylum", "order", "family", "genus"})  # beside which "class" is one of them
_NEVER = frozenset(
    _words(
        """
    sex gender male female geschlecht sexe sexo genero sesso geslacht plec pohlavi kon cinsiyet пол
    性别 性別 성별 age alter altersgruppe edad eta idade leeftijd wiek vek alder yas birth dob
    birthday возраст 年龄 年齢 나이 연령 site location place standort ort fundort aufnahmeort lieu sitio lugar
    ubicacion sito luogo local locatie plaats miejsce misto plats hospital clinic klinik center
    centre institution country region city station deployment место 地点 位置 場所 장소 view
    position projection laterality side orientation angle perspective ansicht aufnahmerichtung vue
    vista lateral anatom anatomical anatomy localization localisation lokalisation body bodypart korperstelle
    annotator reader rater grader labeler labeller reviewer observer expert author user operator
    photographer bearbeiter untersucher beobachter autor annotateur observateur auteur anotador observador
    annotatore recorder by date time datetime timestamp year month day hour created updated datum
    uhrzeit zeit jahr heure annee fecha hora data ora anno дата 日期 时间 日付 날짜 latitude
    longitude lat lon lng gps altitude elevation temperature humidity weather season moon width
    height size area length weight depth count number anzahl breite hohe lange grosse nombre
    cantidad confidence score probability certainty quality comment remark note kommentar bemerkung
    notiz commentaire remarque comentario opmerking uwagi url link license licence rights copyright
    source version format camera kamera device scanner manufacturer model lead split fold usage
    subset hash md5 behavior behaviour guess iconic

    """
    )
)
_NEVER_WITHIN = ("geschlecht", "alters", "standort", "datum", "patientenalter")  # parts of German compounds
_CODES = frozenset(
    _words(
        "patient subject lesion plot individual case episode sequence burst tail follow"
        " id uid uuid guid index idx nr num key code nummer numero"
    )
)
_GROUP = _words(
    """
    patient subject lesion plot plant case individual burst group patientin proband parzelle
    pflanze fall gruppe sujet groupe parcelle paciente sujeto parcela grupo paziente gruppo
    sequence deployment пациент 患者 병자 환자
    """
)
_NOT_A_GROUP = frozenset(
    _words("age sex gender alter geschlecht sexe sexo edad sesso eta name count position height weight")
)
_SIZE_OF_COMPOUND = 6  # letters of a word that may end a longer one: "Schadensklasse"


def image_rank(header: str) -> int:
    """Return how well a header fits a column of file names; 0 for not at all."""
    return _rank(header, _IMAGE)


def folder_rank(header: str) -> int:
    """Return how well a header fits a column of folders; 0 for not at all."""
    return _rank(header.replace(" ", ""), _FOLDER) or _rank(header, _FOLDER)


def group_rank(header: str) -> int:
    """Return how well a header fits a column of groups; 0 for not at all."""
    said = _plain(header).split()
    return 0 if any(_is(word, _NOT_A_GROUP) for word in said) else _rank(header, _GROUP)


@cache
def class_word(header: str) -> ClassWord:
    """Return how surely a header names the class; NONE for sex, age, site, view, annotator and the like."""
    plain = _plain(header)
    if plain in _CLASS_PHRASES or any(phrase in plain for phrase in _CLASS_PHRASES):
        return ClassWord.CLASS
    said = plain.split()
    if plain == "common name":
        return ClassWord.FIELD
    rank = next(
        (rank for rank, words in _CLASS_WORDS if any(_names(word, words) for word in said)), ClassWord.NONE
    )
    if never_a_class(header) or (rank > ClassWord.WEAK and {"type", "typ"} & set(said)):
        return ClassWord.NONE if never_a_class(header) else ClassWord.WEAK
    return rank


def ranks_of_taxa(headers: Iterable[str]) -> frozenset[str]:
    """Return the headers of ranks above the species: "class" beside "order" and "family" is no label."""
    by_plain = {_plain(header): header for header in headers}
    ranks = _RANKS & by_plain.keys()
    return frozenset(by_plain[word] for word in (*ranks, "class") if word in by_plain and len(ranks) > 1)


@cache
def never_a_class(header: str) -> bool:
    """Return whether a header names something that is never guessed to be the class."""
    said = _plain(header).split()
    if any(_is(word, _NEVER) or any(part in word for part in _NEVER_WITHIN) for word in said):
        return True
    coded = any(_is(word, _CODES) for word in said)
    return coded and not any(_names(word, words) for _, words in _CLASS_WORDS for word in said)


@cache
def is_code(header: str) -> bool:
    """Return whether a header names the numbers of things: "class_id", "Nr."."""
    return any(word in _CODES for word in _plain(header).split())


def is_known(header: str) -> bool:
    """Return whether a header has a word that columns have, so that it is not a row of data."""
    return bool(
        class_word(header)
        or never_a_class(header)
        or image_rank(header)
        or folder_rank(header)
        or group_rank(header)
    )


def _rank(header: str, words: tuple[str, ...]) -> int:
    said = _plain(header).split()
    return max(
        (len(words) - place for place, word in enumerate(words) if any(_is(one, (word,)) for one in said)),
        default=0,
    )


def _is(word: str, words: Iterable[str]) -> bool:
    """Return whether a word, or its singular, is one of the words."""
    return any(one in words for one in _singulars(word)) or any(
        not one.isascii() and len(one) > 1 and one in word for one in words
    )


def _names(word: str, words: frozenset[str]) -> bool:
    """Return whether a word is one of the words or a compound that ends with one."""
    if _is(word, words):
        return True
    return any(len(one) >= _SIZE_OF_COMPOUND and word.endswith(one) for one in words)


@cache
def _singulars(word: str) -> tuple[str, ...]:
    found = [word]
    for ending, single in (
        ("ies", "y"),
        ("ses", "sis"),
        ("es", ""),
        ("s", ""),
        ("en", ""),
        ("n", ""),
        ("x", ""),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            found.append(word.removesuffix(ending) + single)
    return tuple(found)


_CLASS_WORDS = (
    (ClassWord.CLASS, frozenset(_CLASS)),
    (ClassWord.FIELD, frozenset(_FIELD)),
    (ClassWord.WEAK, frozenset(_WEAK)),
)
