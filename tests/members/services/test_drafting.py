"""Drafts are copied, edited by several people, published by none of them, or thrown away."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from config.kernel.refusals import InvalidInput, NotPermitted, SamePerson
from members.models import Covenant, CovenantEdit
from members.refusals import BeginsTooEarly, CovenantPublished, DraftChanged
from members.services import drafting, plans
from members.services.drafting import digest_of
from members.services.plans import covenant_on
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

NOW = at("2026-12-01 09:00")
DAY = date(2027, 1, 1)


@pytest.fixture
def shipped(plan) -> Covenant:
    return covenant_on(plan, DAY)


@pytest.fixture
def draft(shipped, staff) -> Covenant:
    return drafting.copy(shipped.pk, "2027.1", in_force_from=DAY, by=staff("supervisor"), at=NOW)


def now(draft) -> Covenant:
    return Covenant.objects.get(pk=draft.pk)


def test_a_copy_says_the_same_and_binds_nobody(plan, shipped, draft):
    assert (draft.terms, draft.clauses, draft.term_clauses, draft.questions) == (
        shipped.terms,
        shipped.clauses,
        shipped.term_clauses,
        shipped.questions,
    )
    assert (draft.version, draft.in_force_from, draft.published_at, draft.derived_from) == ("2027.1", DAY, None, None)
    assert covenant_on(plan, DAY) == shipped


@pytest.mark.parametrize("day", [date(2026, 12, 1), date(2026, 11, 30)])
def test_a_version_does_not_begin_today_or_before(shipped, draft, staff, day):
    with pytest.raises(BeginsTooEarly):
        drafting.copy(shipped.pk, "2027.2", in_force_from=day, by=staff("supervisor"), at=NOW)
    with pytest.raises(BeginsTooEarly):
        drafting.rename(draft.pk, "2027.1", in_force_from=day, digest=digest_of(draft), by=staff("supervisor"), at=NOW)


def test_a_draft_whose_day_has_come_is_published_no_more(draft, staff):
    with pytest.raises(BeginsTooEarly):
        plans.publish(draft.pk, by=staff("supervisor", 2), at=at("2027-01-01 00:00"))

    assert plans.publish(draft.pk, by=staff("supervisor", 2), at=at("2026-12-31 23:59")).published_at


def test_terms_are_set_and_the_edit_is_kept(draft, staff):
    said = digest_of(draft)

    drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=said, by=staff("supervisor", 2), at=NOW)

    assert now(draft).terms == draft.terms | {"waiting.days": 180}
    edit = CovenantEdit.objects.get()
    assert (edit.covenant_id, edit.by, edit.at) == (draft.pk, staff("supervisor", 2), NOW)
    assert edit.parts == [{"part": "term", "name": "waiting.days", "was": 90, "now": 180}]
    assert (edit.before, edit.after) == (said, digest_of(now(draft)))


def test_an_edit_that_changes_nothing_makes_nobody_an_author(draft, staff):
    drafting.set_terms(draft.pk, {"waiting.days": 90}, digest=digest_of(draft), by=staff("supervisor", 2), at=NOW)

    assert not CovenantEdit.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("ratio.mild", 130, "0"),
        ("waiting.days", "180", ""),
        ("supplement.unit", "weeks", "natural"),
        ("no.such", 1, ""),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_name(draft, staff, name, value, why):
    with pytest.raises(InvalidInput) as no:
        drafting.set_terms(draft.pk, {name: value}, digest=digest_of(draft), by=staff("supervisor"), at=NOW)

    assert why in no.value.why
    assert now(draft).terms == draft.terms


def test_two_editors_lose_nothing(draft, staff):
    """Both opened the same form; the second is told who changed what, and nothing of his is written."""
    said = digest_of(draft)
    drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=said, by=staff("supervisor", 2), at=NOW)

    with pytest.raises(DraftChanged) as no:
        drafting.set_terms(draft.pk, {"report.days": 20}, digest=said, by=staff("supervisor", 3), at=NOW)

    assert no.value.code == "STALE"
    assert "supervisor-2" in no.value.what
    assert "等待期" in no.value.what or "Waiting period" in no.value.what
    assert (now(draft).terms["waiting.days"], now(draft).terms["report.days"]) == (180, 10)

    drafting.set_terms(draft.pk, {"report.days": 20}, digest=digest_of(now(draft)), by=staff("supervisor", 3), at=NOW)
    assert (now(draft).terms["waiting.days"], now(draft).terms["report.days"]) == (180, 20)


def test_what_was_missed_is_only_what_came_after(draft, staff):
    one, two, three = (staff("supervisor", number) for number in (1, 2, 3))
    drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=digest_of(draft), by=one, at=NOW)
    seen = digest_of(now(draft))
    drafting.set_terms(draft.pk, {"report.days": 20}, digest=seen, by=two, at=NOW)

    with pytest.raises(DraftChanged) as no:
        drafting.set_terms(draft.pk, {"report.days": 30}, digest=seen, by=three, at=NOW)
    assert "supervisor-2" in no.value.what
    assert "supervisor-1" not in no.value.what


def test_a_clause_is_reworded_added_and_left_out(draft, staff):
    by = staff("supervisor")
    texts = {"zh": "等待期为180天。", "en": "The waiting period is 180 days."}

    drafting.set_clause(draft.pk, "99.1", texts, terms=["waiting.days"], digest=digest_of(draft), by=by, at=NOW)
    assert now(draft).clauses["99.1"] == texts
    assert now(draft).term_clauses == draft.term_clauses | {"waiting.days": "99.1"}

    with pytest.raises(InvalidInput):
        drafting.remove_clause(draft.pk, "99.1", digest=digest_of(now(draft)), by=by, at=NOW)

    old = draft.term_clauses["waiting.days"]
    leading = [name for name, number in draft.term_clauses.items() if number == old]
    drafting.set_clause(draft.pk, old, draft.clauses[old], terms=leading, digest=digest_of(now(draft)), by=by, at=NOW)
    drafting.remove_clause(draft.pk, "99.1", digest=digest_of(now(draft)), by=by, at=NOW)
    assert (now(draft).clauses, now(draft).term_clauses) == (draft.clauses, draft.term_clauses)


@pytest.mark.parametrize(
    ("texts", "takes_off"), [({"zh": "只有中文", "en": ""}, False), ({"zh": "甲", "en": "A"}, True)]
)
def test_a_clause_in_one_language_or_a_term_without_one_is_refused(draft, staff, texts, takes_off):
    number = draft.term_clauses["waiting.days"]
    terms = [] if takes_off else [name for name, led in draft.term_clauses.items() if led == number]

    with pytest.raises(InvalidInput):
        drafting.set_clause(
            draft.pk, number, texts, terms=terms, digest=digest_of(draft), by=staff("supervisor"), at=NOW
        )
    assert now(draft).clauses == draft.clauses


def test_questions_and_the_term_that_names_them_change_together(draft, staff):
    asked = [{"key": "new", "zh": "新?", "en": "New?"}, *draft.questions[:2]]

    drafting.set_questions(draft.pk, asked, digest=digest_of(draft), by=staff("supervisor"), at=NOW)

    assert now(draft).questions == asked
    assert now(draft).terms["health.questions"] == [one["key"] for one in asked]
    with pytest.raises(InvalidInput):
        drafting.set_terms(
            draft.pk, {"health.questions": []}, digest=digest_of(now(draft)), by=staff("supervisor"), at=NOW
        )


def test_the_order_of_the_questions_is_a_change_too(draft, staff):
    turned = draft.questions[::-1]
    drafting.set_questions(draft.pk, turned, digest=digest_of(draft), by=staff("supervisor"), at=NOW)

    assert now(draft).questions == turned


def test_a_name_of_the_plan_is_taken_once(draft, shipped, staff):
    with pytest.raises(InvalidInput):
        drafting.rename(
            draft.pk, shipped.version, in_force_from=DAY, digest=digest_of(draft), by=staff("supervisor"), at=NOW
        )
    drafting.rename(draft.pk, "2027.9", in_force_from=DAY, digest=digest_of(draft), by=staff("supervisor"), at=NOW)
    assert now(draft).version == "2027.9"


class TestTwoPeople:
    def test_whoever_edited_does_not_publish(self, draft, staff):
        drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=digest_of(draft), by=staff("supervisor", 2), at=NOW)
        said = digest_of(now(draft))

        for author in (1, 2):
            with pytest.raises(SamePerson):
                drafting.publish(draft.pk, digest=said, by=staff("supervisor", author), at=NOW)
        assert drafting.publish(draft.pk, digest=said, by=staff("supervisor", 3), at=NOW).published_at == NOW

    def test_the_database_knows_it_too(self, draft, staff):
        editor = staff("supervisor", 2)
        drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=digest_of(draft), by=editor, at=NOW)

        with pytest.raises(DatabaseError, match="covenant_publisher_did_not_edit_it"), transaction.atomic():
            Covenant.objects.filter(pk=draft.pk).update(published_by=editor, published_at=NOW)

    def test_an_edit_is_not_put_down_to_somebody_else(self, draft, staff):
        drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=digest_of(draft), by=staff("supervisor"), at=NOW)

        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            CovenantEdit.objects.update(by=staff("supervisor", 2))

    def test_what_is_published_is_what_was_read(self, draft, staff):
        read = digest_of(draft)
        drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=read, by=staff("supervisor"), at=NOW)

        with pytest.raises(DraftChanged):
            drafting.publish(draft.pk, digest=read, by=staff("supervisor", 3), at=NOW)
        assert now(draft).published_at is None


def test_a_published_version_is_edited_and_thrown_away_no_more(draft, staff):
    plans.publish(draft.pk, by=staff("supervisor", 2), at=NOW)
    by, said = staff("supervisor"), digest_of(draft)

    with pytest.raises(CovenantPublished):
        drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=said, by=by, at=NOW)
    with pytest.raises(CovenantPublished):
        drafting.publish(draft.pk, digest=said, by=staff("supervisor", 3), at=NOW)
    with pytest.raises(CovenantPublished):
        drafting.discard(draft.pk, by=by, at=NOW)


def test_a_draft_is_thrown_away_with_its_edits(draft, staff):
    drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=digest_of(draft), by=staff("supervisor"), at=NOW)

    drafting.discard(draft.pk, by=staff("supervisor", 2), at=NOW)

    assert not Covenant.objects.filter(pk=draft.pk).exists()
    assert not CovenantEdit.objects.exists()


@pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "auditor", "administrator", "investigator"])
def test_only_supervisors_write_drafts(draft, shipped, staff, role):
    by, said = staff(role), digest_of(draft)
    for attempt in (
        lambda: drafting.copy(shipped.pk, "x", in_force_from=DAY, by=by, at=NOW),
        lambda: drafting.rename(draft.pk, "x", in_force_from=DAY, digest=said, by=by, at=NOW),
        lambda: drafting.set_terms(draft.pk, {"waiting.days": 1}, digest=said, by=by, at=NOW),
        lambda: drafting.set_clause(draft.pk, "1.1", {}, terms=[], digest=said, by=by, at=NOW),
        lambda: drafting.remove_clause(draft.pk, "1.1", digest=said, by=by, at=NOW),
        lambda: drafting.set_questions(draft.pk, [], digest=said, by=by, at=NOW),
        lambda: drafting.publish(draft.pk, digest=said, by=by, at=NOW),
        lambda: drafting.discard(draft.pk, by=by, at=NOW),
    ):
        with pytest.raises(NotPermitted):
            attempt()
    assert digest_of(now(draft)) == said
