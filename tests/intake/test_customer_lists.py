"""A list of customers: addresses and consent reach the shop without a terminal."""

import gzip
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from backoffice.models import AuditEntry, JobRun
from intake.actions import summaries
from intake.actions.imports import import_file, reading_of, settle_reading, take_file, twin_of
from intake.models import CustomersFigures, FileImport
from shop.models import TEST_DOMAIN, Channel, Consent, Customer

FILE = """Customer number;E-Mail;Newsletter;Consent date;First name;Last name;Land;Sprache;Kunde seit;Age;PLZ
17850;ann@example.com;ja;13.02.2024;Ann;Ek;DE;de_DE;01.01.2020;34;01067
13047.0;bo@example.com;nein;;Bo;;SE;Deutsch;;;
14527;;;;;;FR;;;;
;lost@example.com;ja;;;;;;;;
99;not an address;ja;;;;;;;;
98;x@example.com;perhaps;;;;;;;;
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"


def take(text, **changes):
    content = text.encode() if isinstance(text, str) else text
    file_import = take_file(file=io.BytesIO(content), filename="customers.csv", by=None, format="customers")
    if changes:
        settle_reading(file_import=file_import, reading=replace(reading_of(file_import), **changes), by=None)
    return file_import


def run(text, **changes):
    file_import = take(text, **changes)
    import_file(import_id=file_import.pk)
    file_import.refresh_from_db()
    assert (
        file_import.rows_read
        == file_import.rows_accepted + file_import.rows_merged + file_import.rows_rejected
    )
    return file_import


def consents(number):
    words = Consent.objects.filter(
        customer__external_id=number, channel="email", purpose="marketing"
    ).order_by("recorded_at", "pk")
    return [(word.granted, word.source) for word in words]


def say(customer, granted, day, source="unsubscribe"):
    return Consent.objects.create(
        customer=customer,
        channel=Channel.EMAIL,
        granted=granted,
        source=source,
        recorded_at=datetime(2024, 5, day, 12, tzinfo=UTC),
    )


@pytest.fixture
def ann():
    return Customer.objects.create(
        external_id="17850", created_at=datetime(2021, 1, 1, tzinfo=UTC), attributes={"age": 33}
    )


def test_gaps_are_filled_and_consent_is_written(ann):
    imported = run(FILE)
    assert (
        imported.rows_read,
        imported.rows_accepted,
        imported.rows_merged,
        imported.rows_rejected,
    ) == (6, 3, 0, 3)
    assert imported.summary.of_customers == CustomersFigures(3, 2, 2, 2)
    ann.refresh_from_db()
    assert (ann.email, ann.name, ann.country, ann.locale) == ("ann@example.com", "Ann Ek", "DE", "de-DE")
    assert ann.created_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert ann.attributes == {"age": 33, "PLZ": "01067"}  # what is known stays
    bo = Customer.objects.get(external_id="13047")
    assert (bo.locale, bo.attributes) == ("de", {})
    assert abs((bo.created_at - datetime.now(UTC)).total_seconds()) < 60
    assert (consents("17850"), consents("13047"), consents("14527")) == (
        [(True, "import")],
        [(False, "import")],
        [],
    )
    assert Consent.objects.get(customer=ann).recorded_at == datetime(2024, 2, 13, tzinfo=UTC)
    assert [(row.row_number, row.field) for row in imported.rejected.all()] == [
        (5, "customer_id"),
        (6, "email"),
        (7, "consent_email"),
    ]
    entry = AuditEntry.objects.filter(verb="import.finish").get()
    assert "example.com" not in str(entry.details)


def test_a_second_time_adds_nothing(ann):
    run(FILE)
    before = list(Customer.objects.order_by("pk").values())
    again = run(FILE)
    assert (again.rows_accepted, again.rows_merged, again.summary.of_customers.consents) == (0, 3, 0)
    assert list(Customer.objects.order_by("pk").values()) == before
    assert twin_of(again) is not None


def test_rows_that_repeat_a_customer():
    imported = run("customer,email,age\n1,a@example.com,\n1,b@example.com,30\n1,a@example.com,\n")
    assert (
        imported.rows_accepted,
        imported.rows_merged,
        imported.summary.of_customers.customers,
    ) == (2, 1, 1)
    assert (Customer.objects.get().email, Customer.objects.get().attributes) == ("a@example.com", {"age": 30})


@pytest.mark.parametrize(
    ("overwrite", "email", "age"), [(False, "old@example.com", 33), (True, "new@example.com", 34)]
)
def test_known_values_are_only_replaced_when_asked(ann, overwrite, email, age):
    Customer.objects.update(email="old@example.com", first_name="Old", phone="1")
    run("customer,email,age,phone,first name\n17850,new@example.com,34,,\n", overwrite=overwrite)
    ann.refresh_from_db()
    assert (ann.email, ann.attributes["age"], ann.phone, ann.first_name) == (
        email,
        age,
        "1",
        "Old",
    )  # blank never blanks out


@pytest.mark.parametrize(
    ("known", "row", "expected"),
    [
        (False, "yes,2024-05-09", [False]),  # they withdrew later
        (False, "yes,2024-05-11", [False, True]),
        (False, "yes,", [False]),  # without a date a withdrawal stays
        (True, "no,", [True, False]),
        (True, "no,2024-05-09", [True]),  # they came back later
        (True, "no,2024-05-10", [True, False]),  # the same day, hour unknown: silence is safer
        (True, "yes,2024-06-01", [True]),
        (False, ",2024-06-01", [False]),
    ],
)  # fmt: skip
def test_the_latest_word_stays_in_force(ann, known, row, expected):
    say(ann, known, 10)
    for _time in range(2):
        run(f"customer,consent,consent date\n17850,{row}\n")
        assert [granted for granted, _source in consents("17850")] == expected
        assert Customer.objects.consenting(Channel.EMAIL).exists() is expected[-1]


def test_the_latest_of_several_words_in_a_file_counts():
    run("customer,consent,consent date\n1,no,2024-05-11\n1,yes,2024-05-01\n")
    assert consents("1") == [(False, "import")]


def test_real_addresses_take_the_place_of_test_addresses(ann):
    Customer.objects.update(email=f"17850{TEST_DOMAIN}")
    Consent.objects.create(
        customer=ann, channel=Channel.EMAIL, granted=True, source="staff", note="test address"
    )
    imported = run("customer,email\n17850,ann@example.com\n")
    ann.refresh_from_db()
    assert (ann.email, imported.summary.of_customers.addresses, consents("17850")) == (
        "ann@example.com",
        1,
        [],
    )


def test_any_encoding_and_compression():
    text = "客户编号\t邮箱\t同意营销\t姓名\t城市\n1\tli@example.com\t是\t李雷\t北京\n"
    run(gzip.compress(text.encode("gb18030")), encoding="gb18030")
    customer = Customer.objects.get()
    assert (customer.email, customer.first_name, customer.attributes) == (
        "li@example.com",
        "李雷",
        {"city": "北京"},
    )
    assert consents("1") == [(True, "import")]


def test_a_stopped_import_leaves_nothing(monkeypatch):
    monkeypatch.setattr(summaries, "ACCEPTED", "SELECT 1/0")
    with pytest.raises(Exception, match="division"):
        run("customer,email\n1,a@example.com\n")
    assert not Customer.objects.exists()


def test_ambiguous_dates_are_asked_about():
    file_import = take("customer,since\n1,3/4/2024\n")
    assert "date_order" in reading_of(file_import).unfinished()
    assert not reading_of(take("customer,since\n1,13/4/2024\n")).unfinished()
    assert "customer_id" in reading_of(take("email\na@example.com\n")).unfinished()


def test_the_command_reads_customers_too(tmp_path, capsys):
    path = tmp_path / "c.csv"
    path.write_text("customer,mail\n1,a@example.com\n")
    call_command("import_file", str(path), format="customers")
    assert "1 addresses" in capsys.readouterr().out
    assert Customer.objects.get().email == "a@example.com"


# -- pages ---------------------------------------------------------------------------------------------------


def test_from_upload_to_result(mara, as_user, ann):
    client = as_user(mara)
    start = client.get(reverse("intake:upload-customers"))
    assert b"1 customer has no email address" in start.content
    upload = client.post(
        reverse("intake:upload-customers"), {"file": SimpleUploadedFile("c.csv", FILE.encode())}
    )
    file_import = FileImport.objects.get()
    columns = reverse("intake:columns", args=[file_import.pk])
    assert upload.url == columns
    shown = client.get(columns)
    assert shown.context["wrong"] == 3
    assert [str(label) for label in shown.context["shown"]][:3] == [
        "Customer number",
        "Email",
        "Agrees to marketing email",
    ]
    answers = {
        "encoding": "utf-8", "delimiter": ";", "date_order": "dmy", "time_zone": "UTC", "kept": ["9"],
        "overwrite": "on",
        **{f"column_{name}": at for name, at in file_import.options.mapping.items()},
    }  # fmt: skip
    client.post(columns, answers | {"do": "preview"})
    file_import.refresh_from_db()
    assert (file_import.options.attributes, file_import.options.overwrite) == ({"age": 9}, True)
    client.post(columns, answers | {"column_locale": "", "do": "preview"})
    file_import.refresh_from_db()
    # a freed column is offered as an attribute
    assert file_import.options.attributes == {"Sprache": 7, "age": 9}
    started = client.post(columns, answers | {"do": "import"})
    assert JobRun.objects.get().name == "intake.import_file"
    import_file(import_id=file_import.pk)
    JobRun.objects.update(state="succeeded")
    result = client.get(started.url)
    assert b"6 rows read = 3 accepted + 0 already there + 3 rejected." in result.content
    assert b"Addresses filled" in result.content
    table = b"".join(client.get(reverse("intake:rejected", args=[file_import.pk])).streaming_content).decode(
        "utf-8-sig"
    )
    assert table.splitlines()[1].startswith("5,Customer number,,The customer number is missing.")
    for name in ("intake:imports", "shop:customers"):
        assert b"Import customers" in client.get(reverse(name)).content


def test_another_delimiter_judges_the_headers_anew(mara, as_user):
    client = as_user(mara)
    client.post(
        reverse("intake:upload-customers"),
        {"file": SimpleUploadedFile("c.csv", b"customer;email\n1;a@example.com\n")},
    )
    file_import = FileImport.objects.get()
    columns = reverse("intake:columns", args=[file_import.pk])
    answers = {"encoding": "utf-8", "time_zone": "UTC", "date_order": "dmy"}
    assert client.post(columns, answers | {"delimiter": ","}).status_code == 200
    client.post(columns, answers | {"delimiter": ";"})
    file_import.refresh_from_db()
    assert file_import.options.mapping == {"customer_id": 0, "email": 1}


def test_analysts_look_and_do_not_import(ines, as_user, ann):
    client = as_user(ines)
    assert client.get(reverse("intake:upload-customers")).status_code == 403
    assert b"Import customers" not in client.get(reverse("shop:customers")).content
    imported = run("customer,email\n1,a@example.com\n")
    assert client.get(reverse("intake:import", args=[imported.pk])).status_code == 200
    with pytest.raises(PermissionDenied):
        take_file(file=io.BytesIO(b"customer\n1\n"), filename="c.csv", by=ines, format="customers")


def test_the_list_to_fill_in_can_be_imported(mara, as_user, ann):
    Customer.objects.create(external_id="-7")
    Customer.objects.create(external_id="8", email="known@example.com")
    table = b"".join(as_user(mara).get(reverse("shop:customers-without-address")).streaming_content).decode(
        "utf-8-sig"
    )
    assert [line.split(",")[0] for line in table.splitlines()] == ["customer_id", "17850", "'-7"]
    assert AuditEntry.objects.get().details == {"filters": ["without address"]}
    filled = table.replace("17850,,,", "17850,ann@example.com,yes,").replace(
        "'-7,,,", "'-7,seven@example.com,yes,"
    )
    imported = run(filled)
    assert imported.summary.of_customers == CustomersFigures(2, 0, 2, 2)
