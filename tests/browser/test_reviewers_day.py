"""A day at the desk, played through the pages by the people whose day it is."""

from datetime import timedelta

from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import State
from claims.models import Claim
from config.kernel import masks
from config.kernel.clock import database_now
from config.kernel.display import day
from investigations.models import Commission
from investigations.services import ensure_sample_agencies
from tests.browser.driving import (
    PASSWORD,
    PHONE,
    Desk,
    account,
    at_desk,
    begin,
    click,
    done,
    foreseen,
    is_shown,
    open_case,
    press,
    send,
    sign_in,
    take_next,
    type_in,
    wider_than_the_window,
    with_files,
)
from tests.factories import case_in, membership, reported
from tests.papers import EXE, jpeg, png


def state_of(claim: Claim) -> str:
    return Claim.objects.values_list("state", flat=True).get(pk=claim.pk)


def refused(page: Page, code: str) -> str:
    """What the page says against it; the focus is there, so that it is read at once."""
    said = page.locator(f"[data-code={code}]")
    expect(said).to_be_focused()
    return said.inner_text()


def send_back(page: Page, kind: str, *, fault: str, note: str) -> None:
    """A paper, where it stands in the checklist."""
    paper = page.locator(f"#paper-{kind}")
    paper.locator("details [data-act=return]").click()
    paper.locator("[name=fault]").select_option(fault)
    paper.locator("[name=note]").fill(note)
    click(page, paper.locator("details button[type=submit]"))


