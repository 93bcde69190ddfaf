"""Each term that a script may name changes what it says it changes; the three plans differ where they should."""

from typing import Any

import pytest

from tests.claims.replaying.stories import (
    DECIDING,
    INVESTIGATING,
    LUNG,
    PASSED,
    PUBLISHED,
    REVIEWING,
    TUMOUR,
    clocks,
    codes,
    event,
    play,
    reminded,
    report,
    steps,
)

pytestmark = pytest.mark.usefixtures("stage")

THYROID = {"site": "thyroid", "tnm": "T1aN0M0", "symptoms_in_waiting": "none"}
IN_SITU = {"behaviour": "in_situ"}
REFUSED = [*DECIDING, event("2025-04-22", "reject", ground="DEFINITION_NOT_MET", reason="x")]


def admitted(said: dict[str, Any]) -> list[str]:
    return said["admission"]["codes"]


def first_code(said: dict[str, Any]) -> str:
    return codes(said)[1][0]


def gross(said: dict[str, Any]) -> int | None:
    return said["assessment"]["gross_fen"]


def net(said: dict[str, Any]) -> int | None:
    return said["assessment"]["net_fen"]


def ends_on(said: dict[str, Any]) -> str:
    return said["publicity"]["ends_on"]


def last_step(said: dict[str, Any]) -> str:
    return steps(said, 1)[0]


def objected(kind: str) -> list[dict[str, Any]]:
    return [*PUBLISHED, event("2025-04-23", "object", kind=kind)]


def dialysis() -> dict[str, Any]:
    """Dialysis from 25 January, reported on 5 May."""
    return report("2025-05-05", "2025-01-20", "end_stage_renal_disease", facts={"dialysis_since": "2025-01-25"})


RECORD = event("2025-05-06", "submit", materials=[*TUMOUR, {"kind": "dialysis_record", "through": "2025-02-24"}])


