"""A commission from beginning to end on a telephone: 200 MB, a line that is cut, and a report that comes back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as site
from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import State
from config.kernel.clock import database_now
from investigations import services
from investigations.models import Commission, Exhibit, Report
from investigations.rules.visits import Point
from tests.browser.driving import PHONE, Desk, click, type_in
from tests.browser.sending import LONG, choose, cut, file, reaches
from tests.browser.test_field_day import tell_of
from tests.factories import case_in, investigator_of, staff
from tests.investigations.recordings import film
from tests.investigations.uploading import browser_of, examine

SIZE = 200 * 1024 * 1024


@pytest.fixture
def sent(desk: Desk, settings, tmp_path: Path) -> Iterator[Commission]:
    settings.MEDIA_ROOT = tmp_path / "media"
    yield Commission.objects.get(claim=case_in(State.INVESTIGATING))
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_accepted_filled_in_uploaded_filed_sent_back_and_filed_again(
    desk: Desk, sent: Commission, tmp_path: Path, language: str
) -> None:
    page, browser = desk.stranger(width=PHONE, language=language), browser_of(investigator_of(sent))
    session = browser.cookies[site.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": site.SESSION_COOKIE_NAME, "value": session, "url": desk.address}])
    page.goto(reverse("field:commission", args=[sent.pk]))
    click(page, page.locator("[data-act=take]"))
    page.goto(reverse("field:report", args=[sent.pk]))
    expect(page.locator("html")).to_have_attribute("lang", language)

    interview = file(tmp_path, "interview.mp4", film())
    with interview.open("r+b") as recording:
        recording.truncate(SIZE)
    page.locator("details:has([data-upload]) > summary").click()
    choose(page, interview)
    for method in ("hospital_records", "work_or_contributions", "prior_exams"):
        tell_of(page, method)
    for share in (0.25, 0.5, 0.75):
        cut(page, share)
    reaches(page, 1)
    tell_of(page, "doctor_interview")
    tick = page.locator("[name=doctor_interview-exhibits]")
    tick.check(timeout=LONG)
    type_in(page, conclusion="consistent", text="原件一致。")
    page.locator("#id_signed").check()
    page.context.set_offline(True)
    page.locator("#id_text").press_sequentially("医生当面确认。")
    page.locator("form[data-draft] .moves button").click()
    expect(page.locator("[data-draft-said]")).not_to_be_empty()
    assert not Report.objects.exists()
    with page.expect_navigation(url=f"**{reverse('field:commission', args=[sent.pk])}", timeout=LONG):
        page.context.set_offline(False)

    report, exhibit = Report.objects.get(), Exhibit.objects.get()
    assert exhibit.size == exhibit.received == SIZE
    assert [one.exhibits for one in report.said.visits if one.method == "doctor_interview"] == [(exhibit.pk,)]
    assert report.findings == "原件一致。医生当面确认。"

    points = [Point("首页无盖章", 0)]
    services.return_report(sent.pk, reason="请补正", points=points, by=staff("reviewer"), at=database_now())
    answer_and_file_again(page, sent)
    examine()
    services.accept_report(sent.pk, by=staff("reviewer"), at=database_now())
    assert [one.version for one in Report.objects.all()] == [1, 2]
    desk.expected("ERR_INTERNET_DISCONNECTED")


def answer_and_file_again(page: Page, sent: Commission) -> None:
    page.goto(reverse("field:report", args=[sent.pk]))
    expect(page.locator("[name=hospital_records-found]")).to_have_value("原件一致")
    page.locator("#id_answer-0").fill("已补盖章")
    page.locator("#id_signed").check()
    click(page, page.locator("form[data-draft] .moves button"))
    assert Report.objects.latest("version").said.answers == ["已补盖章"]
