"""Every kind of page: nothing in anybody's way, light and dark, and nothing too wide or too small on a telephone."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import Channel, ObjectionKind, State
from claims.models import Claim, Trial
from claims.services import appealing, assigning, objecting, reviewing, trying
from config.kernel import sweeping
from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.models import User
from investigations.models import Commission, Investigator
from investigations.services import ensure_sample_agencies
from investigations.sweeps import OpenCommissions
from members.models import Covenant
from members.services import drafting
from members.services.drafting import digest_of
from tests import papers
from tests.browser.driving import (
    PHONE,
    PHONE_HEIGHT,
    WIDE,
    Desk,
    account,
    barriers,
    click,
    foreseen,
    is_shown,
    send,
    small_targets,
    type_in,
    wider_than_the_window,
    with_files,
)
from tests.factories import PUBLISHED, REVIEWED, case_in, membership, passed, staff

OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that the theme makes a difference to."""


def case_page(claim: Claim) -> str:
    return reverse("admin:claims_claim_change", args=[claim.pk])


def move_page(claim: Claim, move: str) -> str:
    return reverse("admin:claims_claim_move", args=[claim.pk, move, claim.pk])


def lists(*names: str) -> list[str]:
    return [reverse(f"admin:{name}_changelist") for name in names]


def disputed(claim: Claim) -> None:
    """An objection is open, and a third party asked."""
    said = {"kind": ObjectionKind.DEFINITION, "objector": membership(), "text": "病种定义有争议。"}
    objecting.object_to(claim.pk, by=staff("intake"), at=PUBLISHED + timedelta(hours=1), **said)
    OpenCommissions().run(at=PUBLISHED + timedelta(hours=2), only=claim.pk)


def refused(*, appealed: bool = False) -> Claim:
    claim = case_in(State.REVIEWING)
    said = {"ground": "FORGED_MATERIAL", "contrary": "已核对原始病历。", "reason": "病历与申请材料不符。"}
    reviewing.refuse_in_review(claim.pk, by=staff("reviewer"), at=REVIEWED, **said)
    if appealed:
        by, later = staff("intake"), REVIEWED + timedelta(days=1)
        appealing.appeal(claim.pk, channel=Channel.ONLINE, text="新的病理报告。", by=by, at=later)
    return claim


def tried_draft(source: Covenant, by: User) -> Covenant:
    """A draft that says something else in its terms and its clauses, tried on the past cases to the end."""
    now = database_now()
    first_day = civil_date(now) + timedelta(days=30)
    covenant = drafting.copy(source.pk, "2027.9", in_force_from=first_day, by=by, at=now)
    drafting.set_terms(covenant.pk, {"waiting.days": 365}, digest=digest_of(covenant), by=by, at=now)
    trying.ask(covenant.pk, by=by, at=now)
    while Trial.objects.filter(finished_at__isnull=True).exists():
        sweeping.run("claims.run_trials", at=now)
    return covenant


def flaws(page: Page) -> list[str]:
    """What is wrong with the page that is open, in both themes, wide and narrow."""
    found = barriers(page)
    page.evaluate("document.documentElement.classList.add('dark')")
    found += [f"dark: {one}" for one in barriers(page, *OF_COLOURS)]
    page.evaluate("document.documentElement.classList.remove('dark')")
    wide = page.viewport_size
    assert wide is not None
    page.set_viewport_size({"width": PHONE, "height": PHONE_HEIGHT})
    if too_wide := wider_than_the_window(page):
        found.append(f"{page.url} is {too_wide} pixels too wide for a telephone")
    found += [f"{page.url}: too small: {one}" for one in small_targets(page)]
    page.set_viewport_size(wide)
    return found


def flaws_at(page: Page, addresses: Iterable[str]) -> list[str]:
    found = []
    for address in addresses:
        page.goto(address)
        found += flaws(page)
    return found


def test_the_door(desk: Desk) -> None:
    page, user = desk.stranger(language="en"), account("reviewer")
    found = flaws_at(page, [reverse("admin:login")])
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill("guessed")
    with page.expect_navigation():
        page.locator("#login-form button[type=submit]").click()
    expect(page.locator(".errornote").first).to_be_visible()
    found += flaws(page)
    assert not found, "\n".join(found)


def test_the_pages_of_a_reviewer(desk: Desk) -> None:
    """The desk, a case in every step that has a page of its own kind, its forms, and what a move will do."""
    case, deciding, publicised = with_files(), case_in(State.DECIDING), case_in(State.PUBLICISED)
    sent = Commission.objects.get(claim=publicised)
    disputed(publicised)
    user = account("reviewer")
    assigning.take(case.pk, by=user, at=database_now())
    addresses = [
        reverse("admin:index"),
        reverse("admin:app_list", args=["claims"]),
        *lists("claims_claim", "claims_objection", "claims_appeal", "investigations_commission"),
        *(case_page(one) for one in (deciding, publicised, refused(), refused(appealed=True))),
        reverse("admin:investigations_commission_change", args=[sent.pk]),
        reverse("admin:members_membership_change", args=[case.membership_id]),
    ]
    page = desk.page_of(user)
    found = flaws_at(page, addresses)

    page.goto(case_page(case))
    page.get_by_role("link", name="诊断书-navy.png", exact=True).click()
    is_shown(page, "1 / 2")
    page.locator("#paper-imaging details [data-act=return]").click()
    found += flaws(page)

    page.goto(move_page(deciding, "publish"))
    foreseen(page)
    found += flaws(page)
    page.goto(move_page(case, "reject"))
    found += flaws(page)
    page.locator("[name=ground]").first.check()
    type_in(page, contrary="   ", reason="   ")
    send(page)
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    found += flaws(page)
    type_in(page, contrary="已核对原始病历。", reason="病历与申请材料不符。")
    foreseen(page)
    found += flaws(page)
    assert not found, "\n".join(found)


