"""The contract on how the state follows: each verb where it may be and where not, and every code of a refusal."""

from typing import Any

import pytest

from tests.claims.replaying.stories import (
    COMMON,
    DECIDING,
    INVESTIGATING,
    LUNG,
    PASSED,
    PUBLISHED,
    REVIEWING,
    TUMOUR,
    codes,
    event,
    play,
    report,
    steps,
)

pytestmark = pytest.mark.usefixtures("stage")

PAID = [*PUBLISHED, event("2025-04-30", "pay"), event("2025-05-01", "settle")]
REFUSED = [*DECIDING, event("2025-04-22", "reject", ground="DEFINITION_NOT_MET", reason="x")]
LATE = report("2025-04-12")


def on(day: str, do: str, **arguments: Any) -> dict[str, Any]:
    return event(f"2025-{day}", do, **arguments)


class TestBeforeTheCase:
    def test_whoever_was_not_admitted_is_no_member_in_anything(self):
        said = play(report(), on("04-06", "assess"), on("04-06", "recheck_health"), declared={"hospital_stay_2y": True})

        assert steps(said) == ["NOT_A_MEMBER"] * 3
        assert said["admission"] == {"outcome": "reject", "codes": ["DECLARATION_NOT_MET"]}
        assert [said[key] for key in ("state", "assessment", "publicity", "payout")] == [None] * 4
        assert (said["deadlines"], said["reminders"]) == ([], [])
        assert [entry["state"] for entry in said["events"]] == [None] * 3

    def test_before_the_hour_of_joining_nobody_is_a_member(self):
        early = [event("2024-06-01 09:00:00", "breach", question="hospital_stay_2y"), report("2024-06-01 09:59:59")]

        said = play(*early, report(), joined_at="2024-06-01 10:00:00")

        assert steps(said) == ["NOT_A_MEMBER", "NOT_A_MEMBER", "collecting"]

    @pytest.mark.parametrize(
        "impossible",
        [
            report("2025-04-05", "2025-04-06"),
            report("2025-04-05", "1980-05-19"),
            report(cause="accident", accident_on="2025-04-02"),
            report(disease="end_stage_renal_disease", facts={"dialysis_since": "2025-04-06"}),
        ],
    )
    def test_an_impossible_report_is_refused_and_leaves_no_case(self, impossible):
        said = play(impossible, on("04-06", "submit", materials=[]), report("2025-04-07"))

        assert steps(said) == ["INVALID_INPUT", "WRONG_STATE", "collecting"]
        assert [entry["state"] for entry in said["events"]] == [None, None, "collecting"]

    def test_there_is_one_case_at_a_time(self):
        said = play(report(), report("2025-04-06"), on("04-07", "withdraw"), report("2025-04-08"))

        assert steps(said) == ["collecting", "WRONG_STATE", "withdrawn", "collecting"]


class TestCollectingAndReview:
    def test_papers_move_the_case_on_when_none_is_wanted(self):
        parts = [[COMMON[0]], COMMON[1:], [{"kind": "pathology_report"}], [{"kind": "imaging"}]]
        said = play(report(), *(on("04-06", "submit", materials=part) for part in parts))

        assert steps(said) == ["collecting"] * 4 + ["reviewing"]
        assert codes(said) == ("accept", [])

    def test_a_newer_paper_replaces_the_older_also_in_the_review(self):
        unsealed = COMMON[0] | {"sealed": False}
        said = play(*REVIEWING, on("04-07", "submit", materials=[unsealed]))
        assert (said["state"], codes(said)) == ("reviewing", ("need", ["RECORDS_OFFICE_SEAL"]))

        said = play(report(), on("04-06", "submit", materials=[*TUMOUR, unsealed]))
        assert (said["state"], codes(said)) == ("collecting", ("need", ["RECORDS_OFFICE_SEAL"]))

    def test_a_ground_against_the_case_does_not_hold_the_collection_but_its_review(self):
        said = play(
            LATE,
            on("04-12", "submit", materials=[]),
            on("04-13", "review", decision="pass"),
            on("04-13", "waive_late_report", reason="in hospital"),
            on("04-13", "submit", materials=TUMOUR),
            on("04-14", "review", decision="pass"),
        )

        assert steps(said) == ["collecting", "reviewing", "NOT_ACCEPTED", "reviewing", "reviewing", "reviewing"]
        assert codes(said) == ("accept", [])

    def test_a_reason_passes_it_all_the_same(self):
        said = play(LATE, on("04-12", "submit", materials=[]), on("04-13", "review", decision="pass", reason="x"))

        assert steps(said) == ["collecting", "reviewing", "reviewing"]

    def test_a_refusal_needs_a_ground_and_against_the_rules_a_reason(self):
        def refusal(**said: str) -> dict[str, Any]:
            return on("04-13", "review", decision="reject", **said)

        against = play(*REVIEWING, refusal(), refusal(ground="x", reason="x"), refusal(ground="NON_DISCLOSURE"))
        assert steps(against, 3) == ["INVALID_INPUT"] * 3
        with_reason = play(*REVIEWING, refusal(ground="NON_DISCLOSURE", reason="x"))
        assert with_reason["state"] == "rejected"
        proposed = play(LATE, on("04-12", "submit", materials=[]), refusal(ground="LATE_REPORT"))
        assert proposed["state"] == "rejected"


