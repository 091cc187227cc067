"""CSV downloads: Excel opens them, and no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.http import StreamingHttpResponse

from backoffice.exports import csv_response


def rows_of(response: StreamingHttpResponse) -> list[list[str]]:
    chunks: Any = response.streaming_content
    text = b"".join(chunks).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_download_has_its_head_and_rows() -> None:
    response = csv_response("teas.csv", ["tea", "price"], iter([["Assam", 4.5], ["绿茶, 特级", None]]))
    assert response["Content-Disposition"] == 'attachment; filename="teas.csv"'
    assert rows_of(response) == [["tea", "price"], ["Assam", "4.5"], ["绿茶, 特级", ""]]


@pytest.mark.parametrize("cell", ["=1+1", "+4412", "-2", "@cmd", "\tx"])
def test_a_text_that_a_spreadsheet_would_run_is_made_harmless(cell: str) -> None:
    assert rows_of(csv_response("x.csv", ["a"], [[cell]]))[1] == [f"'{cell}"]


def test_numbers_stay_numbers() -> None:
    assert rows_of(csv_response("x.csv", ["a"], [[-2]]))[1] == ["-2"]


def test_many_rows_are_streamed_in_blocks() -> None:
    response = csv_response("x.csv", ["a"], ([number] for number in range(2500)))
    chunks: Any = response.streaming_content
    assert len(list(chunks)) == 4  # the mark, then blocks of 1,000
