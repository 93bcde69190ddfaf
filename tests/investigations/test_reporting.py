"""The agency's answer: filed, sent back, accepted."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from claims.enums import DeadlineStatus, State
from claims.models import Claim, Deadline, Reminder
from config.kernel.refusals import InvalidInput, NotPermitted, Stale, WrongState
from investigations import services
from investigations.enums import CommissionState
from investigations.models import Agency, Commission, CustodyEntry, Exhibit, Report
from investigations.refusals import FilesNotKept
from investigations.rules.visits import Point
from investigations.verify import canonical
from members.models import Message
from tests.factories import ACCEPTED, FILED, at, investigator_of, reported, staff, visit, visits
from tests.investigations.uploading import examine, phone_of, upload
from tests.papers import png


def state_of(sent: Commission) -> tuple[str, str]:
    fresh = Commission.objects.select_related("claim").get(pk=sent.pk)
    return str(fresh.state), str(fresh.claim.state)


def test_a_report_is_filed_by_the_agency(sent: Commission) -> None:
    report = services.file_report(
        sent.pk, conclusion="inconsistent", visits=visits(sent), text="病历涂改", by=investigator_of(sent), at=FILED
    )

    assert (report.version, report.conclusion) == (1, "inconsistent")
    assert Report.objects.get().findings == "病历涂改"
    assert state_of(sent) == (CommissionState.REPORTED, State.INVESTIGATING)
    assert Message.objects.filter(template="report_filed", to="reviewer").exists()


def test_medical_findings_are_encrypted_at_rest(sent: Commission) -> None:
    services.file_report(
        sent.pk,
        conclusion="consistent",
        visits=visits(sent),
        text="diabetes since 2019",
        by=investigator_of(sent),
        at=FILED,
    )

    (row,) = Report.objects.raw("SELECT id, encode(findings, 'escape') AS stored FROM investigations_report")
    assert "diabetes" not in row.stored


def test_a_report_meets_the_deadline_and_calls_off_its_reminders(sent: Commission) -> None:
    reported(sent)

    deadline = Deadline.objects.get(pk=sent.deadline_id)
    assert (deadline.status, deadline.closed_at) == (DeadlineStatus.MET, FILED)
    assert not Reminder.objects.filter(deadline=deadline, sent_at=None, cancelled_at=None).exists()


def test_a_late_report_is_taken_and_the_deadline_missed(sent: Commission) -> None:
    due_at = sent.deadline.due_at
    assert due_at is not None

    reported(sent, at=due_at)

    assert Deadline.objects.get(pk=sent.deadline_id).status == DeadlineStatus.MISSED
    assert state_of(sent)[0] == CommissionState.REPORTED


def test_nobody_but_the_commissioned_agency_reports(sent: Commission) -> None:
    others = [
        *(one.investigators.get().user for one in Agency.objects.exclude(pk=sent.agency_id)),
        *(staff(role) for role in ("reviewer", "supervisor", "investigator", "system")),
    ]
    for somebody in others:
        with pytest.raises(NotPermitted):
            services.file_report(sent.pk, conclusion="consistent", visits=visits(sent), by=somebody, at=FILED)
        with pytest.raises(NotPermitted):
            services.decline(sent.pk, reason="x", by=somebody, at=FILED)
    retired = investigator_of(sent)
    retired.groups.clear()
    with pytest.raises(NotPermitted):
        services.file_report(sent.pk, conclusion="consistent", visits=visits(sent), by=retired, at=FILED)


def test_an_unknown_conclusion_is_refused(sent: Commission) -> None:
    with pytest.raises(InvalidInput):
        services.file_report(sent.pk, conclusion="guilty", by=investigator_of(sent), at=FILED)

    assert not Report.objects.exists()


def test_a_report_that_is_in_is_not_filed_again(sent: Commission) -> None:
    reported(sent)

    with pytest.raises(WrongState):
        reported(sent)


def test_a_report_sent_back_is_followed_by_the_next_version(sent: Commission) -> None:
    reported(sent)
    back_at = FILED + timedelta(days=1)

    services.return_report(sent.pk, reason="which hospital?", by=staff("reviewer"), at=back_at)

    assert state_of(sent) == (CommissionState.RETURNED, State.INVESTIGATING)
    deadline = Commission.objects.get(pk=sent.pk).deadline
    assert (deadline.generation, deadline.status, deadline.due_at) == (2, DeadlineStatus.OPEN, at("2025-05-22 00:00"))
    reported(sent, at=back_at + timedelta(days=1))
    first, second = Report.objects.all()
    assert (first.version, first.return_reason, second.version, second.returned_at) == (1, "which hospital?", 2, None)


def test_sending_back_takes_a_reason_and_a_report(sent: Commission) -> None:
    with pytest.raises(WrongState):
        services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=FILED)
    reported(sent)

    with pytest.raises(InvalidInput):
        services.return_report(sent.pk, reason=" ", by=staff("reviewer"), at=FILED)

    assert state_of(sent)[0] == CommissionState.REPORTED


def test_an_accepted_field_report_leads_to_the_final_review(sent: Commission) -> None:
    reported(sent, conclusion="inconsistent")
    reviewer = staff("reviewer")

    services.accept_report(sent.pk, by=reviewer, at=ACCEPTED)

    assert state_of(sent) == (CommissionState.ACCEPTED, State.DECIDING)
    case = Claim.objects.get(pk=sent.claim_id)
    assert (case.investigated_by, case.investigated_at) == (reviewer, ACCEPTED)
    assert not case.procedures.filter(closed_at=None).exists()


def test_a_report_is_accepted_once_and_not_before_it_is_in(sent: Commission) -> None:
    with pytest.raises(WrongState):
        services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
    reported(sent)
    services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)

    with pytest.raises(WrongState):
        services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)


def test_nobody_but_the_desk_accepts_or_sends_back(sent: Commission) -> None:
    reported(sent)
    for somebody in (investigator_of(sent), *(staff(role) for role in ("intake", "finance", "auditor", "system"))):
        with pytest.raises(NotPermitted):
            services.accept_report(sent.pk, by=somebody, at=ACCEPTED)
        with pytest.raises(NotPermitted):
            services.return_report(sent.pk, reason="x", by=somebody, at=ACCEPTED)


def test_an_investigator_sees_what_was_sent_to_the_own_agency(sent: Commission) -> None:
    other = Agency.objects.exclude(pk=sent.agency_id)[0].investigators.get().user

    assert list(Commission.objects.for_investigator(investigator_of(sent))) == [sent]
    assert not Commission.objects.for_investigator(other).exists()
    assert not Commission.objects.for_investigator(staff("reviewer")).exists()


def test_each_visit_that_was_asked_for_has_its_part_once(sent: Commission) -> None:
    """SR-23."""
    four = visits(sent)
    for said in ([], four[:3], [*four, four[0]], [*four[:3], visit("other")]):
        with pytest.raises(InvalidInput):
            services.file_report(sent.pk, conclusion="consistent", visits=said, by=investigator_of(sent), at=FILED)
    assert not Report.objects.exists()

    services.file_report(
        sent.pk, conclusion="consistent", visits=[*four, visit("other")], by=investigator_of(sent), at=FILED
    )
    assert [one.method for one in Report.objects.get().said.visits] == [*sent.methods, "other"]


def test_an_incomplete_visit_is_refused(sent: Commission) -> None:
    with pytest.raises(InvalidInput, match="主治医师"):
        services.file_report(
            sent.pk,
            conclusion="consistent",
            visits=[
                visit(method, **({"found": ""} if method == "doctor_interview" else {})) for method in sent.methods
            ],
            by=investigator_of(sent),
            at=FILED,
        )


def test_a_visit_points_to_files_of_its_own_commission_that_arrived(sent: Commission) -> None:
    told = {"received_by": investigator_of(sent), "begun_at": FILED, "touched_at": FILED, "size": 1}
    on_its_way = Exhibit.objects.create(commission=sent, **told)
    for pk in (on_its_way.pk, 10**9):
        with pytest.raises(InvalidInput):
            services.file_report(
                sent.pk,
                conclusion="consistent",
                visits=visits(sent, exhibits=(pk,)),
                by=investigator_of(sent),
                at=FILED,
            )


def test_facts_are_told_by_the_visit_that_is_asked_for_them(sent: Commission) -> None:
    with pytest.raises(InvalidInput):
        services.file_report(
            sent.pk,
            conclusion="consistent",
            visits=visits(sent, facts={"tnm": "T1"}),
            by=investigator_of(sent),
            at=FILED,
        )


def test_what_was_signed_is_in_the_custody_log(sent: Commission) -> None:
    reported(sent)

    report, entry = Report.objects.get(), CustodyEntry.objects.get()
    assert entry.act == "signed"
    assert entry.details == {"version": 1, "sha256": report.digest}
    assert hashlib.sha256(canonical(report.told())).hexdigest() == report.digest


def test_a_report_is_sent_back_point_by_point_and_each_is_answered(sent: Commission) -> None:
    reported(sent)
    points = [Point("首页无盖章", 0), Point("总述过短")]
    with pytest.raises(InvalidInput):
        services.return_report(sent.pk, reason="x", points=[Point("y", 4)], by=staff("reviewer"), at=FILED)

    services.return_report(sent.pk, reason="见各点", points=points, by=staff("reviewer"), at=FILED)

    assert Report.objects.get().points_said == points
    by, again = investigator_of(sent), {"conclusion": "consistent", "visits": visits(sent)}
    for answers in ([], ["已补"], ["已补", " "], ["已补", "已补", "已补"]):
        with pytest.raises(InvalidInput):
            services.file_report(sent.pk, answers=answers, by=by, at=ACCEPTED, **again)
    services.file_report(sent.pk, answers=["已补盖章", "已补充"], by=by, at=ACCEPTED, **again)
    assert Report.objects.latest("version").said.answers == ["已补盖章", "已补充"]


def test_visits_and_points_are_encrypted_at_rest(sent: Commission) -> None:
    services.file_report(
        sent.pk, conclusion="consistent", visits=visits(sent, found="diabetes"), by=investigator_of(sent), at=FILED
    )
    services.return_report(sent.pk, reason="x", points=[Point("tumour?")], by=staff("reviewer"), at=FILED)

    (row,) = Report.objects.raw(
        "SELECT id, encode(content, 'escape') AS said, encode(points, 'escape') AS asked FROM investigations_report"
    )
    assert "diabetes" not in row.said
    assert "tumour" not in row.asked


def test_a_signature_outlives_a_new_name_of_who_signed(sent: Commission) -> None:
    reported(sent)
    user = investigator_of(sent)
    user.username = "somebody-else"
    user.save(update_fields=["username"])

    report = Report.objects.get()
    assert hashlib.sha256(canonical(report.told())).hexdigest() == report.digest


def test_a_report_is_accepted_when_the_files_it_points_to_are_kept(sent: Commission, store: Path) -> None:
    phone, by = phone_of(sent), investigator_of(sent)
    photo, junk = upload(phone, sent, png()), upload(phone, sent, b"MZ" + bytes(100))
    shown = visits(sent, exhibits=(photo.pk, junk.pk))
    services.file_report(sent.pk, conclusion="consistent", visits=shown, by=by, at=FILED)
    for _moment in ("before the check", "after it"):
        with pytest.raises(FilesNotKept):
            services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
        examine()

    services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=ACCEPTED)
    shown = visits(sent, at=ACCEPTED, exhibits=(photo.pk,))
    services.file_report(sent.pk, conclusion="consistent", visits=shown, by=by, at=ACCEPTED)
    services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)
    assert state_of(sent)[0] == CommissionState.ACCEPTED


def test_a_page_that_showed_another_version_neither_accepts_nor_sends_back(sent: Commission) -> None:
    reported(sent)
    seen = Claim.objects.get(pk=sent.claim_id).version
    services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=FILED)
    reported(sent)

    with pytest.raises(Stale):
        services.accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED, version=seen)
    with pytest.raises(Stale):
        services.return_report(sent.pk, reason="x", by=staff("reviewer"), at=ACCEPTED, version=seen)
