"""One byte is another letter in Western and in Central Europe."""

import pytest

from intake.importers.codepages import european
from intake.importers.guess import guess_encoding

WESTERN = [
    "Größe café naïve",
    "Grüße aus Köln, weiß",
    "crème brûlée à la façon du garçon, où, naïf, œuf",
    "¿Cuántos años? niño, 1ª",
    "São João põe pão, ações, três",
    "rødgrød med fløde på Ærø",
    "smörgås åäö",
    "così perché più città lunedì",
    "þórður æði",
    "Genève Zürich Neuchâtel Müller Käse",
    "Regal 20 m³, 5 dm², £5, 7½, Preis¹",
    "Nike® Ärmel™ – „weiß“ 20 °C",
    "José Peña, François Noël, Björn, Søren, Zoë, Inês, João",
]
CENTRAL = [
    "Zażółć gęślą jaźń",
    "Paweł, Michał, Rafał",
    "Łódź, Kraków, Gdańsk, Poznań",
    "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "Jiří Novák, Dvořák, Černý, Němec",
    "Árvíztűrő tükörfúrógép",
    "ăsta în ţară şi",
    "Đorđe čekić šćućurio žena",
    "ľahký kôň, mäkčeň, ŕba",
]


def in_a_file(text):
    return ("order,title\n" + "".join(f"{n},{text}\n" for n in range(30))).encode


@pytest.mark.parametrize("text", WESTERN)
def test_western_european(text):
    assert european(text.encode("cp1252")) == "cp1252"


@pytest.mark.parametrize("text", CENTRAL)
def test_central_european(text):
    assert european(text.encode("cp1250")) == "cp1250"


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (WESTERN[0], "latin-1", "cp1252"), (WESTERN[2], "cp1252", "cp1252"),
        (WESTERN[5], "latin-1", "cp1252"),
        (CENTRAL[0], "cp1250", "cp1250"), (CENTRAL[3], "cp1250", "cp1250"), (CENTRAL[5], "cp1250", "cp1250"),
        ("纯棉白色衬衫中号,大号", "gbk", "gb18030"), ("Größe café", "utf-8", "utf-8"),
        ("Größe café", "utf-16", "utf-16"),
        ("Größe café", "utf-16-le", "utf-16-le"), ("Größe café", "utf-8-sig", "utf-8-sig"),
    ],
)  # fmt: skip
def test_files(text, encoding, expected):
    assert guess_encoding(in_a_file(text)(encoding)) == expected
