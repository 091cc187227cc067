import pytest

from backoffice.errors import Refused
from intake.importers.customers import guess_reading as guess_customers
from intake.importers.formats import Format
from intake.importers.guess import guess_date_order, guess_decimal, guess_encoding, guess_reading
from intake.importers.headers import guess_mapping

GERMAN = "Bestellnummer;Bestelldatum;SKU;Bezeichnung;Menge;Einzelpreis\n" + "".join(
    f"{n};24.12.2024 10:00;A-{n};Größe M, weiß für Ärzte;1;1.299,50\n" for n in range(30)
)
CHINESE = "订单编号,下单时间,商品编码,商品名称,数量,单价,手机\n" + "".join(
    f"{n},2024年12月24日 10:00,A-{n},纯棉白色衬衫中号,1,99.50,13800000000\n" for n in range(30)
)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        (GERMAN, "utf-8", "utf-8"), (GERMAN, "utf-8-sig", "utf-8-sig"), (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "utf-16-le", "utf-16-le"), (GERMAN, "cp1252", "cp1252"),
        (CHINESE, "gb18030", "gb18030"), (CHINESE, "utf-8", "utf-8"),
    ],
)  # fmt: skip
def test_encodings(text, encoding, expected):
    guessed = guess_encoding(text.encode(encoding))
    assert guessed == expected or text.encode(encoding).decode(guessed) == text


def test_a_german_export(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(GERMAN.encode("cp1252"))
    reading = guess_reading(path, currency="EUR")
    assert (reading.delimiter, reading.decimal, reading.date_order, reading.format) == (
        ";",
        ",",
        "dmy",
        Format.GENERIC,
    )
    assert reading.mapping == {
        "order_number": 0,
        "ordered_at": 1,
        "sku": 2,
        "title": 3,
        "quantity": 4,
        "unit_price": 5,
    }
    assert not reading.unfinished()


def test_a_chinese_export(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(CHINESE.encode("gb18030"))
    reading = guess_reading(path)
    assert list(reading.mapping) == [
        "order_number",
        "ordered_at",
        "sku",
        "title",
        "quantity",
        "unit_price",
        "phone",
    ]
    assert list(reading.unfinished()) == ["currency"]


@pytest.mark.parametrize(
    ("header", "sku", "title"),
    [
        ("Artikelnummer;Artikel", 0, 1), ("Artikel;Artikelnummer", 1, 0),
        ("Artikel-Nr.;Artikelbezeichnung", 0, 1),
        ("Art.-Nr.;Bezeichnung", 0, 1), ("Artikel;Bezeichnung", 0, 1), ("Artikel;Menge", 0, None),
        ("SKU;Produkt", 0, 1),
        ("Produkt;SKU", 1, 0), ("Artikelnummer;Beschreibung;Artikel", 0, 2), ("Product;Product ID", 1, 0),
        ("Item;Description", 0, 1),
        ("StockCode;Description", 0, 1), ("Référence;Article", 0, 1), ("Référence;Produit", 0, 1),
        ("Code article;Désignation", 0, 1),
        ("Référence;Libellé", 0, 1), ("Referencia;Artículo", 0, 1), ("Código;Descripción", 0, 1),
        ("SKU;Producto", 0, 1),
        ("商品编码;商品", 0, 1), ("货号;品名", 0, 1), ("产品编号;产品名称", 0, 1), ("商品;数量", 0, None),
    ],
)  # fmt: skip
def test_number_and_title_of_a_product(header, sku, title):
    mapping = guess_mapping(header.split(";"), Format.GENERIC)
    assert (mapping["sku"], mapping.get("title")) == (sku, title)


def test_a_spanish_export():
    header = "Número de pedido,Fecha,Cliente,Producto,Referencia,Cantidad,Precio unitario,Importe,País"
    assert guess_mapping(header.split(","), Format.GENERIC) == {
        "order_number": 0,
        "ordered_at": 1,
        "customer_id": 2,
        "sku": 4,
        "quantity": 5,
        "unit_price": 6,
        "line_total": 7,
        "country": 8,
        "title": 3,
    }


@pytest.mark.parametrize("guess", [guess_reading, guess_customers])
@pytest.mark.parametrize(
    "content", ["Bestellnummer;Datum;Artikel\n", "order_number,sku\n\n\r\n", "order_number,sku"]
)
def test_a_header_alone_is_refused(tmp_path, guess, content):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(Refused, match="no rows below its header"):
        guess(path)


def test_damaged_bytes_do_not_change_the_guess_for_the_rest():
    assert guess_encoding(CHINESE.encode() * 50 + b"1,\xff\xfe,x\n") == "utf-8"


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["3/4/2025", "13/4/2025"], "dmy"), (["3/4/2025", "4/13/2025"], "mdy"),
        (["3/4/2025", "5/6/2025"], ""),
        (["03.04.2025"], "dmy"), (["2025-03-04"], "dmy"), (["3/4/2025"] * 50_000 + ["4/13/2025"], "mdy"),
    ],
)  # fmt: skip
def test_date_order(cells, order):
    assert guess_date_order(iter(cells)) == order


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["2,55", "3,10"], ","),
        (["1.234,50"], ","),
        (["1,234.50"], "."),
        (["2.55"], "."),
        (["1,234"], "."),
        ([], "."),
    ],
)
def test_decimal_sign(cells, sign):
    assert guess_decimal(iter(cells)) == sign


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b"PK\x03\x04rest", "CSV UTF-8"),
        (b"%PDF-1.7", "CSV"),
        (b"\x1f\x8bnot gzip", "damaged"),
    ],
)
def test_what_is_no_text_is_refused_with_the_remedy(tmp_path, content, remedy):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Refused, match=remedy):
        guess_reading(path)
