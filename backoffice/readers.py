"""Who reads what is being written: one permission decides whether they see personal data, at every door.

Names and addresses of customers are shown by pages, lists of the admin, fragments and the API. All ask
`sees_personal_data()`; what writes for nobody in particular (a job, a message that is sent) shows everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

PERSONAL_DATA = "backoffice.view_personal_data"
_request: ContextVar[Any] = ContextVar("the request that is being answered", default=None)


@contextmanager
def answering(request: Any) -> Iterator[None]:
    """What is written inside is read by the user of `request`, who may become known only while it is
    answered (API keys)."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def sees_personal_data() -> bool:
    """Whether names and addresses may stand in what is written now."""
    request = _request.get()
    user = getattr(request, "user", None)
    return user is None or bool(user.has_perm(PERSONAL_DATA))
