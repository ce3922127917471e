"""Short tables in the code pages of many countries are decoded; what was guessed is told."""

from __future__ import annotations

import random

import pytest

from tldesk.dataset.tables.text_encoding import decode

TEXTS = {
    "cp1252": [
        "datei;klasse\n1.jpg;Größe\n",
        "file,label\n1,blé\n2,forêt\n",
        "f,l\n1,Äpfel\n",
        "f,s\n1,5 µm\n",
    ],
    "cp1250": ["plik;klasa\n1.jpg;żółta rdza\n2.jpg;zdrowy liść\n", "file,label\n1,třída\n2,škůdce\n"],
    "cp1251": [
        "файл;класс\n1;ржавчина\n",
        "file;label\n1;рысь\n2;волк\n",
        "file;label\n1;Рысь\n",
        "f,l\n1,норма\n",
    ],
    "cp1253": ["file;label\n1.jpg;σκύλος\n2.jpg;γάτα\n"],
    "cp1254": ["file;label\n1.jpg;köpek ağaç işçi\n", "f;l\n1;sağlıklı\n2;pas\n"],
    "shift_jis": ["file,label\n1.png,健康\n2.png,さび病\n", "ファイル,ラベル\n1.png,犬\n"],
    "gb18030": ["file,label\n1.png,健康\n2.png,锈病\n", "文件,标签\n1.png,叶锈病\n"],
    "cp949": ["file,label\n1,건강\n2,녹병\n", "file,label\n1,참나무\n2,소나무\n"],
    "big5": ["file,label\n1,健康\n2,貓\n", "file,label\n1,橡樹\n2,松樹\n"],
    "euc_jp": ["file,label\n1,健康\n2,正常\n"],
    "koi8_r": ["file,label\n1,здоровый\n2,ржавчина\n", "file,label\n1,дуб\n2,выдра\n"],
    "cp866": ["file,label\n1,здоровый\n2,олень\n"],
    "cp850": ["datei;klasse\n1.jpg;Größe\n3.jpg;Grün\n", "f;l\n1;Blé\n2;forêt\n"],
    "mac_roman": ["file;label\n1;forêt brûlée\n"],
}


@pytest.mark.parametrize(("codec", "text"), [(codec, text) for codec in TEXTS for text in TEXTS[codec]])
def test_code_pages_are_guessed_and_told(codec: str, text: str) -> None:
    found = decode(text.encode(codec))
    assert found is not None
    assert found.text == text
    assert found.guessed
    assert found.example in text


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_no_guess(codec: str) -> None:
    found = decode("file,label\n1.jpg,Größe\n2.jpg,健康\n".encode(codec))
    assert found is not None
    assert (found.text, found.guessed) == ("file,label\n1.jpg,Größe\n2.jpg,健康\n", "")


def test_names_of_files_that_exist_decide() -> None:
    data = "plik;klasa\nõ.jpg;a\n".encode("cp1252")  # Hungarian ő in Windows-1250

    def familiar(wanted: str) -> str:
        found = decode(data, lambda cells: sum(cell == wanted for cell in cells))
        return "" if found is None else found.text

    assert "ő.jpg" in familiar("ő.jpg")
    assert "õ.jpg" in familiar("õ.jpg")


def test_what_is_no_text_is_not_decoded() -> None:
    assert decode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") is None
    assert decode(b"a\x00b") is None


def test_random_bytes_are_no_text() -> None:
    noise = random.Random(7).randbytes(20_000)
    for data in (noise, noise.replace(b"\0", b""), b"\xff\xfe" + noise):
        assert decode(data) is None
    assert decode(b"a,\x1b[1m\n" * 50) is not None, "a sign that steers is let be"
