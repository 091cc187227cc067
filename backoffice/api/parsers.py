"""Bodies of requests: JSON that the database can keep."""

from __future__ import annotations

import math
from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

from backoffice.text import is_storable

LARGEST_INTEGER = 2**63 - 1


class TooLarge(APIException):
    status_code = 413


class StorableJSONParser(JSONParser):
    """JSON without what no column can hold: NUL and lone surrogates in texts and keys, whole numbers beyond
    64 bits, numbers too large to be written. Raises ParseError (400) that names the place, and
    TooLarge (413)."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sent = stream.read(largest + 1)
        if len(sent) > largest:
            raise TooLarge(_("The body is larger than %s MB.") % (largest // 2**20))
        body = super().parse(BytesIO(sent), media_type, parser_context)
        _check(body)
        return body


def _check(body: Any) -> None:
    waiting: list[tuple[str, Any]] = [("", body)]
    while waiting:  # no recursion: the depth is the sender's
        place, value = waiting.pop()
        if isinstance(value, str):
            if not is_storable(value):
                raise ParseError(_("%s: a NUL or half a character cannot be kept.") % (place or "JSON"))
        elif isinstance(value, dict):
            if not all(is_storable(key) for key in value):
                raise ParseError(_("%s: a NUL or half a character cannot be kept.") % (place or "JSON"))
            waiting += [(f"{place}.{key}" if place else key, part) for key, part in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}[{index}]", part) for index, part in enumerate(value)]
        elif isinstance(value, float):
            if not math.isfinite(value):
                raise ParseError(_("%s: this number is too large.") % (place or "JSON"))
        elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise ParseError(_("%s: this number is too large.") % (place or "JSON"))
