"""A supervisor takes a list home as a workbook, and a second person agrees to numbers in the clear."""

import io
from pathlib import Path

import openpyxl
from django.urls import reverse
from playwright.sync_api import expect

from claims.enums import State
from config.kernel.clock import database_now
from config.kernel.models import Export, ExportStatus
from config.kernel.sweeps import MakeExports
from tests.browser.driving import Desk, click
from tests.factories import case_in


def test_an_export_is_asked_for_watched_and_fetched(desk: Desk) -> None:
    case, _other = case_in(State.REVIEWING), case_in(State.COLLECTING)
    page = desk.person("supervisor")
    page.goto(f"{reverse('admin:claims_claim_changelist')}?state__exact=reviewing")
    click(page, page.locator("#changelist").get_by_role("link", name="导出"))
    expect(page.get_by_text("初审", exact=True)).to_be_visible()
    page.get_by_label("身份证号码", exact=True).check()
    page.get_by_label("文件的用途").fill("三月例会")
    click(page, page.get_by_role("button", name="生成文件"))

    waits = page.locator("[data-running]")
    expect(waits).to_be_visible()
    with page.expect_response(lambda answer: answer.status == 502):  # as while the desk is updated
        page.route("**/change/?part=progress", lambda route: route.fulfill(status=502), times=1)
    MakeExports().run(at=database_now())
    link = page.get_by_role("link", name="下载")
    expect(link).to_be_visible(timeout=15_000)  # by itself
    desk.expected("502")
    with page.expect_download() as download:
        link.click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == [case.number]
    assert case.membership.member.id_number not in str(rows)
    assert Export.objects.get().events.filter(verb="fetch").count() == 1


def test_numbers_in_the_clear_wait_for_a_second_person(desk: Desk) -> None:
    case = case_in(State.REVIEWING)
    page = desk.person("supervisor")
    page.goto(reverse("admin:kernel_export_new", args=["cases"]))
    page.get_by_label("手机号码 不掩码").check()
    page.get_by_label("手机号码", exact=True).check()
    page.get_by_label("文件的用途").fill("电话回访")
    click(page, page.get_by_role("button", name="生成文件"))
    expect(page.get_by_text("需要另一人同意")).to_be_visible()
    export = Export.objects.get()
    MakeExports().run(at=database_now())

    other = desk.person("supervisor")
    other.goto(reverse("admin:kernel_export_change", args=[export.pk]))
    click(other, other.get_by_role("link", name="同意", exact=True))
    click(other, other.locator("main form.desk-form button[type=submit]").first)
    MakeExports().run(at=database_now())
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert case.membership.member.phone in str(list(book.worksheets[0].iter_rows(values_only=True)))
    export.refresh_from_db()
    assert export.status == ExportStatus.READY
