"""The contract on the publicity: admissible objections, extensions, suspension, the end (SR-24, SR-25, AMB-12, AMB-13).

Published on 22 April with 7 days: the last day is 29 April.
"""

from typing import Any

import pytest

from tests.claims.replaying.stories import PUBLISHED, clocks, event, play, steps

pytestmark = pytest.mark.usefixtures("stage")

JUST_BEFORE, END = "2025-04-29 23:59:59", "2025-04-30 00:00:00"


def objection(when: str, kind: str, **by: Any) -> dict[str, Any]:
    return event(when, "object", kind=kind, **by)


def finding(when: str, kind: str, found: str = "dismissed") -> dict[str, Any]:
    return event(when, "resolve", kind=kind, finding=found)


def days(said: dict[str, Any]) -> tuple[Any, ...]:
    shown = said["publicity"]
    return shown["ends_on"], shown["payable_from"], shown["suspended"], shown["days_left"]


class TestEnd:
    def test_approves_at_24_hours_of_the_last_day_and_not_before(self):
        said = play(*PUBLISHED, event(JUST_BEFORE, "assess"), event(END, "pay"))

        assert steps(said, 2) == ["publicised", "paying"]
        assert said["publicity"]["starts_on"] == "2025-04-22"
        assert days(said) == ("2025-04-29", "2025-04-30", False, 0)
        assert clocks(said, "publicity") == [("2025-04-30T00:00:00+08:00", "met")]

    def test_is_read_off_the_shanghai_clock(self):
        late = {"at": "2025-04-22T16:00:00+00:00", "do": "publish"}  # 00:00 of the 23rd there

        assert days(play(*PUBLISHED[:-1], late))[0] == "2025-04-30"

    @pytest.mark.parametrize(("when", "said"), [(JUST_BEFORE, "publicised"), (END, "PUBLICITY_ENDED")])
    def test_divides_objections_into_admissible_and_late(self, when, said):
        assert steps(play(*PUBLISHED, objection(when, "definition")), 1) == [said]

    def test_may_be_the_end_of_an_extension(self):
        extended = (*PUBLISHED, objection("2025-04-25", "non_disclosure"), finding("2025-04-26", "non_disclosure"))

        assert steps(play(*extended, objection("2025-05-14 23:59:59", "definition")), 1) == ["publicised"]
        assert steps(play(*extended, objection("2025-05-15 00:00:00", "definition")), 1) == ["PUBLICITY_ENDED"]


class TestObjectors:
    @pytest.mark.parametrize(("by", "said"), [("outsider", "NOT_A_MEMBER"), ("applicant", "NOT_PERMITTED")])
    def test_are_other_members(self, by, said):
        told = play(*PUBLISHED, objection("2025-04-25", "forgery", by=by), until="2025-04-30 00:00:00")

        assert steps(told, 1) == [said]
        assert (told["state"], days(told)) == ("approved", ("2025-04-29", "2025-04-30", False, 0))

    def test_have_nothing_to_object_to_before_it(self):
        assert steps(play(*PUBLISHED[:-1], objection("2025-04-22", "definition")), 1) == ["WRONG_STATE"]


class TestExtension:
    @pytest.mark.parametrize(("kind", "ends_on"), [("non_disclosure", "2025-05-14"), ("definition", "2025-05-29")])
    def test_runs_from_the_end_before_any_objection(self, kind, ends_on):
        assert days(play(*PUBLISHED, objection(JUST_BEFORE, kind)))[0] == ends_on

    def test_counts_once_for_a_kind_and_the_longest_of_several(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-23", "definition"),
            objection("2025-04-24", "definition"),
            objection("2025-04-25", "non_disclosure"),
        )

        assert days(said) == ("2025-05-29", "2025-05-30", False, 0)

    def test_is_not_shortened_by_an_early_finding(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-23", "non_disclosure"),
            finding("2025-04-24", "non_disclosure"),
            event("2025-05-14 23:59:59", "pay"),
            event("2025-05-15 00:00:00", "pay"),
        )

        assert steps(said, 2) == ["WRONG_STATE", "paying"]

    def test_of_a_second_objection_after_the_first_is_decided_adds_nothing(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-23", "non_disclosure"),
            finding("2025-04-24", "non_disclosure"),
            objection("2025-05-10", "non_disclosure"),
        )

        assert days(said)[0] == "2025-05-14"

    def test_leaves_a_case_held_with_its_last_day_where_it_was(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-25", "non_disclosure"),
            event("2025-05-20", "pay"),
            objection("2025-05-20", "definition"),
            finding("2025-05-21", "non_disclosure"),
            event("2025-05-21", "pay"),
        )

        assert steps(said, 4) == ["WRONG_STATE", "PUBLICITY_ENDED", "approved", "paying"]
        assert days(said) == ("2025-05-14", "2025-05-15", False, 0)


