from django.urls import path

from segments.views import (
    compare,
    flows,
    gallery,
    groupings,
    learned,
    memberships,
    proposals,
    rules,
    segments,
    stability,
)

app_name = "segments"
urlpatterns = [
    path("", gallery.gallery, name="gallery"),
    path("find-anew/", gallery.find_anew, name="find-anew"),
    path("rules/new/", rules.create, name="rule-new"),
    path("rules/preview/", rules.preview, name="rule-preview"),
    path("<int:pk>/rule/", rules.edit, name="rule-edit"),
    path("<int:pk>/restore/", rules.restore, name="rule-restore"),
    path("groupings/", groupings.overview, name="groupings"),
    path("groupings/<int:pk>/", groupings.detail, name="grouping"),
    path("groupings/<int:pk>/again/", groupings.again, name="grouping-again"),
    path("groupings/<int:pk>/withdraw/", groupings.withdraw, name="grouping-withdraw"),
    path("compare/", compare.compare, name="compare"),
    path("flows/", flows.overview, name="flows"),
    path(
        "flows/<int:before>/<int:after>/<int:origin>/<int:destination>/",  # 0: in no group
        flows.detail,
        name="flow",
    ),
    path("flows/segment/<int:pk>/", flows.of_segment, name="flows-of"),
    path("stability/", stability.overview, name="stability"),
    path("stability/number/", stability.choose_number, name="choose-number"),
    path("proposals/<int:pk>/", proposals.detail, name="proposal"),
    path("proposals/<int:pk>/accept/", proposals.accept, name="proposal-accept"),
    path("proposals/<int:pk>/dismiss/", proposals.dismiss, name="proposal-dismiss"),
    path("learned/", learned.overview, name="learned"),
    path("learned/<int:pk>/", learned.detail, name="learned-plan"),
    path("learned/<int:pk>/again/", learned.again, name="learned-again"),
    path("learned/<int:pk>/withdraw/", learned.withdraw, name="learned-withdraw"),
    path("customer/<int:pk>/", memberships.customer_panel, name="customer-panel"),
    path("<int:pk>/", segments.detail, name="detail"),
    path("<int:pk>/portrait/", segments.update_portrait, name="portrait"),
    path("<int:pk>/archive/", segments.archive, name="archive"),
    path("<int:pk>/rename/", segments.rename, name="rename"),
    path("<int:pk>/export/", segments.export, name="export"),
]
