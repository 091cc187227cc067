from __future__ import annotations

from marketops.management.commands import messages


def test_everything_people_see_is_collected():
    catalogue = messages.collected()
    assert catalogue.get("Customers") is not None  # settings.py
    assert catalogue.get("waiting", "job") is not None  # models.py, with a context
    assert catalogue.get("Run now") is not None  # a template


def test_everything_is_translated():
    """What is missing is listed; `make messages` puts it into the catalogue, for a person to translate."""
    complaints = messages.complaints(messages.merged())
    assert not complaints, "\n".join([f"{len(complaints)} strings in {messages.po_path()}:", *complaints])
