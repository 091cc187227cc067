"""A view of the API answers those who hold its permission."""

from __future__ import annotations

import pytest
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from backoffice.api.permissions import PermittedView
from backoffice.models import User


class Jobs(PermittedView, APIView):
    permission = "backoffice.run_job"

    def get(self, request: object) -> Response:
        return Response({})


@pytest.mark.parametrize(("who", "status"), [("mara", 200), ("ines", 403)])
def test_only_those_with_the_permission_get_an_answer(mara: User, ines: User, who: str, status: int) -> None:
    request = APIRequestFactory().get("/")
    force_authenticate(request, user={"mara": mara, "ines": ines}[who])
    assert Jobs.as_view()(request).status_code == status