class TestForgery:
    def test_stops_the_clock(self):
        said = play(*PUBLISHED, objection("2025-04-25", "forgery"), until="2025-06-01")

        assert (said["state"], days(said)) == ("suspended", (None, None, True, 4))

    def test_dismissed_lets_the_days_left_run_from_the_day_of_the_finding(self):
        said = play(*PUBLISHED, objection("2025-04-25", "forgery"), finding("2025-05-20", "forgery"))

        assert steps(said, 2) == ["suspended", "publicised"]
        assert days(said) == ("2025-05-24", "2025-05-25", False, 0)  # 20 May + 4

    def test_on_the_last_day_leaves_the_day_of_the_finding(self):
        said = play(*PUBLISHED, objection(JUST_BEFORE, "forgery"), finding("2025-05-20", "forgery"))

        assert days(said)[0] == "2025-05-20"

    def test_in_an_extension_counts_the_extended_days(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-25", "non_disclosure"),  # until 14 May
            finding("2025-04-30", "non_disclosure"),
            objection("2025-05-04", "forgery"),  # 10 days left
            finding("2025-05-30", "forgery"),
        )

        assert days(said)[0] == "2025-06-09"

    def test_may_be_suspected_twice(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-25", "forgery"),  # 4 left
            finding("2025-05-01", "forgery"),  # until 5 May
            objection("2025-05-03", "forgery"),  # 2 left
            finding("2025-05-10", "forgery"),
        )

        assert days(said)[0] == "2025-05-12"

    def test_then_another_kind_extends_the_end_that_was_scheduled(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-25", "forgery"),
            finding("2025-05-01", "forgery"),  # until 5 May
            objection("2025-05-02", "non_disclosure"),
        )

        assert days(said)[0] == "2025-05-20"  # 5 May + 15

    def test_upheld_refuses_the_case(self):
        said = play(*PUBLISHED, objection("2025-04-25", "forgery"), finding("2025-05-20", "forgery", "upheld"))

        assert said["state"] == "rejected"
        assert said["assessment"]["outcome"] == "reject"
        assert said["assessment"]["codes"] == ["FORGED_MATERIAL"]
        assert said["publicity"]["suspended"] is False


class TestUpheld:
    @pytest.mark.parametrize("kind", ["non_disclosure", "definition"])
    def test_goes_back_to_the_final_review_and_may_be_published_anew(self, kind):
        said = play(
            *PUBLISHED,
            objection("2025-04-25", kind),
            finding("2025-05-06", kind, "upheld"),
            event("2025-05-07", "publish", reason="looked into"),
        )

        assert steps(said, 2) == ["deciding", "publicised"]
        assert said["publicity"]["starts_on"] == "2025-05-07"
        assert days(said)[0] == "2025-05-14"

    def test_leaves_what_else_is_open_in_the_way(self):
        said = play(
            *PUBLISHED,
            objection("2025-04-24", "non_disclosure"),
            objection("2025-04-24", "definition"),
            finding("2025-05-06", "definition", "upheld"),
            event("2025-05-07", "publish", reason="x"),
            event("2025-05-07", "return", to="reviewing", reason="x"),
            finding("2025-05-08", "non_disclosure"),
            event("2025-05-08", "publish", reason="x"),
        )

        assert steps(said, 5) == ["deciding", "OPEN_OBJECTION", "OPEN_INVESTIGATION", "deciding", "publicised"]

    def test_needs_an_objection_that_is_open(self):
        assert steps(play(*PUBLISHED, finding("2025-04-25", "definition")), 1) == ["WRONG_STATE"]


def test_the_report_of_the_second_investigation_is_handed_in_with_the_finding():
    asked = (*PUBLISHED, objection("2025-04-25", "non_disclosure"))

    assert clocks(play(*asked), "investigation")[1:] == [("2025-05-26T00:00:00+08:00", "open")]
    in_time = play(*asked, finding("2025-05-06", "non_disclosure"))
    assert clocks(in_time, "investigation")[1:] == [("2025-05-26T00:00:00+08:00", "met")]
    late = play(*asked, finding("2025-05-26", "non_disclosure"))
    assert clocks(late, "investigation")[1:] == [("2025-05-26T00:00:00+08:00", "missed")]


def test_an_agency_is_asked_though_the_plan_wants_no_field_investigation():
    said = play(
        *PUBLISHED[:3],
        event("2025-04-09", "publish"),
        objection("2025-04-10", "definition"),
        terms={"investigation.required": False},
    )

    assert steps(said, 3) == ["deciding", "publicised", "publicised"]
    assert clocks(said, "investigation") == [("2025-05-11T00:00:00+08:00", "open")]
