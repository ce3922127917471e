"""Recognises names of splits in any usual spelling and several languages: "Train images", val2017, Prueba."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tldesk.dataset.records import Split

_WORDS = {
    Split.TRAIN: (
        "train training trains trn trainval traindev learn learning entrainement apprentissage entrenamiento"
        " træning oplæring treino treinamento addestramento allenamento antrenare antrenament"
        " trening treningowy treningowe treningowa treningsdata traning opplæring koulutus opetus egitim"
        " trenovaci trenink tanito trainieren"
        " обучение обучающая обучающие тренировка тренировочная тренировочные навчання навчальна"
    ),
    Split.VALIDATION: (
        "val valid vali validation validate validating validierung validieren validacion validacao"
        " validazione convalida validatie walidacja walidacyjny walidacyjne walidacyjna validering validointi"
        " dogrulama validace validacni validalo validare dev devel development"
        " проверка валидация валидационная валидационные проверочная проверочные валідація"
    ),
    Split.TEST: (
        "test testing tests tst holdout heldout pruefung prufung prueba pruebas teste testes prova prove"
        " toets testowy testowe testowa testi sinama sınama testovaci teszt"
        " тест тестовая тестовые тестирование тестова"
    ),
}
_EVALUATION = re.compile(
    r"evals?|evaluate|evaluation|evaluacion|evaluierung|auswertung|avaliacao|valutazione|evaluatie"
)
_TOGETHER = {  # languages that do not put spaces between words
    Split.TRAIN: ("训练", "訓練", "学習", "훈련", "학습"),
    Split.VALIDATION: ("验证", "驗證", "検証", "검증"),
    Split.TEST: ("测试", "測試", "テスト", "테스트", "시험"),
}
# Words that may be glued to the name of a split: trainset, testdaten, Validierungsbilder.
_GLUED = (
    r"s?(?:ings?|ungs?)?[-_]?(?:sets?|data(?:sets?)?|daten(?:satz)?|bilder|images?|imgs?|pics|pictures?|photos?|"
    r"fotos?|split|folder|dir|files?|menge|jpe?gs?|pngs?)"
)
_GLUED_TO = re.compile(
    rf"(?:(?P<train>train)|(?P<validation>validier|validation|valid|val|dev)|(?P<eval>evaluation|eval)"
    rf"|(?P<test>test)){_GLUED}"
)
_HOLD_OUT = re.compile(r"(?i)(h[eo]ld)[\W_]*out")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = re.compile(r"[^\W\d_]+")
_BY_WORD = {word: split for split, words in _WORDS.items() for word in words.split()}


def split_named(name: str) -> Split | None:
    """Return the split that a name contains, None if it contains none or several.

    "evaluation" is taken for validation; ``splits_named`` tells it from a validation set beside it.
    """
    return _named(name)[0]


def splits_named(names: Iterable[str]) -> Mapping[str, Split]:
    """Return the splits of folders beside each other, without those that name none.

    Beside a validation folder, and with no test folder, an evaluation folder is the test set.
    """
    found = {name: _named(name) for name in names}
    plain = {split for split, evaluation in found.values() if not evaluation}
    last = Split.VALIDATION in plain and Split.TEST not in plain
    return {
        name: Split.TEST if evaluation and last else split
        for name, (split, evaluation) in found.items()
        if split is not None
    }


def rest_of_name(name: str) -> str:
    """Return a name without the words that name the split: "cats" for "train_cats"."""
    kept = [
        part
        for part in re.split(r"[\W\d_]+", _CAMEL.sub(" ", name))
        if part and _of_word(_plain(part)) is None and not re.fullmatch(_GLUED, _plain(part))
    ]
    return " ".join(kept)


@lru_cache(maxsize=4096)
def _named(name: str) -> tuple[Split | None, bool]:
    """Return the split, and whether only a word for evaluation names it."""
    plain = _HOLD_OUT.sub(r"\1out", unicodedata.normalize("NFKC", name))
    found = [_of_word(_plain(word)) for word in _PARTS.findall(_CAMEL.sub(" ", plain))]
    found += [(split, False) for split, signs in _TOGETHER.items() if any(sign in plain for sign in signs)]
    words = {one for one in found if one is not None}
    if len({split for split, _ in words}) != 1:
        return None, False
    return next(iter(words))[0], all(evaluation for _, evaluation in words)


def _of_word(word: str) -> tuple[Split, bool] | None:
    if _EVALUATION.fullmatch(word):
        return Split.VALIDATION, True
    if word in _BY_WORD:
        return _BY_WORD[word], False
    glued = _GLUED_TO.fullmatch(word)
    if glued is None:
        return None
    kind = str(glued.lastgroup)
    return (Split.VALIDATION, True) if kind == "eval" else (Split(kind), False)


def _plain(text: str) -> str:
    """Return a word in lower case without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
