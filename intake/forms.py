"""Which file is imported, and how it is read."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import FileExtensionValidator
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from intake.importers import customers
from intake.importers.customers import CustomerReading
from intake.importers.formats import FIELDS, Reading
from intake.models import FileImport
from shop.models import currency_code

ENCODINGS = {
    "utf-8": "UTF-8", "utf-8-sig": _("UTF-8 with a mark (Excel)"),
    "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE",
    "gb18030": _("Chinese, simplified (GB18030, GBK)"), "big5": _("Chinese, traditional (Big5)"),
    "cp1252": _("Western European (Windows-1252)"), "cp1250": _("Central European (Windows-1250)"),
    "cp1251": _("Cyrillic (Windows-1251)"), "shift_jis": _("Japanese (Shift JIS)"),
    "euc_kr": _("Korean (EUC-KR)"),
}  # fmt: skip
DELIMITERS = {",": _("comma ,"), ";": _("semicolon ;"), "\t": _("tabulator"), "|": _("bar |")}
DECIMALS = {".": _("point: 1,234.50"), ",": _("comma: 1.234,50")}
DATE_ORDERS = {
    "": _("please choose"), "dmy": _("day first: 3/4 is 3 April"), "mdy": _("month first: 3/4 is March 4"),
}  # fmt: skip
ZONES = sorted(
    zone
    for zone in available_timezones()
    if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/"))
)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File of orders"),
        help_text=_(
            "CSV, TXT or TSV, plain or .gz, any size, any encoding. One row for each order line, headers in "
            "the first row."
        ),
        validators=[
            FileExtensionValidator(
                ["csv", "txt", "tsv", "tab", "gz"],
                _(
                    "“.%(extension)s” cannot be read: in your shop or in Excel choose “Save as … CSV UTF-8”, "
                    "then upload that file."
                ),
            )
        ],
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.tab,.gz"}),
    )


class CustomersUploadForm(UploadForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("File of customers")
        self.fields["file"].help_text = _(
            "CSV, TXT or TSV, plain or .gz, any size, any encoding. One row for each customer, headers in "
            "the first row."
        )


class ReadingForm(forms.Form):
    """How a file is read. One select for each field of `FIELDS` holds the column's number, or nothing."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(value, label) for value, label in FileImport.Format.choices if value != customers.FORMAT],
    )
    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS)
    delimiter = forms.ChoiceField(label=_("Columns are separated by"), choices=DELIMITERS)
    decimal = forms.ChoiceField(label=pgettext_lazy("number", "Decimal sign"), choices=DECIMALS)
    date_order = forms.ChoiceField(label=_("Dates"), choices=DATE_ORDERS, required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=[("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in ZONES)],
        help_text=_("Of dates that do not name one."),
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        required=False,
        validators=[currency_code],
        help_text=_("Three letters; used where the file names none."),
    )

    def __init__(self, *args: Any, reading: Reading, header: list[str], **kwargs: Any) -> None:
        initial = {**asdict(reading), **{f"column_{name}": at for name, at in reading.mapping.items()}}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        if reading.encoding not in ENCODINGS:
            encodings = [(reading.encoding, reading.encoding), *ENCODINGS.items()]
            self.fields["encoding"].choices = encodings  # type: ignore[attr-defined]  # a choice field
        columns = [
            ("", gettext("– not in the file –")),
            *((str(at), cell or f"({at + 1})") for at, cell in enumerate(header)),
        ]
        for name, label in FIELDS.items():
            self.fields[f"column_{name}"] = forms.ChoiceField(label=label, choices=columns, required=False)
        for field in self.fields.values():
            field.widget.attrs["data-autosubmit"] = ""

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            for name, problem in self.reading().clashes().items():
                self.add_error(f"column_{name}", problem)
        return data

    def reading(self) -> Reading:
        data = self.cleaned_data
        mapping = {name: int(data[f"column_{name}"]) for name in FIELDS if data[f"column_{name}"]}
        plain = {name: data[name] for name in ReadingForm.base_fields}
        return Reading(mapping=mapping, **plain)

    @property
    def settings(self) -> list[forms.BoundField]:
        return [self[name] for name in ReadingForm.base_fields]

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{name}"] for name in FIELDS]


class CustomerReadingForm(forms.Form):
    """How a list of customers is read: a select for each field, and a box for each other column that may be
    kept."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=ENCODINGS)
    delimiter = forms.ChoiceField(label=_("Columns are separated by"), choices=DELIMITERS)
    date_order = forms.ChoiceField(label=_("Dates"), choices=DATE_ORDERS, required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=ReadingForm.base_fields["time_zone"].choices,  # type: ignore[attr-defined]  # a choice field
        help_text=_("Of dates that do not name one."),
    )
    overwrite = forms.BooleanField(
        label=_("Overwrite known values"),
        required=False,
        help_text=_(
            "Off: the file only fills gaps. On: values of the file replace known ones. A blank cell "
            "never deletes anything."
        ),
    )

    def __init__(self, *args: Any, reading: CustomerReading, header: list[str], **kwargs: Any) -> None:
        self.old, self.header = reading, header
        free = [at for at in range(len(header)) if at not in reading.mapping.values() and header[at].strip()]
        kwargs["initial"] = {
            **asdict(reading),
            **{f"column_{name}": at for name, at in reading.mapping.items()},
            "kept": [str(at) for at in reading.attributes.values()],
        }
        super().__init__(*args, **kwargs)
        if reading.encoding not in ENCODINGS:
            encodings = [(reading.encoding, reading.encoding), *ENCODINGS.items()]
            self.fields["encoding"].choices = encodings  # type: ignore[attr-defined]  # a choice field
        columns = [
            ("", gettext("– not in the file –")),
            *((str(at), cell or f"({at + 1})") for at, cell in enumerate(header)),
        ]
        for name, label in customers.FIELDS.items():
            self.fields[f"column_{name}"] = forms.ChoiceField(label=label, choices=columns, required=False)
        self.fields["kept"] = forms.MultipleChoiceField(
            label=_("Keep as attributes"),
            choices=[(str(at), header[at].strip()) for at in free],
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )
        for field in self.fields.values():
            field.widget.attrs["data-autosubmit"] = ""

    def reading(self) -> CustomerReading:
        """A column that no field holds any longer becomes an attribute, as all others were at first."""
        data = self.cleaned_data
        mapping = {name: int(data[f"column_{name}"]) for name in customers.FIELDS if data[f"column_{name}"]}
        kept = {int(at) for at in data["kept"]} | set(self.old.mapping.values())
        plain = {name: data[name] for name in CustomerReadingForm.base_fields}
        attributes = customers.attribute_columns(self.header, kept - set(mapping.values()))
        return CustomerReading(format=customers.FORMAT, mapping=mapping, attributes=attributes, **plain)

    @property
    def settings(self) -> list[forms.BoundField]:
        return [self[name] for name in CustomerReadingForm.base_fields if name != "overwrite"]

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{name}"] for name in customers.FIELDS]
