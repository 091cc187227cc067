from __future__ import annotations

import pytest

from backoffice.models import JobRun

pytestmark = pytest.mark.browser


def test_a_person_logs_in_and_sees_home(page, mara):
    page.visit("/")
    page.page.fill("#id_username", "mara")
    page.page.fill("#id_password", "correct horse battery")
    page.page.click("button[type=submit]")
    page.page.wait_for_url(page.address + "/")
    assert page.page.locator(".mo-heading h1").is_visible()
    assert page.errors == []


def test_a_job_is_started_from_its_page_and_cancelled(page, mara):
    page.login(mara)
    assert page.visit("/jobs/") == 200
    page.page.get_by_role("button", name="Run now: Group the customers").click()
    page.page.wait_for_load_state("networkidle")
    run = JobRun.objects.get(name="segments.refresh")
    assert run.requested_by == mara
    assert page.page.get_by_text("waiting").first.is_visible()
    page.visit("/jobs/")
    page.page.get_by_role("button", name="Cancel").first.click()
    page.page.wait_for_load_state("networkidle")
    run.refresh_from_db()
    assert run.state == JobRun.State.CANCELLED
    assert page.errors == []


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("path", ["/", "/jobs/", "/segments/", "/campaigns/", "/recommendations/"])
def test_pages_fit_the_window(page, ada, width, path):
    page.page.set_viewport_size({"width": width, "height": 900})
    page.login(ada)
    assert page.visit(path) == 200
    assert page.overflow() <= 0
    assert page.errors == []


def test_a_wide_table_becomes_cards_on_a_phone(page, ada):
    JobRun.objects.create(name="segments.refresh", state=JobRun.State.SUCCEEDED)
    page.page.set_viewport_size({"width": 390, "height": 900})
    page.login(ada)
    page.visit("/jobs/")
    first = page.page.locator(".mo-table").first.locator("tbody tr").first
    cells = [box for cell in first.locator("td").all() if (box := cell.bounding_box())]
    assert len(cells) >= 5
    assert all(
        box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in cells
    )  # one below the other, none out of sight
    assert len({round(box["y"]) for box in cells}) == len(cells)
    assert first.locator("td").nth(4).get_attribute("data-label") == "Next run"
    page.page.set_viewport_size({"width": 1280, "height": 900})
    assert len({round(cell.bounding_box()["y"]) for cell in first.locator("td").all()}) == 1


def test_the_api_can_be_browsed(page):
    assert page.visit("/api/docs/") == 200
    page.page.get_by_text("/api/v1/campaigns/", exact=True).first.wait_for()
    assert page.errors == []
