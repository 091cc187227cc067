from django.urls import path

from backoffice import views

app_name = "backoffice"
urlpatterns = [
    path("", views.jobs, name="jobs"),
    path("health/", views.health_lines, name="health"),
    path("health/summary/", views.health_summary, name="health-summary"),
    path("<int:pk>/", views.job_run, name="job-run"),
    path("<int:pk>/progress/", views.job_progress, name="job-progress"),
    path("<int:pk>/cancel/", views.cancel, name="job-cancel"),
    path("run/<str:name>/", views.run_now, name="run-now"),
]
