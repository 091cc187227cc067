"""The pages of an import, as a browser asks for them."""

import html
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backoffice.errors import Refused
from backoffice.models import JobRun
from intake.actions.imports import import_file
from intake.models import FileImport, RejectedRow
from shop.models import Order

FILE = "Order ID,Date,SKU,Qty,Price,Customer\n" + "".join(
    f"{n},3/4/2024,A,{n % 3},2.50,=c{n}\n" for n in range(1, 31)
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def marketer(mara, as_user):
    return as_user(mara)


def upload(client, name="orders.csv", content=FILE):
    return client.post(reverse("intake:upload"), {"file": SimpleUploadedFile(name, content.encode())})


def answers(**changes):
    mapping = {"order_number": 0, "ordered_at": 1, "sku": 2, "quantity": 3, "unit_price": 4, "customer_id": 5}
    given = {
        "format": "generic", "encoding": "utf-8", "delimiter": ",", "decimal": ".", "date_order": "dmy",
        "time_zone": "UTC", "currency": "EUR",
        **{f"column_{name}": at for name, at in mapping.items()},
    }  # fmt: skip
    return {**given, **changes}


def test_an_empty_shop_is_told_what_to_do(marketer):
    assert b"No orders have been imported yet" in marketer.get(reverse("intake:imports")).content


def test_from_upload_to_result(marketer):
    response = upload(marketer)
    file_import = FileImport.objects.get()
    columns = reverse("intake:columns", args=[file_import.pk])
    assert response.url == columns
    asked = marketer.get(columns)
    assert [str(label) for label, _question, _fields in asked.context["unfinished"]] == ["Dates", "Currency"]
    assert asked.text.count('class="errorlist"') == 3, "beside each field that answers: two for the currency"
    assert (
        marketer.post(columns, answers(currency="", do="import")).status_code == 200
    )  # not yet: a question is open
    assert not JobRun.objects.exists()
    shown = marketer.post(columns, answers(date_order="mdy"))
    assert shown.context["table"][0]["row"].values["ordered_at"].date().isoformat() == "2024-03-04"
    assert shown.context["wrong"] == 6
    started = marketer.post(columns, answers(do="import"))
    assert started.url == reverse("intake:import", args=[file_import.pk])
    run = JobRun.objects.get()
    assert (run.name, run.arguments) == ("intake.import_file", {"import_id": file_import.pk})
    assert marketer.post(reverse("intake:again", args=[file_import.pk])).status_code == 302
    assert JobRun.objects.count() == 1  # pressed twice, runs once
    import_file(import_id=file_import.pk)
    JobRun.objects.update(state="succeeded")
    result = marketer.get(started.url)
    assert b"30 rows read = 20 accepted + 0 already there + 10 rejected." in result.content
    assert b"Orders.csv" not in result.content  # the breadcrumb shows the name as it was typed
    assert Order.objects.count() == 20
    table = b"".join(
        marketer.get(reverse("intake:rejected", args=[file_import.pk])).streaming_content
    ).decode("utf-8-sig")
    assert table.splitlines()[1].startswith("4,Quantity,0,The quantity is 0")
    assert marketer.get(reverse("intake:imports")).status_code == 200


def test_formulas_in_rejected_rows_are_made_harmless(marketer):
    file_import = FileImport.objects.create(filename="x", sha256="x", format="generic")
    RejectedRow.objects.create(
        file_import=file_import, row_number=2, field="sku", value="=1+1", reason="x", row="@cmd"
    )
    table = b"".join(
        marketer.get(reverse("intake:rejected", args=[file_import.pk])).streaming_content
    ).decode("utf-8-sig")
    assert "'=1+1" in table
    assert "'@cmd" in table


@pytest.mark.parametrize(
    ("name", "content"), [("orders.xlsx", "x"), ("orders.csv", "PK\x03\x04 book"), ("orders.csv", " ")]
)
def test_what_cannot_be_read_is_refused_beside_the_field(marketer, name, content):
    response = upload(marketer, name, content)
    assert response.context["form"].errors["file"]
    assert not FileImport.objects.exists()


def test_cancelling(marketer):
    upload(marketer)
    file_import = FileImport.objects.get()
    marketer.post(reverse("intake:columns", args=[file_import.pk]), answers(do="import"))
    marketer.post(reverse("intake:cancel", args=[file_import.pk]))
    assert JobRun.objects.get().state == "cancelled"
    assert "cancelled" in marketer.get(reverse("intake:import", args=[file_import.pk])).content.decode()


def test_others_may_look_but_not_upload(marketer, ines, as_user):
    upload(marketer)
    file_import, analyst = FileImport.objects.get(), as_user(ines)
    assert analyst.get(reverse("intake:imports")).status_code == 200
    assert analyst.get(reverse("intake:import", args=[file_import.pk])).status_code == 200
    assert analyst.get(reverse("intake:upload")).status_code == 403
    assert upload(analyst).status_code == 403
    assert analyst.post(reverse("intake:again", args=[file_import.pk])).status_code == 403


def test_a_header_alone_is_refused_beside_the_file(marketer):
    page = upload(marketer, content=FILE.partition("\n")[0]).content.decode()
    assert "no rows below its header" in page
    assert not FileImport.objects.exists()


def test_an_import_of_nothing_is_no_success(marketer):
    upload(marketer)
    file_import = FileImport.objects.get()
    with open(file_import.file.path, "w") as file:
        file.write(FILE.partition("\n")[0])
    page = marketer.get(reverse("intake:columns", args=[file_import.pk])).content.decode()
    assert "no rows below its header" in page
    assert "read without a problem" not in page
    file_import.options = replace(file_import.options, date_order="dmy", currency="EUR")
    file_import.save()
    with pytest.raises(Refused, match="no rows below its header"):
        import_file(import_id=file_import.pk)
    file_import.refresh_from_db()
    assert file_import.finished_at is None


def test_one_column_cannot_hold_two_things(marketer):
    upload(marketer)
    file_import = FileImport.objects.get()
    columns = reverse("intake:columns", args=[file_import.pk])
    page = marketer.post(columns, answers(column_unit_price=3, do="import"))
    assert "“Quantity” and “Unit price”" in page.context["form"].errors["column_unit_price"][0]
    assert "“Quantity” and “Unit price”" in html.unescape(page.content.decode())
    assert not JobRun.objects.exists()
    shared = marketer.post(columns, answers(column_customer_id=5, column_first_name=5, column_title=2))
    assert not shared.context["form"].errors, "a title may be the number, a name the customer's"
