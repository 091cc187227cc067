def test_home(mara, as_user):
    assert as_user(mara).get("/").status_code == 200
    assert as_user(mara).get("/jobs/").status_code == 200
    assert as_user(mara).get("/admin/").status_code == 200