class TestInvestigation:
    def test_comes_after_a_passed_review(self):
        said = play(*REVIEWING, on("04-08", "commission"), *PASSED[2:], on("04-08 11:00:00", "commission"))

        assert steps(said, 3) == ["WRONG_STATE", "reviewing", "investigating"]

    @pytest.mark.parametrize("conclusion", ["consistent", "inconsistent", "inconclusive"])
    def test_changes_no_outcome_whatever_it_concludes(self, conclusion):
        said = play(
            *INVESTIGATING,
            on("04-20", "accept_report"),
            on("04-20", "field_report", conclusion=conclusion),
            on("04-21", "return_report"),
            on("04-21", "accept_report"),
            on("04-22", "field_report", conclusion=conclusion),
            on("04-23", "accept_report"),
        )

        assert steps(said, 6) == [
            "WRONG_STATE",
            "investigating",
            "investigating",
            "WRONG_STATE",
            "investigating",
            "deciding",
        ]
        assert codes(said) == ("accept", [])

    def test_and_publicity_need_their_consents(self):
        assert steps(play(*PASSED, on("04-09", "commission"), consents=["publicity"]), 1) == ["CONSENT_MISSING"]
        assert steps(play(*PUBLISHED, consents=["investigation"]), 1) == ["CONSENT_MISSING"]


class TestDecision:
    def test_is_not_against_a_rejection_a_wait_or_a_need(self):
        said = play(
            *DECIDING,
            on("04-22", "correct_joined_at", joined_at="2025-03-01T00:00:00+08:00", reason="x"),
            PUBLISHED[-1],
        )
        assert (steps(said, 1), codes(said)[1]) == (["NOT_ACCEPTED"], ["WAITING_PERIOD"])

    def test_on_a_referral_needs_a_reason(self):
        said = play(*DECIDING, on("04-22", "breach", question="hospital_stay_2y"), *PUBLISHED[-1:])
        assert steps(said, 1) == ["NOT_ACCEPTED"]
        assert codes(said) == ("refer", ["NON_DISCLOSURE_REVIEW"])

        said = play(*DECIDING, on("04-22", "breach", question="hospital_stay_2y"), on("04-22", "publish", reason="x"))
        assert said["state"] == "publicised"

    @pytest.mark.parametrize(
        ("before", "state"),
        [
            (REVIEWING, "WRONG_STATE"),
            (DECIDING, "rejected"),
            (PUBLISHED, "rejected"),
            ([*PUBLISHED, on("04-23", "object", kind="forgery")], "rejected"),
        ],
    )
    def test_may_be_a_refusal_from_the_final_review_on(self, before, state):
        said = play(*before, on("04-29", "reject", ground="DEFINITION_NOT_MET", reason="x"))

        assert steps(said, 1) == [state]

    def test_is_no_refusal_any_more_after_the_publicity(self):
        said = play(*PUBLISHED, on("04-30", "reject", ground="DEFINITION_NOT_MET", reason="x"))

        assert steps(said, 1) == ["WRONG_STATE"]

    def test_may_send_the_case_back(self):
        def back(to: str, **how: str) -> dict[str, Any]:
            return on("04-22", "return", to=to, reason="x", **how)

        assert steps(play(*DECIDING, back("paid"), on("04-22", "return", to="reviewing")), 2) == ["INVALID_INPUT"] * 2
        kept = play(
            *DECIDING, back("reviewing", approvals="keep"), on("04-22", "review", decision="pass"), PUBLISHED[-1]
        )
        assert steps(kept, 3) == ["reviewing", "deciding", "publicised"]
        redone = play(
            *DECIDING,
            back("reviewing", approvals="redo"),
            on("04-22", "commission"),
            on("04-22", "review", decision="pass"),
            on("04-22", "commission"),
        )
        assert steps(redone, 4) == ["reviewing", "WRONG_STATE", "reviewing", "investigating"]

    def test_back_in_the_collection_goes_on_with_the_next_papers(self):
        said = play(*DECIDING, on("04-22", "return", to="collecting", reason="x"), on("04-23", "submit", materials=[]))

        assert steps(said, 2) == ["collecting", "reviewing"]


