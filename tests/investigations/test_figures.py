"""How punctual agencies are: a report in time, and one that never came."""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from claims.enums import DeadlineKind, ObjectionKind, PauseReason, State
from claims.models import Claim, Deadline
from claims.services import objecting, rescheduling
from claims.services.figures import stages
from config.kernel import sweeping
from config.kernel.figures import Asked, Behind, Period, rows_behind
from investigations import services
from investigations.models import Commission
from investigations.services.figures import by_agency
from tests.factories import COMMISSIONED, at, case_in, membership, reported, staff
from tests.investigations.conftest import ASKED

LATER = at("2025-06-01 09:00")
SPRING = Asked(Period(date(2025, 4, 1), date(2025, 6, 1)))
"""The report is filed on 20 April; the other one's time is noted as over on 1 June."""


@pytest.mark.django_db
def test_a_report_before_the_end_of_its_time_is_in_time_and_none_is_late() -> None:
    in_time, late = case_in(State.DECIDING), case_in(State.INVESTIGATING)
    sweeping.run("claims.note_missed_deadlines", at=LATER)
    agencies = {claim: Commission.objects.get(claim=claim).agency for claim in (in_time, late)}

    found = {line.label: [number.value for number in line.numbers] for line in by_agency(SPRING, LATER).lines}

    if agencies[in_time] == agencies[late]:
        assert found == {agencies[late].name: [50.0, 1, 1]}
    else:
        assert found == {agencies[in_time].name: [100.0, 1, 0], agencies[late].name: [0.0, 0, 1]}
    behind = Behind("agency-in-time", f"{agencies[late].pk}:late")
    assert list(rows_behind(behind, SPRING, at=LATER)) == [late]


@pytest.mark.django_db
def test_it_is_of_the_days_on_which_the_time_ended() -> None:
    case_in(State.DECIDING)
    assert by_agency(Asked(Period(date(2025, 4, 19), date(2025, 4, 19))), LATER).lines == []
    assert len(by_agency(Asked(Period(date(2025, 4, 20), date(2025, 4, 20))), LATER).lines) == 1
    assert by_agency(Asked(SPRING.period, plan="xianghu"), LATER).lines == []


@pytest.mark.django_db
def test_an_agency_answers_for_no_time_that_ended_after_it_was_replaced() -> None:
    case = case_in(State.INVESTIGATING)
    first = Commission.objects.get(claim=case)
    again = services.reassign(first.pk, reason="x", by=staff("supervisor"), at=COMMISSIONED + timedelta(days=1))
    reported(again)

    found = {line.label: [number.value for number in line.numbers] for line in by_agency(SPRING, LATER).lines}

    assert again.deadline_id == first.deadline_id
    assert found == {again.agency.name: [100.0, 1, 0]}


@pytest.mark.django_db
def test_it_answers_for_the_time_that_it_let_run_out_before() -> None:
    case = case_in(State.INVESTIGATING)
    first = Commission.objects.get(claim=case)
    sweeping.run("claims.note_missed_deadlines", at=LATER)
    services.reassign(first.pk, reason="x", by=staff("supervisor"), at=LATER + timedelta(days=1))

    found = {line.label: [number.value for number in line.numbers] for line in by_agency(SPRING, LATER).lines}

    assert found == {first.agency.name: [0.0, 0, 1]}


def lines_in(asked: Asked) -> dict[str, list[object]]:
    return {str(line.label): [number.value for number in line.numbers] for line in by_agency(asked, LATER).lines}