def test_a_case_goes_from_the_first_desk_to_the_members_and_survives_an_objection(desk: Desk) -> None:
    claim, objecting, user = with_files(), membership(), account("reviewer")
    member = claim.membership.member
    ensure_sample_agencies()

    reviewer = desk.stranger()
    sign_in(reviewer, user)
    expect(reviewer.locator("html")).to_have_attribute("lang", "zh-hans")
    take_next(reviewer)
    expect(reviewer.get_by_text("此案件由您办理")).to_be_visible()
    expect(reviewer.get_by_text(masks.name(member.name)).first).to_be_visible()
    for number in (member.id_number, member.phone, member.bank_card):
        assert number not in reviewer.content() + reviewer.url

    viewer = reviewer.locator("#paper-viewer")
    reviewer.get_by_role("link", name="诊断书-navy.png", exact=True).click()
    expect(viewer).to_be_focused()
    is_shown(reviewer, "1 / 2")
    press(reviewer, "ArrowRight")
    is_shown(reviewer, "2 / 2")
    expect(viewer.get_by_role("link")).to_have_text("确诊证明 · 诊断书-olive.png")
    reviewer.get_by_role("link", name="CT.pdf", exact=True).click()
    viewer.get_by_role("button", name="下一页").click()
    is_shown(reviewer, "2 / 2")

    send_back(reviewer, "imaging", fault="incomplete", note="只有封面。")
    expect(reviewer.locator("#paper-imaging h3")).to_contain_text("已退回")
    press(reviewer, "a")
    expect(reviewer.locator("#paper-diagnosis_certificate h3")).to_contain_text("已通过")
    assert state_of(claim) == State.REVIEWING

    begin(reviewer, "return")
    type_in(reviewer, to="collecting", code="missing_paper", reason="   ")
    send(reviewer)
    expect(reviewer.locator("[role=alert]").first).to_be_focused()
    expect(reviewer.locator("#id_code")).to_have_value("missing_paper")
    type_in(reviewer, reason="影像资料缺页。")
    assert "影像学资料" in foreseen(reviewer)  # the letter that asks for it
    assert state_of(claim) == State.REVIEWING
    done(reviewer)
    assert state_of(claim) == State.COLLECTING

    intake = desk.person("intake")
    at_desk(intake, "papers", claim)
    begin(intake, "submit")
    line = intake.locator("fieldset.desk-line").first
    line.locator("[name$=record_number]").fill("ZY-2025-0417")
    line.locator("[type=file]").set_input_files(
        [
            {"name": "CT-1.jpg", "mimeType": "image/jpeg", "buffer": jpeg()},
            {"name": "CT-2.png", "mimeType": "image/png", "buffer": EXE},
        ]
    )
    send(intake)
    expect(line.locator(".desk-error")).to_contain_text("CT-2.png")
    expect(line.locator(".desk-kept")).to_contain_text("CT-1.jpg")
    expect(line.locator("[name$=kind]")).to_have_value("imaging")
    expect(line.locator("[name$=record_number]")).to_have_value("ZY-2025-0417")
    line.locator("[type=file]").set_input_files([{"name": "CT-2.png", "mimeType": "image/png", "buffer": png()}])
    done(intake)
    assert state_of(claim) == State.REVIEWING

    at_desk(reviewer, "mine", claim)
    expect(reviewer.locator("#paper-imaging .desk-files").first.get_by_role("link", name="CT-2.png")).to_have_count(2)
    begin(reviewer, "pass-review")
    done(reviewer)
    expect(reviewer.locator("[data-move=commission]")).to_have_attribute("data-code", "AUTHORISATION_MISSING")
    open_case(intake, claim)
    begin(intake, "record-authorisation")
    type_in(intake, signed_as="member", signed_on="2025-04-07")
    scan = {"name": "授权委托书.png", "mimeType": "image/png", "buffer": png()}
    intake.locator("[name=scan]").set_input_files([scan])
    done(intake)
    open_case(reviewer, claim)
    begin(reviewer, "commission")
    done(reviewer)
    assert state_of(claim) == State.INVESTIGATING

    commission = Commission.objects.get(claim=claim)
    reported(commission, at=database_now())

    take_next(reviewer)
    begin(reviewer, "accept-report")
    done(reviewer)
    assert state_of(claim) == State.DECIDING
    expect(reviewer.locator("[data-move=publish]")).to_be_visible()  # grey: nobody decides what they reviewed

    second = desk.person("reviewer")
    take_next(second)
    begin(second, "publish")
    said = foreseen(second)
    assert masks.name(member.name) in said
    assert member.name not in second.content()
    assert state_of(claim) == State.DECIDING
    done(second)
    assert state_of(claim) == State.PUBLICISED

    intake.goto(reverse("admin:claims_claim_changelist"))
    intake.locator("#searchbar").fill(member.id_number)
    intake.locator("#searchbar").press("Enter")
    intake.get_by_role("link", name=claim.number).click()
    begin(intake, "object")
    type_in(intake, kind="definition", id_number=member.id_number, text="病种定义有争议。")
    send(intake)
    expect(intake.locator("#id_id_number_error")).to_be_visible()  # nobody objects to the own case
    expect(intake.locator("#id_text")).to_have_value("病种定义有争议。")
    type_in(intake, id_number=objecting.member.id_number)
    ends = claim.publicities.get().scheduled_on
    said = foreseen(intake)
    assert day(ends) in said
    assert day(ends + timedelta(days=30)) in said
    assert not claim.objections.exists()
    done(intake)
    assert claim.objections.count() == 1

    take_next(second)
    begin(second, "resolve")
    type_in(second, finding="dismissed", reason="专家意见与条款一致。")
    foreseen(second)
    done(second)
    assert not claim.objections.filter(resolved_at__isnull=True).exists()
    assert state_of(claim) == State.PUBLICISED
    second.goto(reverse("admin:index"))
    expect(second.locator("main")).not_to_contain_text(claim.number)  # what is done is on nobody's desk


