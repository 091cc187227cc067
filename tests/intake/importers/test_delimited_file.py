import gzip

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
