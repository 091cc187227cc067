"""Messages for partner tools."""

from __future__ import annotations

from typing import Any

from backoffice.models import ApiKey, User
from campaigns.models import Message


def test_api_of_messages(mara: User, ines: User, message: Message, client: Any) -> None:
    def headers(owner: User) -> dict[str, str]:
        return {"Authorization": f"Bearer {ApiKey.objects.create_key(name='partner', owner=owner)[1]}"}

    url, body = (
        "/api/v1/messages/",
        {"name": "By tool", "subject": "Hi", "body": "{{ products }}", "language": "zh-hans"},
    )
    listed = client.get(url, headers=headers(ines)).json()["results"]
    assert listed == [
        {
            "id": message.pk,
            "name": "Hello",
            "subject": "Hello {{ first_name }}",
            "language": "en",
            "not_sent": [],
        }
    ]
    assert client.post(url, body, content_type="application/json", headers=headers(ines)).status_code == 403
    made = client.post(url, body, content_type="application/json", headers=headers(mara))
    assert made.status_code == 201
    written = Message.objects.get(pk=made.json()["id"])
    assert (written.body, written.created_by, written.language) == ("{{ products }}", mara, "zh-hans")
    wrong = client.post(
        url, body | {"name": "B", "body": "{{ x }}"}, content_type="application/json", headers=headers(mara)
    )
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["body"])
