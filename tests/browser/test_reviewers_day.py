"""A day at the desk, played through the pages by the people whose day it is."""

from django.urls import reverse
from playwright.sync_api import Page, expect

from claims.enums import State
from claims.models import Claim
from config.kernel import masks
from investigations.models import Commission
from investigations.services import ensure_sample_agencies
from tests.browser.driving import PASSWORD, Desk, account, begin, done, open_case, send, sign_in, type_in
from tests.factories import case_in, investigator_of, membership


def state_of(claim: Claim) -> str:
    return Claim.objects.values_list("state", flat=True).get(pk=claim.pk)


def refused(page: Page, code: str) -> str:
    """What the page says against it; the focus is there, so that it is read at once."""
    said = page.locator(f"[data-code={code}]")
    expect(said).to_be_focused()
    return said.inner_text()


def test_a_case_goes_from_the_first_review_to_the_members_and_survives_an_objection(desk: Desk) -> None:
    claim, objecting = case_in(State.REVIEWING), membership()
    member = claim.membership.member
    ensure_sample_agencies()

    reviewer = desk.stranger()
    sign_in(reviewer, account("reviewer"))
    expect(reviewer.locator("html")).to_have_attribute("lang", "zh-hans")
    reviewer.locator('#nav-sidebar a[href$="/claims/claim/"]').first.click()
    reviewer.locator("#searchbar").fill(member.id_number)
    reviewer.locator("#searchbar").press("Enter")
    reviewer.get_by_role("link", name=claim.number).click()
    expect(reviewer.get_by_text(masks.name(member.name)).first).to_be_visible()
    for number in (member.id_number, member.phone, member.bank_card):
        assert number not in reviewer.content() + reviewer.url

    begin(reviewer, "return")
    type_in(reviewer, to="collecting", code="other", reason="   ")
    send(reviewer)
    expect(reviewer.locator("[role=alert]").first).to_be_focused()
    expect(reviewer.locator("#id_code")).to_have_value("other")
    assert state_of(claim) == State.REVIEWING

    open_case(reviewer, claim)
    begin(reviewer, "pass-review")
    done(reviewer)
    begin(reviewer, "commission")
    done(reviewer)
    assert state_of(claim) == State.INVESTIGATING

    commission = Commission.objects.get(claim=claim)
    investigator = desk.page_of(investigator_of(commission))
    investigator.goto(reverse("admin:investigations_commission_changelist"))
    investigator.get_by_role("link", name=claim.number).click()
    assert member.name not in investigator.content()
    begin(investigator, "file-report")
    type_in(investigator, conclusion="consistent", text="原始病历与申请材料一致。")
    done(investigator)

    open_case(reviewer, claim)
    begin(reviewer, "accept-report")
    done(reviewer)
    assert state_of(claim) == State.DECIDING
    expect(reviewer.locator('a[href*="/do/publish/"]')).to_have_count(0)  # nobody decides what they reviewed

    second = desk.person("reviewer")
    open_case(second, claim)
    begin(second, "publish")
    done(second)
    assert state_of(claim) == State.PUBLICISED

    intake = desk.person("intake")
    open_case(intake, claim)
    begin(intake, "object")
    type_in(intake, kind="definition", id_number=member.id_number, text="病种定义有争议。")
    send(intake)
    assert refused(intake, "NOT_PERMITTED")  # nobody objects to the own case
    desk.expected("409")
    expect(intake.locator("#id_text")).to_have_value("病种定义有争议。")
    type_in(intake, id_number=objecting.member.id_number)
    done(intake)
    assert claim.objections.count() == 1

    open_case(second, claim)
    begin(second, "resolve")
    type_in(second, finding="dismissed", reason="专家意见与条款一致。")
    done(second)
    assert not claim.objections.filter(resolved_at__isnull=True).exists()
    assert state_of(claim) == State.PUBLICISED


def test_a_refusal_and_its_appeal_in_english(desk: Desk) -> None:
    claim = case_in(State.REVIEWING)

    reviewer = desk.person("reviewer")
    open_case(reviewer, claim)
    reviewer.get_by_role("button", name="English").click()
    expect(reviewer.get_by_role("link", name="Refuse aid")).to_be_visible()
    begin(reviewer, "reject")
    reviewer.locator("#id_ground").select_option(index=3)
    ground = reviewer.locator("#id_ground").input_value()
    send(reviewer)
    assert "write down why" in refused(reviewer, "INVALID_INPUT")
    desk.expected("409")
    expect(reviewer.locator("#id_ground")).to_have_value(ground)
    type_in(reviewer, reason="The hospital's records say otherwise.")
    done(reviewer)
    assert state_of(claim) == State.REJECTED

    intake = desk.person("intake", language="en")
    open_case(intake, claim)
    begin(intake, "appeal")
    type_in(intake, channel="online", text="A new pathology report.")
    done(intake)
    assert state_of(claim) == State.APPEALING

    open_case(reviewer, claim)
    expect(reviewer.locator('a[href*="/do/decide-appeal/"]')).to_have_count(0)
    second = desk.person("reviewer", language="en")
    open_case(second, claim)
    begin(second, "decide-appeal")
    type_in(second, finding="overturned", reason="The new report meets the definition.")
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
    done(page)
    assert state_of(claim) == State.COLLECTING
    assert page.evaluate("sessionStorage.length") == 0