def test_a_refusal_and_its_appeal_in_english(desk: Desk) -> None:
    claim = case_in(State.REVIEWING)

    reviewer = desk.person("reviewer")
    open_case(reviewer, claim)
    reviewer.get_by_role("button", name="English").click()
    expect(reviewer.get_by_role("link", name="Refuse aid")).to_be_visible()
    begin(reviewer, "reject")
    ground = reviewer.locator("[name=ground]").nth(2)
    ground.check()
    clause = reviewer.locator(f"#{ground.get_attribute('aria-describedby')}").inner_text()
    type_in(reviewer, contrary="Asked the hospital; nothing.", reason="   ")
    send(reviewer)
    expect(reviewer.locator("[role=alert]").first).to_be_focused()
    expect(ground).to_be_checked()
    expect(reviewer.locator("#id_contrary")).to_have_value("Asked the hospital; nothing.")
    type_in(reviewer, reason="The hospital's records say otherwise.")
    assert clause.split()[0] in foreseen(reviewer)
    assert state_of(claim) == State.REVIEWING
    done(reviewer)
    assert state_of(claim) == State.REJECTED
    expect(reviewer.locator("#letters summary").first).to_contain_text("refusal", ignore_case=True)

    intake = desk.person("intake", language="en")
    open_case(intake, claim)
    begin(intake, "appeal")
    type_in(intake, channel="online", text="A new pathology report.")
    done(intake)
    assert state_of(claim) == State.APPEALING

    open_case(reviewer, claim)
    expect(reviewer.locator("[data-move=decide-appeal]")).to_be_visible()
    expect(reviewer.locator('a[href*="/do/decide-appeal/"]')).to_have_count(0)
    second = desk.person("reviewer", language="en")
    take_next(second)
    begin(second, "decide-appeal")
    type_in(second, finding="overturned", reason="The new report meets the definition.")
    foreseen(second)
    done(second)
    assert state_of(claim) == State.DECIDING


def test_the_second_of_two_people_sees_what_changed_and_loses_nothing(desk: Desk) -> None:
    claim = case_in(State.REVIEWING)
    first, second = desk.person("reviewer"), desk.person("reviewer")

    open_case(second, claim)
    begin(second, "return")
    type_in(second, to="collecting", code="other", reason="病理报告缺第二页。")
    open_case(first, claim)
    begin(first, "pass-review")
    done(first)

    send(second)
    assert "初审" in refused(second, "STALE")
    desk.expected("409")
    expect(second.locator("#id_reason")).to_have_value("病理报告缺第二页。")
    foreseen(second)
    done(second)
    assert state_of(claim) == State.COLLECTING


def test_what_was_typed_survives_the_end_of_the_session(desk: Desk) -> None:
    claim, user = case_in(State.REVIEWING), account("reviewer")
    page = desk.stranger()
    sign_in(page, user)
    open_case(page, claim)
    begin(page, "return")
    type_in(page, to="collecting", code="other", reason="病理报告缺第二页。")

    page.context.clear_cookies(name="sessionid")
    send(page)
    expect(page.locator("[data-typed-kept]")).to_be_visible()
    assert state_of(claim) == State.REVIEWING

    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#login-form button[type=submit]").click()
    expect(page.locator("[data-typed-back]")).to_be_visible()
    expect(page.locator("#id_reason")).to_have_value("病理报告缺第二页。")
    expect(page.locator("#id_code")).to_have_value("other")
    foreseen(page)
    done(page)
    assert state_of(claim) == State.COLLECTING
    assert page.evaluate("sessionStorage.length") == 0


def test_a_reviewer_works_on_a_telephone(desk: Desk) -> None:
    claim = with_files(colours=["navy"])
    page = desk.person("reviewer", width=PHONE)
    widths = []
    take_next(page)
    page.get_by_role("link", name="诊断书-navy.png", exact=True).click()
    is_shown(page, "1 / 1")
    widths.append(wider_than_the_window(page))
    send_back(page, "imaging", fault="unreadable", note="")
    widths.append(wider_than_the_window(page))
    begin(page, "return")
    type_in(page, to="collecting", code="missing_paper", reason="影像资料模糊。")
    foreseen(page)
    widths.append(wider_than_the_window(page))
    done(page)
    assert state_of(claim) == State.COLLECTING

    written = claim.letters.count()
    send_back(page, "pathology_report", fault="not_sealed", note="")
    begin(page, "ask-for-papers")
    said = foreseen(page)
    widths.append(wider_than_the_window(page))
    assert "影像学资料" in said
    assert "病理切片报告" in said  # one letter names all that is missing
    assert claim.letters.count() == written
    done(page)
    assert claim.letters.count() == written + 1
    assert widths == [0, 0, 0, 0]