class TestAppeal:
    def test_by_arbitration_starts_with_its_deposit(self):
        said = play(
            *REFUSED,
            on("04-23", "appeal", channel="arbitration", deposit_fen=49_999),
            on("04-23", "appeal", channel="arbitration", deposit_fen=50_000),
            on("04-30", "decide_appeal", finding="overturned"),
            on("05-06", "publish"),
        )

        assert steps(said, 4) == ["DEPOSIT_NOT_PAID", "appealing", "deciding", "publicised"]

    def test_that_is_lost_leaves_the_refusal(self):
        said = play(*REFUSED, on("04-23", "appeal", channel="online"), on("04-30", "decide_appeal", finding="upheld"))

        assert steps(said, 2) == ["appealing", "rejected"]

    def test_comes_before_the_window_closes_the_case(self):
        in_time = play(*REFUSED, on("05-22 23:59:59", "appeal", channel="litigation"))
        too_late = play(*REFUSED, on("05-23 00:00:00", "appeal", channel="litigation"))

        assert steps(in_time, 1) == ["appealing"]
        assert (steps(too_late, 1), too_late["state"]) == (["WRONG_STATE"], "closed")
        assert steps(play(*REFUSED, on("05-22", "close", reason="x")), 1) == ["WRONG_STATE"]


class TestPayment:
    def test_may_bounce_and_is_made_again(self):
        said = play(
            *PUBLISHED, *(on("05-01", do) for do in ("settle", "pay", "bounce", "pay", "pay", "settle", "bounce"))
        )

        assert steps(said, 7) == ["WRONG_STATE", "paying", "approved", "paying", "WRONG_STATE", "paid", "WRONG_STATE"]
        assert said["payout"] == {"state": "settled", "net_fen": 10_000_000}

    @pytest.mark.parametrize(("then", "state"), [("pay", "submitted"), ("settle", "settled"), ("bounce", "failed")])
    def test_is_told_as_the_last_order(self, then, state):
        events = [on("05-01", do) for do in dict.fromkeys(("pay", then))]

        assert play(*PUBLISHED, *events)["payout"] == {"state": state, "net_fen": 10_000_000}

    def test_of_nothing_is_made_where_the_arrears_are_more(self):
        said = play(*PAID, unpaid=[("2025-01-14", 10_000_001)])

        assert (said["state"], said["payout"]) == ("paid", {"state": "settled", "net_fen": 0})
        assert (said["assessment"]["arrears_fen"], said["assessment"]["net_fen"]) == (10_000_001, 0)

    def test_may_be_stopped_by_reopening(self):
        said = play(*PUBLISHED, on("04-30", "reopen"), on("04-30", "reopen", reason="x"), on("04-30", "publish"))

        assert steps(said, 3) == ["INVALID_INPUT", "deciding", "publicised"]
        assert said["publicity"]["ends_on"] == "2025-05-07"


@pytest.mark.parametrize(
    ("before", "do", "said"),
    [
        (REVIEWING, "withdraw", "WRONG_STATE"),
        ([report()], "withdraw", "withdrawn"),
        ([report()], "lapse", "closed"),
        (REVIEWING, "lapse", "WRONG_STATE"),
        (PUBLISHED, "die", "approved"),
        ([*PUBLISHED, on("04-30", "pay")], "die", "WRONG_STATE"),
        (PAID, "assess", "paid"),
        (PAID, "waive_late_report", "paid"),
        (PAID, "close", "closed"),
        (PUBLISHED, "close", "WRONG_STATE"),
        ([], "assess", "WRONG_STATE"),
        ([], "die", "WRONG_STATE"),
        ([], "recheck_health", None),
    ],
)
def test_what_may_be_done_when(before, do, said):
    assert steps(play(*before, on("05-02", do, reason="x")), 1) == [said]


def test_a_migrated_member_is_admitted_and_referred_until_the_check():
    said = play(report(), migrated=True)
    assert (said["admission"]["outcome"], codes(said)[0], codes(said)[1][0]) == ("accept", "refer", "HEALTH_RECHECK")

    assert "HEALTH_RECHECK" not in codes(play(report(), on("04-06", "recheck_health"), migrated=True))[1]
    assert "HEALTH_RECHECK" not in codes(play(report(), migrated=True, health_rechecked=True))[1]


def test_facts_that_no_rule_knows_are_let_be():
    assert steps(play(report(facts=LUNG | {"colour": "blue"}), on("04-06", "submit", materials=TUMOUR, more=1))) == [
        "collecting",
        "reviewing",
    ]
