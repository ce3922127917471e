"""Names of splits as people write them."""

from __future__ import annotations

import pytest

from tldesk.dataset.files.split_words import rest_of_name, split_named, splits_named
from tldesk.dataset.records import Split

NAMES = {
    Split.TRAIN: "train,training_set,Train images,TrainImages,train2017,01-train,Trainingsdaten,Entraînement,"
    "entrenamiento,treinamento,Træning,Eğitim,обучение,训练集,学習データ,trainval",
    Split.VALIDATION: "val,valid,VALSET,val2017,validation set,dev,eval,Validierung,validación,"
    "Validierungsbilder,validação,validazione,Doğrulama,проверка,验证,検証",
    Split.TEST: "test,Test Data,testset,test1,hold-out,Held out,Testdaten,Prüfung,prueba,testes,"
    "тест,测试集,テスト",
    None: "train-val,train_test,valley,trainers,testudo,device,evaluated,bus,developer,contest,"
    "Valencia,restrain",
}


@pytest.mark.parametrize(
    ("name", "split"), [(name, split) for split in NAMES for name in NAMES[split].split(",")]
)
def test_names(name: str, split: Split | None) -> None:
    assert split_named(name) is split


def test_an_evaluation_set_beside_a_validation_set_is_the_test_set() -> None:
    assert splits_named(["training", "evaluation", "x"]) == {
        "training": Split.TRAIN,
        "evaluation": Split.VALIDATION,
    }
    assert splits_named(["training", "validation", "evaluation"])["evaluation"] is Split.TEST
    assert splits_named(["train", "val", "eval", "test"])["eval"] is Split.VALIDATION


@pytest.mark.parametrize(
    ("name", "rest"),
    [("train_cats", "cats"), ("DogsTest", "Dogs"), ("test set 2 – red fox", "red fox"), ("train1", "")],
)
def test_what_else_a_name_says(name: str, rest: str) -> None:
    assert rest_of_name(name) == rest