def test_the_pages_of_intake_in_english(desk: Desk) -> None:
    collecting = case_in(State.COLLECTING)
    addresses = [
        reverse("admin:index"),
        case_page(collecting),
        *lists("members_membership"),
        reverse("admin:members_membership_admit"),
        reverse("admin:members_membership_admit_to", args=["qingsong"]),
    ]
    page = desk.person("intake", language="en")
    found = flaws_at(page, addresses)
    page.goto(move_page(collecting, "submit"))
    hostile = [
        {"name": "a.png", "mimeType": "image/png", "buffer": papers.EXE},
        {"name": "b.png", "mimeType": "image/png", "buffer": papers.png()},
    ]
    page.locator("[type=file]").first.set_input_files(hostile)
    send(page)
    expect(page.locator(".desk-kept")).to_be_visible()
    found += flaws(page)
    assert not found, "\n".join(found)


def test_the_pages_of_a_supervisor(desk: Desk) -> None:
    """What is watched and given out, a saved view, and a covenant that is written, compared and tried."""
    case, user = case_in(State.REVIEWING), account("supervisor")
    covenant = tried_draft(case.covenant, user)
    page = desk.page_of(user)
    page.goto(f"{lists('claims_claim')[0]}?work=overdue")
    page.get_by_text("保存为视图").first.click()
    page.locator("#view-name").fill("已逾期")
    click(page, page.locator("[name=view][value=save]"))
    page.locator(".desk-views summary").last.click()
    page.locator("#result_list tbody [type=checkbox]").check()
    found = flaws(page)
    drafted = reverse("admin:members_covenant_change", args=[covenant.pk])
    forms = [
        reverse("admin:members_covenant_move", args=[covenant.pk, move, covenant.pk])
        for move in ("terms", "clause", "questions")
    ]
    found += flaws_at(page, [reverse("admin:index"), *lists("members_covenant", "kernel_absence"), drafted, *forms])

    page.goto(reverse("admin:claims_claim_assign"))
    click(page, page.locator("main form.desk-form button[type=submit]"))
    found += flaws(page)
    click(page, page.locator("main form.desk-form button[type=submit]").first)
    found += flaws(page)
    assert not found, "\n".join(found)


def test_the_desks_of_finance_and_of_an_auditor(desk: Desk) -> None:
    case = case_in(State.APPROVED)
    found = flaws_at(desk.person("finance"), [reverse("admin:index"), case_page(case), *lists("payouts_payout")])
    found += flaws_at(desk.person("auditor"), [reverse("admin:index"), case_page(case)])
    assert not found, "\n".join(found)


def test_the_pages_of_commissions(desk: Desk) -> None:
    commission = Commission.objects.get(claim=case_in(State.INVESTIGATING))
    addresses = [
        *lists("investigations_commission"),
        reverse("admin:investigations_commission_change", args=[commission.pk]),
    ]
    found = flaws_at(desk.person("reviewer"), addresses)
    assert not found, "\n".join(found)


def test_what_the_desk_does_with_agencies(desk: Desk) -> None:
    """The choice, the letter, the record with its fees, and giving a commission to another one."""
    claim = case_in(State.INVESTIGATING)
    sent, waits = Commission.objects.get(claim=claim), passed()
    agency = reverse("admin:investigations_agency_change", args=[sent.agency_id])
    moves = [
        reverse("admin:investigations_agency_move", args=[sent.agency_id, move, sent.agency_id])
        for move in ("declare-conflict", "agree-fee")
    ]
    again = reverse("admin:claims_claim_move", args=[claim.pk, "reassign", sent.pk])
    found = flaws_at(
        desk.person("supervisor"), [agency, *moves, again, case_page(claim), move_page(waits, "commission")]
    )
    intake = desk.person("intake", language="en")
    found += flaws_at(intake, [move_page(waits, "record-authorisation"), case_page(waits)])
    assert not found, "\n".join(found)


def test_the_pages_of_an_administrator(desk: Desk) -> None:
    somebody = reverse("admin:kernel_user_change", args=[account("reviewer").pk])
    ensure_sample_agencies()
    lost = reverse("admin:investigations_investigator_reset", args=[Investigator.objects.latest("pk").pk])
    found = flaws_at(
        desk.person("administrator"),
        [reverse("admin:index"), *lists("kernel_user", "kernel_calendarday"), somebody, lost],
    )
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_bar_of_actions_never_covers_the_foot_of_a_list(desk: Desk, width: int) -> None:
    case_in(State.REVIEWING)
    page = desk.person("supervisor", width=width)
    page.goto(reverse("admin:claims_claim_changelist"))
    page.set_viewport_size({"width": width, "height": 420})
    page.locator(".action-select").last.check()
    bar = page.locator("#changelist-actions")
    expect(bar).to_be_visible()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")

    foot, actions = page.locator(".desk-foot").bounding_box(), bar.bounding_box()
    assert foot is not None
    assert actions is not None
    assert foot["y"] + foot["height"] <= actions["y"]
