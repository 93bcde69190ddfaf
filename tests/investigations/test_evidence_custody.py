"""The custody log: one chain a commission, whoever writes at once, and nobody changes it."""

import io
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from claims.enums import State
from investigations.enums import Act
from investigations.models import Commission, CustodyEntry, Exhibit
from investigations.refusals import LogBroken
from investigations.services import accept_report, custody, evidence, exporting
from investigations.services import decline as decline_commission
from investigations.verify import NOTHING_BEFORE, faults_of_chain, hash_of
from tests.concurrency.racing import at_once, queue
from tests.factories import ACCEPTED, at, case_in, investigator_of, reported, staff
from tests.investigations.recordings import located
from tests.investigations.uploading import begin, kept, phone_of, pk_of, send

NOW = at("2025-04-10 14:30")


def chain(commission: Commission) -> list[dict]:
    return [entry.told() for entry in custody.log_of(commission.pk)]


@pytest.fixture
def collected(sent: Commission, store) -> Exhibit:
    """One photo, which says where it was taken, that is kept, with two entries in the log."""
    return kept(phone_of(sent), sent, located())


@pytest.mark.django_db
def test_each_entry_carries_the_hash_of_the_one_before(sent: Commission, collected: Exhibit) -> None:
    entries = chain(sent)

    assert [(entry["number"], entry["act"]) for entry in entries] == [(1, "received"), (2, "checked")]
    assert entries[0]["previous"] == NOTHING_BEFORE
    assert entries[1]["previous"] == entries[0]["hash"] == hash_of(entries[0])
    assert custody.is_whole(sent.pk)


@pytest.mark.django_db
def test_the_hash_is_of_text_that_anybody_can_write_down() -> None:
    entry = {"number": 1, "act": "received", "details": {"name": "病历.jpg"}, "hash": "x"}

    # printf '{"act":"received","details":{"name":"病历.jpg"},"number":1}' | sha256sum
    assert hash_of(entry) == "64e542ef5a7e5d3f4c530529540ff605b1e6d076cf66ca5d5fcc2733d07fdc9f"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "field", ["act", "exhibit", "by", "who", "at", "details", "previous", "number", "commission", "hash"]
)
def test_a_change_of_any_field_breaks_the_chain(sent: Commission, collected: Exhibit, field: str) -> None:
    entries = chain(sent)
    assert faults_of_chain(entries, commission=sent.pk) == []

    entries[0][field] = 7 if isinstance(entries[0][field], int) else f"{entries[0][field]}0"

    assert faults_of_chain(entries, commission=sent.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE investigations_custodyentry SET who = 'somebody'",
        "DELETE FROM investigations_custodyentry WHERE number = 2",
        "UPDATE investigations_exhibit SET sha256 = repeat('0', 64)",
        "UPDATE investigations_exhibit SET size = 1",
        "UPDATE investigations_exhibit SET state = 'receiving'",
        "UPDATE investigations_exhibit SET state = 'refused', refused_because = 'type'",
        "UPDATE investigations_exhibit SET is_scanned = NOT is_scanned",
        "UPDATE investigations_exhibit SET claimed_at = '2025-01-01'",
        "UPDATE investigations_exhibit SET file_time = '2025-01-01 00:00:00'",
        "DELETE FROM investigations_exhibit",
    ],
)
def test_the_database_lets_nobody_change_what_happened(collected: Exhibit, change: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["note", "claimed_place", "file_place"])
def test_what_was_said_in_confidence_is_not_changed_either(collected: Exhibit, field: str) -> None:
    setattr(collected, field, "x")

    with pytest.raises(DatabaseError), transaction.atomic():
        collected.save(update_fields=[field])


@pytest.mark.django_db
def test_a_broken_chain_is_noticed(sent: Commission, collected: Exhibit) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE investigations_custodyentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE investigations_custodyentry SET who = 'somebody' WHERE number = 1")
        cursor.execute("ALTER TABLE investigations_custodyentry ENABLE TRIGGER USER")

    assert not custody.is_whole(sent.pk)


WRITERS = 6


def written(commission: Commission) -> list[tuple[int, bool]]:
    entries = chain(commission)
    return [(entry["number"], entry["hash"] == hash_of(entry)) for entry in entries]


def write(commission: Commission, by) -> None:
    with transaction.atomic():
        custody.append(commission.pk, Act.EXPORTED, details={}, by=by, at=NOW)


@pytest.fixture
def raced(transactional_db: None) -> Commission:
    return Commission.objects.get(claim=case_in(State.INVESTIGATING))


