"""The door through which lists of customers leave."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404

from backoffice.exports import csv_response
from backoffice.pages import StaffRequest, staff_page
from segments.actions.export import Content, export_segment
from segments.models import Segment


@staff_page("segments.view_segment")
def export(request: StaffRequest, pk: int) -> StreamingHttpResponse:
    """The members as CSV; ?content= says what each row holds, customer numbers unless asked for more."""
    segment = get_object_or_404(Segment, pk=pk)
    found = export_segment(
        segment=segment, content=request.GET.get("content", Content.NUMBERS), by=request.user
    )
    return csv_response(found.filename, found.head, found.rows)
