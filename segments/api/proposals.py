"""Proposed generations of groups, for partner tools. Deciding is left to people."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework import generics, serializers

from segments.api.segments import MaySeeSegments
from segments.models import Proposal


class OriginSerializer(serializers.Serializer[Any]):
    """Customers that a proposed group takes from a segment; null: from no group."""

    segment = serializers.IntegerField(allow_null=True)
    customers = serializers.IntegerField()


class DescentSerializer(serializers.Serializer[Any]):
    """A proposed group (the id of its segment), and where its customers are now, largest part first."""

    segment = serializers.IntegerField()
    size = serializers.IntegerField()
    origins = OriginSerializer(many=True)


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    """A new generation of groups. `lineage`: which group comes from which."""

    lineage = DescentSerializer(source="lineage.groups", many=True)

    class Meta:
        model = Proposal
        fields = ["id", "cause", "state", "gain", "moved", "lineage", "created_at", "decided_at"]


class Proposals(MaySeeSegments, generics.ListAPIView[Proposal]):
    """Proposed generations, latest first."""

    queryset = Proposal.objects.all()
    serializer_class = ProposalSerializer


urlpatterns = [path("segments/proposals/", Proposals.as_view())]