@pytest.mark.django_db(transaction=True)
def test_whoever_writes_at_once_writes_one_after_the_other(raced: Commission) -> None:
    by = staff("supervisor")

    assert at_once(*[lambda: write(raced, by)] * WRITERS) == ["done"] * WRITERS
    assert queue(raced, *[lambda: write(raced, by)] * WRITERS) == ["done"] * WRITERS

    assert written(raced) == [(number, True) for number in range(1, 2 * WRITERS + 1)]
    assert custody.is_whole(raced.pk)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_only_the_index_holds(raced: Commission, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two writers see the same last entry; the second is stopped by the number, not put in order."""
    by, other = staff("supervisor"), staff("supervisor")
    monkeypatch.setattr(custody, "hold", lambda commission_id: None)
    real_save = CustodyEntry.save

    def saved_late(self: CustodyEntry, *args: object, **kwargs: object) -> None:
        if self.by == by:
            monkeypatch.undo()
            monkeypatch.setattr(custody, "hold", lambda commission_id: None)
            assert at_once(lambda: write(raced, other)) == ["done"]
        real_save(self, *args, **kwargs)

    monkeypatch.setattr(CustodyEntry, "save", saved_late)

    assert at_once(lambda: write(raced, by)) == ["custody_entry_has_one_number"]
    assert [entry.by for entry in CustodyEntry.objects.all()] == [other]


@pytest.mark.django_db
def test_investigators_write_as_themselves(sent: Commission, collected: Exhibit) -> None:
    assert collected.received_by == investigator_of(sent)
    assert CustodyEntry.objects.filter(act="received").get().who == investigator_of(sent).get_username()


# Times, and the end of the log


@pytest.mark.django_db
def test_an_entry_is_never_earlier_than_the_one_before(sent: Commission) -> None:
    by = staff("supervisor")
    times = [NOW, NOW - timedelta(hours=1), NOW + timedelta(seconds=1)]

    for moment in times:
        custody.append(sent.pk, Act.EXPORTED, by=by, at=moment)

    assert [entry.at for entry in custody.log_of(sent.pk)] == [NOW, NOW, NOW + timedelta(seconds=1)]
    assert custody.is_whole(sent.pk)


def test_times_that_fall_are_a_fault() -> None:
    first = {"commission": 1, "number": 1, "at": "2025-04-10T06:30:00.000001+00:00", "previous": NOTHING_BEFORE}
    first["hash"] = hash_of(first)
    second = {"commission": 1, "number": 2, "at": "2025-04-10T06:30:00.000000+00:00", "previous": first["hash"]}
    second["hash"] = hash_of(second)

    assert faults_of_chain([first, second], commission=1) == [
        "custody entry 2: is earlier than the entry before it",
    ]


def without_guards(*statements: str) -> None:
    """As somebody does it who may do everything with the table of entries."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE investigations_custodyentry DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("ALTER TABLE investigations_custodyentry ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_a_log_whose_end_was_cut_off_is_noticed_and_is_not_healed(sent: Commission, collected: Exhibit) -> None:
    without_guards("DELETE FROM investigations_custodyentry WHERE number = 2")
    assert not custody.is_whole(sent.pk)

    custody.append(sent.pk, Act.OPENED, exhibit=collected, by=staff("reviewer"), at=NOW)

    assert [entry.number for entry in custody.log_of(sent.pk)] == [1, 3]
    assert not custody.is_whole(sent.pk)


@pytest.mark.django_db
def test_a_file_without_the_entry_that_it_was_received_is_noticed(sent: Commission, collected: Exhibit) -> None:
    without_guards(
        "DELETE FROM investigations_custodyentry",
        "ALTER TABLE investigations_custodyhead DISABLE TRIGGER USER",
        "DELETE FROM investigations_custodyhead",
    )

    assert custody.faults_of(sent.pk) == [f"exhibit {collected.pk}: there is no entry that it was received"]
    assert not custody.is_whole(sent.pk)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE investigations_custodyhead SET number = 1",
        "UPDATE investigations_custodyhead SET number = number, hash = repeat('0', 64)",
        "UPDATE investigations_custodyhead SET number = number + 2",
        "DELETE FROM investigations_custodyhead",
    ],
)
def test_the_end_of_a_log_only_moves_on(collected: Exhibit, change: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.django_db
def test_a_log_that_is_broken_is_not_exported(sent: Commission, collected: Exhibit) -> None:
    without_guards("DELETE FROM investigations_custodyentry WHERE number = 2")

    with pytest.raises(LogBroken):
        exporting.export(sent.pk, io.BytesIO(), by=staff("supervisor"), at=NOW)
    assert not CustodyEntry.objects.filter(act="exported").exists()


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_waits_while_its_commission_ends_is_not_begun(raced: Commission) -> None:
    by, seen = investigator_of(raced), []

    def begin_too_late() -> None:
        try:
            evidence.begin(raced.pk, size=10, said=evidence.Said(), by=by, at=NOW)
        except Commission.DoesNotExist:
            seen.append("nothing there")

    def decline() -> None:
        decline_commission(raced.pk, reason="nobody free", code="no_capacity", by=by, at=NOW)

    queue(raced, decline, begin_too_late)

    assert seen == ["nothing there"]
    assert not Exhibit.objects.exists()


@pytest.mark.django_db
def test_what_arrives_after_the_end_is_kept_and_says_so(sent: Commission, store) -> None:
    phone = phone_of(sent)
    begun = begin(phone, sent, 5)
    with pytest.MonkeyPatch.context() as kill:
        kill.setattr(evidence, "finish", lambda exhibit_id, *, at: Exhibit.objects.get(pk=exhibit_id))
        send(phone, begun["Location"], b"12345")
    reported(sent)
    accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)

    evidence.finish(pk_of(begun), at=ACCEPTED)

    assert CustodyEntry.objects.get(act="received").details["commission"] == "accepted"