class TestEveryClockOfACommission:
    """An agency answers for each time that it was set, be it prolonged or set anew, and for that of no other."""

    ENDED = at("2025-05-09 00:02")
    """The time of a commission that went out on 8 April is over with the end of 8 May."""

    def prolonged(self, sent: Commission, when: datetime) -> Commission:
        rescheduling.extend(sent.claim_id, sent.deadline_id, days=5, reason="x", by=staff("supervisor"), at=when)
        return Commission.objects.get(pk=sent.pk)

    def test_what_ran_out_before_it_was_prolonged_is_late_for_the_agency_as_for_the_stage(
        self, sent: Commission
    ) -> None:
        sweeping.run("claims.note_missed_deadlines", at=self.ENDED)
        again = self.prolonged(sent, self.ENDED)
        reported(again, at=self.ENDED + timedelta(days=1))

        assert lines_in(SPRING) == {again.agency.name: [0.0, 0, 1]}
        stage = {str(line.label): line.numbers for line in stages.in_time(SPRING, LATER).lines}
        assert [number.value for number in stage[str(DeadlineKind.INVESTIGATION.label)]] == [0.0, 0, 1]

    def test_what_was_prolonged_before_its_end_is_in_time(self, sent: Commission) -> None:
        again = self.prolonged(sent, COMMISSIONED + timedelta(days=1))
        reported(again, at=again.deadline.due_at - timedelta(seconds=1))

        assert lines_in(SPRING) == {again.agency.name: [100.0, 1, 0]}

    def test_a_late_report_stays_late_though_the_next_version_came_in_time(self, sent: Commission) -> None:
        reported(sent, at=self.ENDED)
        services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=self.ENDED)
        reported(sent, at=self.ENDED + timedelta(days=1))

        assert lines_in(SPRING) == {sent.agency.name: [0.0, 0, 1]}

    def test_two_commissions_of_a_case_answer_each_for_its_own(self, of_kind: Callable[[str], Commission]) -> None:
        """The field report came in time; the time of the second investigation ran out and was prolonged."""
        second = of_kind("second")
        ended = second.deadline.due_at + timedelta(minutes=2)
        sweeping.run("claims.note_missed_deadlines", at=ended)
        again = self.prolonged(second, ended)
        field = Commission.objects.get(claim=second.claim, kind="field")
        assert field.agency_id != again.agency_id

        assert lines_in(SPRING) == {field.agency.name: [100.0, 1, 0], again.agency.name: [0.0, 0, 1]}

    def known(self) -> dict[int, int | None]:
        return dict(Deadline.objects.filter(kind="investigation").values_list("pk", "procedure"))

    def filled(self, forgotten: Collection[Deadline] | None = None) -> dict[int, int | None]:
        """What the filling finds out of clocks (all of them) of which it is not known whose they are."""
        rows = (
            Deadline.objects.all() if forgotten is None else Deadline.objects.filter(pk__in=[d.pk for d in forgotten])
        )
        rows.update(procedure=None)
        filling = import_module("investigations.migrations.0004_clocks_of_commissions")
        with connection.schema_editor() as editor:
            filling.fill(apps, editor)
        return self.known()

    def two_sent_at_once(self, case: Claim) -> tuple[Commission, Commission]:
        for doubt in (ObjectionKind.NON_DISCLOSURE, ObjectionKind.DEFINITION):
            objecting.object_to(case.pk, kind=doubt, objector=membership(), by=staff("intake"), at=ASKED)
        sweeping.run("investigations.open_commissions", at=ASKED, only=case.pk)
        second, expert = (Commission.objects.get(claim=case, kind=kind) for kind in ("second", "expert"))
        assert second.deadline.opened_at == expert.deadline.opened_at == ASKED
        return second, expert

    def test_clocks_from_before_learn_of_which_commission_they_are(self, of_kind: Callable[[str], Commission]) -> None:
        """Sent out, prolonged when it was over, stopped and gone on; reported and sent back; a task beside it."""
        second, who = of_kind("second"), {"by": staff("supervisor"), "at": self.ENDED}
        again = self.prolonged(second, second.deadline.due_at)
        rescheduling.pause(again.claim_id, again.deadline_id, code=PauseReason.OTHER, reason="x", **who)
        rescheduling.resume(again.claim_id, again.deadline_id, **who)
        reported(second, at=self.ENDED)
        services.return_report(second.pk, reason="x", by=staff("reviewer"), at=self.ENDED + timedelta(days=1))
        known = self.known()
        assert len(set(known.values())) == 2
        assert len(known) == 5

        assert self.filled() == known
        assert not Deadline.objects.exclude(kind="investigation").exclude(procedure=None).exists()

    def test_one_that_a_sweep_had_noted_before_it_was_prolonged_is_found_as_well(self, sent: Commission) -> None:
        sweeping.run("claims.note_missed_deadlines", at=self.ENDED)
        again = self.prolonged(sent, self.ENDED + timedelta(days=1))
        self.prolonged(again, self.ENDED + timedelta(days=2))
        known = self.known()
        assert len(known) == 3
        assert Deadline.objects.get(pk=sent.deadline_id).closed_at == self.ENDED

        assert self.filled() == known

    def test_two_prolonged_at_one_instant_are_not_mistaken_for_one_another(self, publicised: Claim) -> None:
        first, then = ASKED + timedelta(days=1), ASKED + timedelta(days=2)
        middle = [self.prolonged(sent, first) for sent in self.two_sent_at_once(publicised)]
        for sent in middle:
            self.prolonged(sent, then)
        known, forgotten = self.known(), [sent.deadline for sent in middle]

        assert self.filled(forgotten) == known | dict.fromkeys([clock.pk for clock in forgotten])

    def test_the_first_of_two_sent_at_one_instant_is_that_of_its_report(self, publicised: Claim) -> None:
        second, _expert = self.two_sent_at_once(publicised)
        reported(second, at=ASKED + timedelta(days=1))
        services.return_report(second.pk, reason="x", by=staff("reviewer"), at=ASKED + timedelta(days=2))
        known = self.known()
        assert len(known) == 4

        assert self.filled() == known
