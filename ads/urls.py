"""Addresses of the pages."""

from django.urls import path

from ads.views import budget_plans, placements

app_name = "ads"
urlpatterns = [
    path("placements/", placements.placement_list, name="placements"),
    path("placements/add/", placements.placement_detail, name="placement-add"),
    path("placements/consequence/", placements.consequence, name="placement-consequence"),
    path("placements/from-reports/", placements.derive, name="placements-derive"),
    path("placements/<int:pk>/", placements.placement_detail, name="placement"),
    path("placements/<int:pk>/archive/", placements.archive, name="placement-archive"),
    path("budget-plan/", budget_plans.budget_plan, name="budget-plan"),
    path("budget-plan/preview/", budget_plans.preview, name="budget-plan-preview"),
    path("budget-plan/<int:pk>/plan.csv", budget_plans.export, name="budget-plan-export"),
    path("budget-plan/<int:pk>/publish/", budget_plans.publish, name="budget-plan-publish"),
]
