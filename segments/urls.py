from django.urls import path

from segments.views import compare, exports, features, gallery, groupings, groups, people, predictions, rules, stability

app_name = "segments"
urlpatterns = [
    path("", gallery.gallery, name="gallery"),
    path("find-anew/", gallery.find_anew, name="find-anew"),
    path("rules/new/", rules.create, name="rule-new"),
    path("rules/preview/", rules.preview, name="rule-preview"),
    path("<int:pk>/rule/", rules.edit, name="rule-edit"),
    path("<int:pk>/restore/", rules.restore, name="rule-restore"),
    path("features/", features.overview, name="features"),
    path("features/add/", features.add, name="feature-add"),
    path("features/<int:pk>/retire/", features.retire, name="feature-retire"),
    path("groupings/", groupings.overview, name="groupings"),
    path("groupings/<int:pk>/", groupings.detail, name="grouping"),
    path("groupings/<int:pk>/again/", groupings.again, name="grouping-again"),
    path("groupings/<int:pk>/withdraw/", groupings.withdraw, name="grouping-withdraw"),
    path("compare/", compare.compare, name="compare"),
    path("flows/", stability.flows, name="flows"),
    path("flows/<int:pk>/", stability.flow_customers, name="flow"),
    path("flows/segment/<int:pk>/", stability.segment_flows, name="flows-of"),
    path("stability/", stability.stability, name="stability"),
    path("stability/number/", stability.choose_k, name="choose-k"),
    path("proposals/<int:pk>/", stability.proposal, name="proposal"),
    path("proposals/<int:pk>/accept/", stability.accept, name="proposal-accept"),
    path("proposals/<int:pk>/dismiss/", stability.dismiss, name="proposal-dismiss"),
    path("customer/<int:pk>/", people.customer_panel, name="customer-panel"),
    path("<int:pk>/", groups.detail, name="detail"),
    path("<int:pk>/draw/", groups.draw, name="draw"),
    path("<int:pk>/archive/", groups.archive, name="archive"),
    path("<int:pk>/rename/", groups.rename, name="rename"),
    path("<int:pk>/export/", exports.export, name="export"),
    path("predictions/", predictions.overview, name="predictions"),
    path("predictions/customer/<int:pk>/", predictions.customer_panel, name="customer-predictions"),
    path("predictions/<slug:kind>/", predictions.detail, name="prediction"),
    path("predictions/<slug:kind>/export.csv", predictions.export, name="prediction-export"),
]
