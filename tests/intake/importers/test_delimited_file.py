import gzip
from itertools import islice

import pytest

from backoffice.errors import Refused
from intake.importers.delimited_file import DAMAGED, NOT_CLOSED, DelimitedFile


def rows_of(path, content, encoding="utf-8"):
    path.write_bytes(content)
    with DelimitedFile(path, encoding=encoding, delimiter=",") as source:
        return list(source.rows())


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path):
    rows = rows_of(tmp_path / "a.csv", b'a,b\r\n1,"two\nlines"\r\n\r\n3,4')
    assert rows == [(1, ["a", "b"], ""), (2, ["1", "two\nlines"], ""), (4, ["3", "4"], "")]


def test_old_mac_line_ends(tmp_path):
    assert [row[1] for row in rows_of(tmp_path / "a.csv", b"a,b\r1,2\r")] == [["a", "b"], ["1", "2"]]


def test_an_unclosed_quote_costs_one_row(tmp_path):
    body = b"a,b\n" + b"1,2\n" * 10 + b'3,"4\n' + b"5,6\n" * 1000
    rows = rows_of(tmp_path / "a.csv", body)
    bad = [row for row in rows if row[2]]
    assert [(number, reason) for number, _cells, reason in bad] == [(12, NOT_CLOSED)]
    assert len(rows) == 1012


def test_an_unclosed_quote_near_the_end(tmp_path):
    rows = rows_of(tmp_path / "a.csv", b'a,b\n1,"2\n3,4\n5,6\n')
    assert [(number, reason) for number, _cells, reason in rows] == [
        (1, ""),
        (2, NOT_CLOSED),
        (3, ""),
        (4, ""),
    ]


def test_control_characters_and_undecodable_bytes_cost_their_row_only(tmp_path):
    rows = rows_of(tmp_path / "a.csv", b"a,b\n1,\x00\n2,\xff\n3,fine\n")
    assert [reason for _number, _cells, reason in rows] == ["", DAMAGED, DAMAGED, ""]


def test_an_endless_line_is_refused_before_memory_fills(tmp_path):
    with pytest.raises(Refused, match="million characters"):
        rows_of(tmp_path / "a.csv", b"a,b\n" + b"x" * 3_000_000)


def test_a_torn_gzip_file_is_refused_with_its_row(tmp_path):
    whole = gzip.compress(b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(100_000)))
    with pytest.raises(Refused, match="damaged after row"):
        rows_of(tmp_path / "a.csv.gz", whole[: len(whole) // 2])


def test_the_fraction_reaches_one(tmp_path):
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 1000))
    with DelimitedFile(path, encoding="utf-8", delimiter=",") as source:
        list(source.rows())
        assert source.fraction == 1.0


def test_unbalanced_quotes_swallow_no_rows(tmp_path):
    """Two marks too many make one well-formed record of two rows."""
    path = tmp_path / "file.csv"
    head = "number,title,price,currency\n"
    for mark in ('"', ' "', '"x" '):
        lines = [
            f"{at},{mark if at % 2 else ''}Kettle{'' if at % 2 else chr(34)},5,EUR\n" for at in range(50)
        ]
        path.write_text(head + "".join(lines))
        with DelimitedFile(path, encoding="utf-8", delimiter=",") as source:
            rows = list(source.rows())
        assert [number for number, *_row in rows] == list(range(1, 52))
        read = [cells[0] for _number, cells, reason in rows[1:] if not reason]
        assert set(read) >= {str(at) for at in range(0, 50, 2)}


def test_lines_within_a_cell_stay_in_it(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text('a,b,c\n1,"Main Street 1\n12345 Town, North",3\n2,"say ""hello""\n\nbye",3\n')
    with DelimitedFile(path, encoding="utf-8", delimiter=",") as source:
        rows = list(source.rows())
    assert [(number, len(cells), reason) for number, cells, reason in rows] == [
        (1, 3, ""),
        (2, 3, ""),
        (3, 3, ""),
    ]


def test_a_quote_in_the_last_cell_of_all_is_named(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text('a,b\n1,2\n3,"4')
    with DelimitedFile(path, encoding="utf-8", delimiter=",") as source:
        assert [reason for *_row, reason in source.rows()] == ["", "", NOT_CLOSED]


def test_too_many_columns_are_refused(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text(",".join(f"c{at}" for at in range(10_000)) + "\n")
    with (
        DelimitedFile(path, encoding="utf-8", delimiter=",") as source,
        pytest.raises(Refused, match=r"10000 columns|10,000 columns"),
    ):
        next(source.rows())


@pytest.mark.parametrize(("megabytes", "largest"), [(130, 2**40), (3, 2**20)])
def test_what_unpacks_to_too_much_is_refused(tmp_path, settings, megabytes, largest):
    settings.LARGEST_IMPORT = largest
    path = tmp_path / "file.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"a,b\n")
        for _block in range(megabytes):
            file.write(b"\n" * 2**20 if largest == 2**20 else (b"1,2" + b" " * 4092 + b"\n") * 256)
    with (
        DelimitedFile(path, encoding="utf-8", delimiter=",") as source,
        pytest.raises(Refused, match="unpacks"),
    ):
        list(islice(source.rows(), 10**9))
