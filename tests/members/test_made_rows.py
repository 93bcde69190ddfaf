"""Rows of members that the dry run made already: taken in as they are while they hold, and judged anew where not."""

import resource
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection

from config.kernel import sweeping
from config.kernel.crypto import keyring
from config.kernel.files import FileLost
from config.kernel.importing import jobs, staging, working
from config.kernel.importing.staging import Portion, Stage
from config.kernel.models import Import
from members.models import Consent, Covenant, Member, Membership, Plan
from members.resources.member_imports import MemberImporter
from members.services import drafting, joining
from tests.factories import at, plan, staff
from tests.sheets import PEOPLE, person, sent, taken, xlsx

NOW = at("2025-06-01 10:00")
HEAD = [*PEOPLE, "同意公示日期"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two rows, so that three make two of them."""
    plan()
    monkeypatch.setattr(MemberImporter, "portion", 2)


def people(*numbers: int) -> bytes:
    return xlsx([HEAD, *([*person(number), "2024-06-02"] for number in numbers)])


def looked_through(*numbers: int) -> Import:
    return sent("members", people(*numbers), by=staff("supervisor"), at=NOW)


def made(it: Import, *, after: int = 0) -> Portion | None:
    return Stage.of(it, MemberImporter(by=it.asked_by, at=NOW)).portion(after=after)


def joins_meanwhile(number: int) -> None:
    """By the desk, under another name."""
    _name, _sex, born, region, id_number = person(number)[:5]
    who = joining.Applicant("别人", "M", born, region, id_number)
    joining.admit(plan(), who, tier_fen=10_000_000, declared={}, by=staff("intake"), at=NOW)


def without_its_file(it: Import) -> Import:
    """Nothing can be read of it any more."""
    jobs.pieces_of(it).drop()
    return it


def test_rows_that_were_made_are_taken_in_without_the_file() -> None:
    it = taken(without_its_file(looked_through(1, 2, 3)), by=staff("supervisor"), at=at("2025-06-05 09:00"))

    assert (it.status, it.made, it.late) == ("applied", 3, 0)
    member = Member.objects.get(id_number=person(3)[4])
    assert (member.name, member.phone, member.bank_card) == ("王3", "13800000003", person(3)[6])
    belongs = member.memberships.get()
    assert (belongs.migrated, belongs.joined_on, belongs.plan.code) == (True, date(2024, 6, 1), "qingsong")
    assert [one.given_at for one in Consent.objects.filter(membership=belongs)] == [at("2024-06-02")]


def test_a_bad_row_is_not_among_those_that_were_made() -> None:
    rows = [[*person(number), "2024-06-02"] for number in (1, 2, 3)]
    rows[0][0] = ""
    it = sent("members", xlsx([HEAD, *rows]), by=staff("supervisor"), at=NOW)

    it = taken(without_its_file(it), by=staff("supervisor"), at=NOW)

    assert (it.status, it.made, it.late, it.lines.count()) == ("applied", 2, 0, 1)
    assert sorted(Member.objects.values_list("name", flat=True)) == ["王2", "王3"]


def test_who_joined_meanwhile_is_judged_and_the_others_are_taken_in_once() -> None:
    it = looked_through(1, 2, 3, 4, 5)
    joins_meanwhile(3)

    it = taken(it, by=staff("supervisor"), at=NOW)

    assert (it.status, it.made, it.late) == ("applied", 4, 1)
    assert it.lines.get().line == 4
    assert Membership.objects.filter(migrated=True).count() == 4
    assert Member.objects.get(id_number=person(3)[4]).name == "别人"


def test_all_or_none_is_none_where_somebody_of_a_later_portion_joined_meanwhile() -> None:
    it = looked_through(1, 2, 3, 4, 5)
    joins_meanwhile(5)

    it = taken(it, by=staff("supervisor"), at=NOW, is_whole=True)

    assert (it.status, it.refused["code"], it.made, it.lines.get().line) == ("failed", "HAS_BAD_ROWS", 0, 6)
    assert not Membership.objects.filter(migrated=True).exists()


def test_all_or_none_is_all_where_nothing_changed() -> None:
    it = taken(without_its_file(looked_through(1, 2, 3)), by=staff("supervisor"), at=NOW, is_whole=True)

    assert (it.status, it.made, Membership.objects.filter(migrated=True).count()) == ("applied", 3, 3)


def test_two_files_of_the_same_people_write_them_once() -> None:
    first, second = looked_through(1, 2, 3), looked_through(3, 2, 1)

    first, second = (taken(it, by=staff("supervisor"), at=NOW) for it in (first, second))

    assert [(it.status, it.made, it.kept, it.late) for it in (first, second)] == [
        ("applied", 3, 0, 0),
        ("applied", 0, 3, 0),
    ]
    assert (Member.objects.count(), Membership.objects.count(), Consent.objects.count()) == (3, 3, 3)


def publish(settings: Any) -> None:
    source = Covenant.objects.published().get(plan__code="qingsong")
    day = date(2025, 7, 1)
    draft = drafting.copy(source.pk, "2025.7", in_force_from=day, by=staff("supervisor"), at=NOW)
    drafting.publish(draft.pk, digest=drafting.digest_of(draft), by=staff("supervisor"), at=NOW)


def rename_the_plan(settings: Any) -> None:
    Plan.objects.filter(code="qingsong").update(name_zh="别的")


def change_keys(settings: Any) -> None:
    settings.FIELD_KEYS = f"next:{'bmV4' * 10}bmU=,{settings.FIELD_KEYS}"


def change_the_index(settings: Any) -> None:
    settings.BLIND_INDEX_KEY = f"{'bmV4' * 10}bmU="


CHANGES = [publish, rename_the_plan, change_keys, change_the_index]


@pytest.mark.parametrize("change", CHANGES)
def test_rows_hold_only_for_what_they_were_judged_against(change: Callable[[Any], None], settings: Any) -> None:
    it = looked_through(1, 2, 3)
    portion = made(it)
    assert portion is not None
    assert (portion.last, portion.rows) == (3, 2)

    change(settings)

    assert made(it) is None


def test_rows_are_made_anew_under_the_key_of_today(settings: Any) -> None:
    it = looked_through(1, 2, 3)
    change_keys(settings)

    it = taken(it, by=staff("supervisor"), at=NOW)

    assert (it.status, it.made) == ("applied", 3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM members_member")
        tokens = [bytes(token) for (token,) in cursor.fetchall()]
    assert len(tokens) == 3
    assert all(token.startswith(keyring().header) for token in tokens)


def test_rows_that_another_release_made_are_judged_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest is another, as in a worker of the next release."""
    it = looked_through(1, 2, 3)
    monkeypatch.setattr(staging, "CODE", "another")

    assert made(it) is None
    assert taken(it, by=staff("supervisor"), at=NOW).made == 3


def test_a_release_on_the_disk_is_none_of_a_process_that_began_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty folder stands for the other release."""
    it = looked_through(1, 2, 3)
    monkeypatch.setattr(staging, "ROOT", tmp_path)

    assert made(it) is not None


def test_a_release_with_other_packages_is_another(tmp_path: Path) -> None:
    assert staging._code(staging.ROOT) == staging.CODE
    bare = staging._code(tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "run.txt").write_text("a==1")
    first = staging._code(tmp_path)
    (tmp_path / "requirements" / "run.txt").write_text("a==2")

    assert len({bare, first, staging._code(tmp_path)}) == 3


def test_a_store_that_is_full_fails_no_import() -> None:
    it = jobs.receive("members", "x", people(1, 2, 3), again=False, by=staff("supervisor"), at=NOW)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        working.look_through(it.pk, at=NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    it.refresh_from_db()

    assert (it.status, it.good, jobs.made_of(it).touched_at()) == ("read", 3, None)
    assert taken(it, by=staff("supervisor"), at=NOW).made == 3


def test_made_rows_of_somebody_who_is_there_by_now_begin_no_tries_anew() -> None:
    it, by = looked_through(1, 2, 3), staff("supervisor")
    joins_meanwhile(1)
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    without_its_file(it)

    for _try in range(working.ATTEMPTS):
        with pytest.raises(FileLost):
            working.carry_on(it.pk, at=NOW, seconds=60)
    working.carry_on(it.pk, at=NOW, seconds=60)

    it.refresh_from_db()
    assert (it.status, it.refused["code"]) == ("failed", "TOO_MANY_TRIES")


def test_rows_rest_on_the_very_plans_that_they_were_read_with(django_assert_num_queries: Any) -> None:
    importer = MemberImporter(by=staff("supervisor"), at=NOW)
    with django_assert_num_queries(0):
        plans, _versions = importer.rests_on()

    assert "qingsong" in [code for _pk, code, *_names in plans]


@pytest.mark.parametrize("harm", [lambda piece: piece.unlink(), lambda piece: piece.write_bytes(b"\1\1kxx")])
def test_rows_that_are_lost_or_damaged_are_made_anew(harm: Callable[[Any], Any]) -> None:
    it = looked_through(1, 2, 3)
    harm(sorted(jobs.made_of(it).folder.iterdir())[-1])

    it = taken(it, by=staff("supervisor"), at=NOW)

    assert (it.status, it.made, Member.objects.count()) == ("applied", 3, 3)


def test_a_large_portion_is_kept_in_more_than_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """With pieces of 600 bytes: those of a megabyte would take thousands of people."""
    monkeypatch.setattr(staging, "PIECE", 600)
    it = without_its_file(looked_through(1, 2, 3))
    assert len(list(jobs.made_of(it).folder.iterdir())) > 2

    assert taken(it, by=staff("supervisor"), at=NOW).made == 3


def test_people_who_are_known_are_never_made_beforehand() -> None:
    taken(looked_through(3), by=staff("supervisor"), at=NOW)
    it = looked_through(1, 2, 3)

    assert made(it) is not None
    assert made(it, after=3) is None


def test_what_was_made_lies_sealed_and_goes_with_the_file() -> None:
    it, other = looked_through(1, 2, 3), looked_through(4)
    written = b"".join(path.read_bytes() for path in jobs.made_of(it).folder.iterdir())
    assert len(written) > 1_000
    assert not any(part.encode() in written for part in ("王1", "湖北", person(1)[4], person(1)[5], "members_member"))

    jobs.cancel(it.pk, by=staff("supervisor"), at=NOW)
    sweeping.run("kernel.drop_imports", at=NOW)

    assert (jobs.made_of(it).touched_at(), jobs.made_of(other).touched_at() is not None) == (None, True)


def test_a_dry_run_that_is_begun_again_keeps_nothing_of_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    it = looked_through(1, 2, 3)
    Import.objects.filter(pk=it.pk).update(status="waiting")
    jobs.pieces_of(it).write(1, xlsx([["x"], ["y"]]))

    working.look_through(it.pk, at=NOW)

    assert (Import.objects.get(pk=it.pk).status, jobs.made_of(it).touched_at()) == ("refused", None)


def test_a_portion_and_its_mark_are_one_transaction() -> None:
    """Where the mark cannot be set the rows are not there either, and the next try writes them once."""
    it, by = looked_through(1, 2, 3), staff("supervisor")
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE kernel_import ADD CONSTRAINT too_far CHECK (done_line < 4)")

    with pytest.raises(IntegrityError, match="too_far"):
        working.carry_on(it.pk, at=NOW, seconds=60)
    it.refresh_from_db()
    assert (it.made, it.done_line, Member.objects.count()) == (2, 3, 2)

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_import DROP CONSTRAINT too_far")
    working.carry_on(it.pk, at=NOW, seconds=60)
    it.refresh_from_db()
    assert (it.status, it.made, Member.objects.count()) == ("applied", 3, 3)


def test_a_cancelled_import_writes_nothing_that_was_made() -> None:
    it, by = looked_through(1, 2, 3), staff("supervisor")
    jobs.confirm(it.pk, is_whole=False, by=by, at=NOW)
    working.carry_on(it.pk, at=NOW, seconds=0)
    jobs.cancel(it.pk, by=by, at=NOW)

    assert working.carry_on(it.pk, at=NOW, seconds=60) == 0
    assert Member.objects.count() == 2