@pytest.mark.parametrize(
    ("events", "how", "term", "value", "asked", "before", "after"),
    [
        ([], {"birth_date": "2024-05-10"}, "age.min_days", 22, admitted, ["AGE_BELOW_MINIMUM"], ["BIRTH_CERTIFICATE"]),
        ([], {"birth_date": "1970-06-01"}, "age.max_years", 53, admitted, [], ["AGE_ABOVE_MAXIMUM"]),
        ([], {"birth_date": "2024-04-01"}, "newborn.max_days", 60, admitted, ["BIRTH_CERTIFICATE"], []),
        ([], {"birth_date": "1970-06-01"}, "exam_report.from_age", 54, admitted, [], ["EXAM_REPORT"]),
        # diagnosed on day 304
        ([report()], {}, "waiting.days", 304, first_code, "DIAGNOSIS_CERTIFICATE", "WAITING_PERIOD"),
        ([report()], {}, "report.days", 3, first_code, "DIAGNOSIS_CERTIFICATE", "LATE_REPORT"),
        # 21 September + 10 is the national holiday, which ends on 8 October
        (
            [report("2025-10-09", "2025-09-21")],
            {},
            "report.extend_on_holiday",
            True,
            first_code,
            "LATE_REPORT",
            "DIAGNOSIS_CERTIFICATE",
        ),
        (PUBLISHED, {}, "publicity.days", 3, ends_on, "2025-04-29", "2025-04-25"),
        (objected("non_disclosure"), {}, "objection.non_disclosure.days", 5, ends_on, "2025-05-14", "2025-05-04"),
        (objected("definition"), {}, "objection.definition.days", 2, ends_on, "2025-05-29", "2025-05-01"),
        # shown up to 24 February: 90 days are complete on 25 April, reported in time; 30 were, and long ago
        (
            [dialysis(), RECORD],
            {},
            "dialysis.days",
            30,
            codes,
            ("wait", ["DIALYSIS_DURATION"]),
            ("reject", ["LATE_REPORT"]),
        ),
        (
            [report(disease="severe_alzheimer", facts={})],
            {},
            "ratio.severe_alzheimer",
            81,
            gross,
            8_000_000,
            8_100_000,
        ),
        ([report(facts=THYROID)], {}, "ratio.thyroid_t1n0m0", 31, gross, 3_000_000, 3_100_000),
        ([report(facts=IN_SITU)], {}, "ratio.in_situ", 17, gross, None, 1_700_000),
        ([report()], {}, "age_factor.from", 44, gross, 10_000_000, 8_000_000),
        ([report()], {"birth_date": "1965-04-01"}, "age_factor.percent", 75, gross, 8_000_000, 7_500_000),
        (
            [report()],
            {"unpaid": [("2025-01-04", 300), ("2025-01-05", 7)]},
            "arrears.months",
            3,
            net,
            9_999_693,
            9_999_993,
        ),
        (
            [report()],
            {"unpaid": [("2025-03-14", 1), ("2025-03-28", 1)]},
            "removal.after_cycles",
            2,
            last_step,
            "collecting",
            "NOT_A_MEMBER",
        ),
        (
            [*REFUSED, event("2025-04-28 00:00:00", "appeal", channel="online")],
            {},
            "appeal.days",
            5,
            last_step,
            "appealing",
            "WRONG_STATE",
        ),
        (
            [*REFUSED, event("2025-04-23", "appeal", channel="arbitration", deposit_fen=100)],
            {},
            "appeal.deposit_fen",
            100,
            last_step,
            "DEPOSIT_NOT_PAID",
            "appealing",
        ),
        (PASSED, {}, "investigation.required", False, last_step, "reviewing", "deciding"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_term_changes_what_it_says(events, how, term, value, asked, before, after):
    assert asked(play(*events, **how)) == before
    assert asked(play(*events, terms={term: value}, **how)) == after


def test_fewer_days_of_dialysis_are_complete_and_reported_from_their_own_day():
    """30 days from 25 January are complete on 24 February; the window ends on 6 March."""
    reported = dialysis() | {"at": "2025-03-06T23:59:59+08:00"}
    handed_in = RECORD | {"at": "2025-03-07T10:00:00+08:00"}

    assert codes(play(reported, handed_in, terms={"dialysis.days": 30})) == ("accept", [])
    assert codes(play(reported, handed_in, terms={"dialysis.days": 31}))[1] == ["DIALYSIS_DURATION"]


@pytest.mark.parametrize(
    ("events", "kind", "terms", "due_on", "reminders"),
    [
        ([report()], "supplement", {"supplement.days": 5, "supplement.reminders": [2]}, "04-11", ["04-08"]),
        (REVIEWING, "review", {"review.days": 1}, "04-08", []),
        (REVIEWING, "review", {"review.unit": "natural", "review.reminders": [0]}, "04-12", ["04-11"]),
        (INVESTIGATING, "investigation", {"investigation.days": 20}, "04-29", ["04-18", "04-25"]),
        (DECIDING, "decision", {"decision.days": 1, "decision.reminders": [0]}, "04-23", ["04-22"]),
        (PUBLISHED, "payment", {"payment.days": 1}, "05-07", ["04-30"]),
    ],
)
def test_the_clocks_are_terms_too(events, kind, terms, due_on, reminders):
    said = play(*events, terms=terms, until="2025-08-01")

    assert clocks(said, kind) == [(f"2025-{due_on}T00:00:00+08:00", "missed")]
    assert [day for day, _to in reminded(said, kind)] == [f"2025-{day}" for day in reminders]


@pytest.mark.parametrize(
    ("plan", "last_birth", "last_waiting_day"),
    [
        ("qingsong", "1958-06-02", "2024-08-30"),
        ("xianghu", "1964-06-02", "2024-08-30"),
        ("meituan", "1963-06-02", "2024-11-28"),
    ],
)
def test_the_plans_differ_in_age_and_waiting(plan, last_birth, last_waiting_day):
    """Joining on 1 June 2024: the highest age is 65, 59 and 60, the whole of its year."""
    papers = {"plan": plan, "documents": ["exam_report"]}
    assert admitted(play(birth_date=last_birth, **papers)) == []
    day_older = last_birth.replace("-02", "-01")
    assert admitted(play(birth_date=day_older, **papers)) == ["AGE_ABOVE_MAXIMUM"]

    day_after = {"2024-08-30": "2024-08-31", "2024-11-28": "2024-11-29"}[last_waiting_day]
    assert first_code(play(report(last_waiting_day, last_waiting_day), plan=plan)) == "WAITING_PERIOD"
    assert first_code(play(report(day_after, day_after), plan=plan)) == "DIAGNOSIS_CERTIFICATE"


@pytest.mark.parametrize("plan", ["qingsong", "xianghu", "meituan"])
@pytest.mark.parametrize("tier_yuan", [50_000, 100_000, 300_000])
def test_every_plan_offers_the_same_tiers(plan, tier_yuan):
    assert gross(play(report(), plan=plan, tier_yuan=tier_yuan)) == tier_yuan * 100


def test_a_supervisor_decides_above_the_limit_and_where_no_ratio_is_set():
    assert play(*PUBLISHED, tier_yuan=300_000)["state"] == "publicised"
    in_situ = [report(facts=LUNG | IN_SITU), *PASSED[1:3], *DECIDING[3:], event("2025-04-22", "publish", reason="30 %")]
    said = play(*in_situ, event("2025-04-30", "pay"), terms={"authority.reviewer_fen": 100})
    assert said["payout"] == {"state": "submitted", "net_fen": 3_000_000}
    assert (said["assessment"]["gross_fen"], codes(said)) == (None, ("refer", ["IN_SITU_RATIO"]))
