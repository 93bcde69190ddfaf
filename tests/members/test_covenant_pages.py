"""The pages of a covenant: read, compared, drafted in forms, published by somebody else."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from config.kernel.civil import civil_date
from config.kernel.clock import database_now
from config.kernel.models import User
from members.forms import drafts
from members.models import Covenant
from members.services import drafting, plans
from members.services.drafting import digest_of
from tests.factories import JOINED, look, membership, plan, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def day() -> date:
    return civil_date(database_now()) + timedelta(days=30)


@pytest.fixture
def shipped() -> Covenant:
    return plans.covenant_on(plan(), JOINED.date())


@pytest.fixture
def draft(shipped: Covenant, day: date) -> Covenant:
    return drafting.copy(shipped.pk, "2099.1", in_force_from=day, by=staff("supervisor"), at=database_now())


def client_of(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(covenant: Covenant) -> str:
    return reverse("admin:members_covenant_change", args=[covenant.pk])


def move(covenant: Covenant, name: str) -> str:
    return reverse("admin:members_covenant_move", args=[covenant.pk, name, covenant.pk])


def now(draft: Covenant) -> Covenant:
    return Covenant.objects.get(pk=draft.pk)


def typed(form: Any, **changes: Any) -> dict[str, Any]:
    """What a browser sends of a form that was opened and changed in some fields; None empties a box."""
    said = form.merged(form.row).data.copy()
    for name, value in changes.items():
        if value is None:
            said.pop(name, None)
        else:
            said.setlist(name, value if isinstance(value, list) else [value])
    return {name: said.getlist(name) for name in said}


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def test_the_page_says_every_term_in_words_with_its_clause(shipped: Covenant) -> None:
    client = client_of(staff("auditor"))
    client.cookies["django_language"] = "en"
    text = text_of(client.get(page(shipped)))

    assert "Waiting period" in text
    assert "90 days" in text
    assert "CNY 50,000, CNY 100,000, CNY 300,000" in text
    assert "30%" in text
    assert "calendar days" in text
    for number in shipped.clauses:
        assert shipped.clause_text(number, "en").split(".")[0].replace("'", "&#x27;") in text
    assert shipped.questions[0]["en"] in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_question_is_named_by_its_words_beside_its_code(draft: Covenant, language: str) -> None:
    asked = [*draft.questions[1:], {"key": "sleep", "zh": "睡得好吗?", "en": "Do you sleep well?"}]
    drafting.set_questions(draft.pk, asked, digest=digest_of(draft), by=draft.drafted_by, at=database_now())
    client = client_of(staff("auditor"))
    client.cookies["django_language"] = "en" if language == "en" else "zh-hans"

    panels = client.get(page(draft)).context["panels"]
    html = {part["panel"].name: str(part["html"]) for part in panels}
    new, old = ("sleep", asked[-1][language]), (draft.questions[0]["key"], draft.questions[0][language])
    for name, expected in (("terms", [new]), ("compared", [new, old]), ("written", [new, old])):
        for code, words in expected:
            assert re.search(rf"{code}\s*[(（]{re.escape(escape(words))}", html[name]), (name, code)


def test_whom_a_version_binds_is_counted(shipped: Covenant) -> None:
    member = membership()
    membership()
    member.consents.create(purpose="covenant", covenant=shipped, given_at=JOINED)
    response = client_of(staff("auditor")).get(page(shipped))

    bound = next(part for part in response.context["panels"] if part["panel"].name == "bound")["html"]
    assert (">2 " in bound, ">1 " in bound) == (True, True)


@pytest.mark.parametrize(("days", "running"), [(-1, 1), (0, 2), (1, 2)])
def test_a_membership_runs_to_its_last_day(shipped: Covenant, days: int, running: int) -> None:
    ending, _other = membership(), membership()
    ending.ended_on, ending.end_reason = civil_date(database_now()) + timedelta(days=days), "left"
    ending.save(update_fields=["ended_on", "end_reason"])

    text = text_of(client_of(staff("auditor")).get(page(shipped)))

    assert f"<dd>{running}</dd>" in text.partition('id="bound"')[2].partition("</section>")[0]


def test_what_was_changed_added_and_left_out_is_marked_in_words(draft: Covenant, shipped: Covenant) -> None:
    by = draft.drafted_by
    texts = {"zh": "全新条款", "en": "A new clause"}
    drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=digest_of(draft), by=by, at=database_now())
    drafting.set_clause(draft.pk, "99.1", texts, terms=[], digest=digest_of(now(draft)), by=by, at=database_now())
    client = client_of(staff("auditor"))
    client.cookies["django_language"] = "en"

    def compared(url: str) -> str:
        panels = client.get(url).context["panels"]
        return next(str(part["html"]) for part in panels if part["panel"].name == "compared")

    html = compared(page(draft))
    assert "<del>90 days</del>" in html
    assert "<ins>180 days</ins>" in html
    assert "<ins>A new clause</ins>" in html
    assert (">changed<" in html, ">added<" in html, ">left out<" in html) == (True, True, False)
    assert "These terms have changed, but the text of their clause has not" in html

    turned = compared(f"{page(shipped)}?with={draft.pk}")
    assert "<del>180 days</del>" in turned
    assert ">left out<" in turned
    assert "There is no version before this one." in compared(page(shipped))


def test_a_draft_is_made_from_a_version(shipped: Covenant, day: date) -> None:
    client = client_of(staff("supervisor"))
    response = client.post(move(shipped, "copy"), {"name": "2099.2", "in_force_from": day.isoformat()})

    made = Covenant.objects.get(version="2099.2")
    assert response.headers["location"] == page(made)
    assert made.terms == shipped.terms
    assert client.post(move(shipped, "copy"), {"name": "x~y", "in_force_from": day.isoformat()}).status_code == 200
    assert client.post(move(shipped, "copy"), {"name": "old", "in_force_from": "2020-01-01"}).status_code == 409


class TestTerms:
    def test_there_is_a_field_for_each_term_with_its_value_unit_and_clause(self, draft: Covenant) -> None:
        client = client_of(draft.drafted_by)
        client.cookies["django_language"] = "en"
        form = client.get(move(draft, "terms")).context["form"]

        assert set(form.fields) == {"digest", *draft.terms} - {"health.questions"}
        field = form["waiting.days"]
        assert (field.label, field.value()) == ("Length", 90)
        assert str(field.help_text) == f"days · clause {draft.term_clauses['waiting.days']}"

    def test_an_untouched_form_changes_nothing(self, draft: Covenant) -> None:
        client = client_of(draft.drafted_by)
        assert client.post(move(draft, "terms"), typed(drafts.Terms(row=draft, look=look()))).status_code == 302
        assert digest_of(now(draft)) == digest_of(draft)
        assert not draft.edits.exists()

    def test_every_kind_of_value_is_written(self, draft: Covenant) -> None:
        said = typed(
            drafts.Terms(row=draft, look=look()),
            **{
                "waiting.days": "180",
                "waiting.accident_exempt": None,
                "tiers.fen": "50000、10万元",
                "supplement.unit": "working",
                "supplement.reminders": "3, 7",
                "thyroid.t": "T1, T1a",
                "ratio.in_situ": "20",
                "authority.reviewer_fen": "150000",
                "diseases.mild": draft.terms["diseases.mild"][1:],
                "materials.by_disease": "malignant_tumor: imaging",
            },
        )
        response = client_of(draft.drafted_by).post(move(draft, "terms"), said)

        assert response.status_code == 302
        assert {name: value for name, value in now(draft).terms.items() if value != draft.terms[name]} == {
            "waiting.days": 180,
            "waiting.accident_exempt": False,
            "tiers.fen": [5_000_000, 10_000_000],
            "supplement.unit": "working",
            "supplement.reminders": [3, 7],
            "thyroid.t": ["T1", "T1a"],
            "ratio.in_situ": 20,
            "authority.reviewer_fen": 15_000_000,
            "diseases.mild": draft.terms["diseases.mild"][1:],
            "materials.by_disease": {"malignant_tumor": ["imaging"]},
        }

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ratio.mild", "130"),
            ("waiting.days", "viele"),
            ("tiers.fen", "0"),
            ("tiers.fen", ""),
            ("supplement.reminders", "3, 3"),
            ("materials.by_disease", "malignant_tumor: horoscope"),
            ("funding.mode", "lottery"),
        ],
    )
    def test_what_does_not_fit_is_said_beside_its_field(self, draft: Covenant, name: str, value: str) -> None:
        said = typed(drafts.Terms(row=draft, look=look()), **{name: value})
        response = client_of(draft.drafted_by).post(move(draft, "terms"), said)

        assert response.status_code == 200
        assert list(response.context["form"].errors) == [name]
        assert digest_of(now(draft)) == digest_of(draft)

    def test_of_two_editors_the_second_sees_the_firsts_change_beside_his_own(self, draft: Covenant) -> None:
        other = staff("supervisor")
        first = typed(drafts.Terms(row=draft, look=look()), **{"waiting.days": "180"})
        second = typed(drafts.Terms(row=draft, look=look()), **{"report.days": "20"})
        assert client_of(draft.drafted_by).post(move(draft, "terms"), first).status_code == 302

        client = client_of(other)
        response = client.post(move(draft, "terms"), second)

        assert response.status_code == 409
        assert draft.drafted_by.username in text_of(response)
        form = response.context["form"]
        assert (form["waiting.days"].value(), form["report.days"].value()) == ("180", "20")
        assert now(draft).terms["report.days"] == 10

        again = {name: form.data.getlist(name) for name in form.data}
        assert client.post(move(draft, "terms"), again).status_code == 302
        assert (now(draft).terms["waiting.days"], now(draft).terms["report.days"]) == (180, 20)

    def test_a_list_that_was_empty_keeps_what_was_ticked_through_an_error(self, draft: Covenant) -> None:
        drafting.set_terms(
            draft.pk,
            {"certificate.specialist_for": []},
            digest=digest_of(draft),
            by=draft.drafted_by,
            at=database_now(),
        )
        said = typed(
            drafts.Terms(row=now(draft), look=look()),
            **{"certificate.specialist_for": ["severe_alzheimer"], "ratio.mild": "130"},
        )
        client = client_of(draft.drafted_by)
        shown = client.post(move(draft, "terms"), said).context["form"]

        html = str(shown["certificate.specialist_for"])
        assert 'name="initial-certificate.specialist_for"' in html
        assert 'name="initial-certificate.specialist_for" value="severe' not in html

    def test_a_mistake_is_said_once_at_the_head_and_once_at_its_field(self, draft: Covenant) -> None:
        client = client_of(draft.drafted_by)
        client.cookies["django_language"] = "en"
        text = text_of(
            client.post(move(draft, "terms"), typed(drafts.Terms(row=draft, look=look()), **{"waiting.days": "x"}))
        )
        assert text.count("Look at the marked fields") == 1
        assert text.count('name="digest"') == 1


class TestClauses:
    def test_the_clause_that_the_address_names_is_changed(self, draft: Covenant) -> None:
        number, client = draft.term_clauses["waiting.days"], client_of(draft.drafted_by)
        url = f"{move(draft, 'clause')}?clause={number}"
        form = client.get(url).context["form"]
        assert form["zh"].value() == draft.clause_text(number, "zh")
        assert "number" not in form.fields

        said = typed(form, zh="等待期为180天。", en="The waiting period is 180 days.")
        assert client.post(url, said).status_code == 302
        assert now(draft).clauses[number] == {"zh": "等待期为180天。", "en": "The waiting period is 180 days."}
        assert now(draft).term_clauses == draft.term_clauses

    def test_a_new_one_takes_terms_off_others(self, draft: Covenant) -> None:
        client = client_of(draft.drafted_by)
        said = {"digest": digest_of(draft), "number": "4.9", "zh": "新", "en": "New", "terms": ["waiting.days"]}
        assert client.post(move(draft, "clause"), {**said, "number": "4.1"}).status_code == 200
        assert client.post(move(draft, "clause"), said).status_code == 302
        assert now(draft).term_clauses["waiting.days"] == "4.9"

    @pytest.mark.parametrize(
        ("language", "text", "word"),
        [("zh", "等待期内不予理赔。", "理赔"), ("en", "The insured waits.", "insured")],
    )
    def test_a_word_of_another_trade_is_refused_beside_its_field(
        self, draft: Covenant, language: str, text: str, word: str
    ) -> None:
        number, client = draft.term_clauses["waiting.days"], client_of(draft.drafted_by)
        url = f"{move(draft, 'clause')}?clause={number}"
        response = client.post(url, typed(client.get(url).context["form"], **{language: text}))
        assert list(response.context["form"].errors) == [language]
        assert f"“{word}”" in str(response.context["form"].errors[language])
        assert now(draft).clauses == draft.clauses

    def test_what_the_plan_may_say_of_itself_is_let_through(self, draft: Covenant) -> None:
        number, client = draft.term_clauses["waiting.days"], client_of(draft.drafted_by)
        url = f"{move(draft, 'clause')}?clause={number}"
        assert client.post(url, typed(client.get(url).context["form"], zh="互助计划不是保险。")).status_code == 302

    def test_one_that_a_term_leads_to_is_not_left_out(self, draft: Covenant) -> None:
        number, client = draft.term_clauses["waiting.days"], client_of(draft.drafted_by)
        url = f"{move(draft, 'clause')}?clause={number}"
        said = typed(client.get(url).context["form"], remove="on")
        assert client.post(url, said).status_code == 409
        assert number in now(draft).clauses


class TestQuestions:
    def test_are_reworded_left_out_and_added_at_once(self, draft: Covenant) -> None:
        one, two = (question["key"] for question in draft.questions[:2])
        said = typed(
            drafts.Questions(row=draft, look=look()),
            **{f"zh-{one}": "改过?", f"drop-{two}": "on", "key": "new", "zh": "新?", "en": "N?"},
        )
        assert client_of(draft.drafted_by).post(move(draft, "questions"), said).status_code == 302

        asked = now(draft).questions
        assert asked[0] == {**draft.questions[0], "zh": "改过?"}
        assert asked[-1] == {"key": "new", "zh": "新?", "en": "N?"}
        assert len(asked) == len(draft.questions)
        assert two not in now(draft).terms["health.questions"]

    def test_a_word_of_another_trade_is_refused_in_old_and_new_ones(self, draft: Covenant) -> None:
        one = draft.questions[0]["key"]
        said = typed(
            drafts.Questions(row=draft, look=look()),
            **{f"en-{one}": "Are you insured?", "key": "new", "zh": "有保单?", "en": "N?"},
        )
        response = client_of(draft.drafted_by).post(move(draft, "questions"), said)
        assert set(response.context["form"].errors) == {f"en-{one}", "zh"}

    def test_a_new_one_needs_all_its_parts(self, draft: Covenant) -> None:
        said = typed(drafts.Questions(row=draft, look=look()), key="new", zh="新?")
        response = client_of(draft.drafted_by).post(move(draft, "questions"), said)
        assert list(response.context["form"].errors) == ["en"]

    def test_a_form_that_is_behind_is_told_so_even_where_it_lacks_a_question(self, draft: Covenant) -> None:
        said = typed(drafts.Questions(row=draft, look=look()))
        asked = [*draft.questions, {"key": "new", "zh": "新?", "en": "New?"}]
        drafting.set_questions(draft.pk, asked, digest=digest_of(draft), by=draft.drafted_by, at=database_now())
        response = client_of(staff("supervisor")).post(move(draft, "questions"), said)
        assert response.status_code == 409
        assert now(draft).questions == asked


class TestPublishing:
    def test_no_author_publishes_and_each_is_told_why(self, draft: Covenant) -> None:
        editor = staff("supervisor")
        drafting.set_terms(draft.pk, {"waiting.days": 180}, digest=digest_of(draft), by=editor, at=database_now())
        for author in (draft.drafted_by, editor):
            client = client_of(author)
            offers = {offer.move.name: offer for offer, _url in client.get(page(draft)).context["offers"]}
            assert [no.code for no in offers["publish"].refusals] == ["SAME_PERSON"]
            said = {"digest": digest_of(now(draft)), "read": "on"}
            assert client.post(move(draft, "publish"), said).status_code == 409
        assert now(draft).published_at is None

    def test_somebody_else_publishes_what_he_has_read(self, draft: Covenant) -> None:
        client = client_of(publisher := staff("supervisor"))
        said = {"digest": digest_of(draft)}
        assert client.post(move(draft, "publish"), said).status_code == 200
        assert client.post(move(draft, "publish"), {**said, "read": "on", "digest": "x"}).status_code == 409
        assert client.post(move(draft, "publish"), {**said, "read": "on"}).status_code == 302
        assert now(draft).published_by == publisher
        offers = {offer.move.name for offer, _url in client.get(page(draft)).context["offers"]}
        assert offers == {"copy"}

    def test_a_draft_is_thrown_away(self, draft: Covenant) -> None:
        response = client_of(staff("supervisor")).post(move(draft, "discard"))
        assert response.headers["location"] == reverse("admin:members_covenant_changelist")
        assert not Covenant.objects.filter(pk=draft.pk).exists()


class TestList:
    def states(self, query: str = "") -> dict[str, str]:
        client = client_of(staff("auditor"))
        client.cookies["django_language"] = "en"
        response = client.get(reverse("admin:members_covenant_changelist") + query)
        admin = response.context["cl"].model_admin
        return {f"{row.plan.code} {row.version}": admin.state(row) for row in response.context["cl"].result_list}

    def test_says_what_is_in_force_and_leaves_try_outs_out(self, draft: Covenant, shipped: Covenant) -> None:
        trial = plans.derive(shipped, {"waiting.days": 3}, at=JOINED)
        later = drafting.copy(
            shipped.pk, "2099.0", in_force_from=draft.in_force_from, by=draft.drafted_by, at=database_now()
        )
        plans.publish(later.pk, by=staff("supervisor"), at=database_now())

        assert self.states() == {
            "meituan 2010.1": "in force",
            "qingsong 2010.1": "in force",
            "xianghu 2010.1": "in force",
            "qingsong 2099.0": "published, to come",
            "qingsong 2099.1": "draft",
        }
        assert self.states("?versions=tried_out") == {f"qingsong {trial.version}": "tries out other figures"}
        assert self.states("?versions=drafts") == {"qingsong 2099.1": "draft"}

    def test_a_version_that_another_followed_is_superseded(self, draft: Covenant, shipped: Covenant) -> None:
        """The day comes: written as the founders' versions are, for a day that is past."""
        wording = plans.wording_of(shipped)
        newer = plans.write(
            shipped.plan, "2020.1", wording, in_force_from=date(2020, 1, 1), by=draft.drafted_by, at=JOINED
        )
        plans.sign(newer, by=staff("supervisor"), at=JOINED)

        states = self.states()
        assert (states["qingsong 2010.1"], states["qingsong 2020.1"]) == (
            "superseded for whoever joins now",
            "in force",
        )


def test_the_page_asks_as_much_for_many_edits_and_versions_as_for_one(draft: Covenant, day: date) -> None:
    client = client_of(staff("auditor"))

    def queries() -> int:
        client.get(page(draft))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page(draft)).status_code == 200
        return len(asked)

    by = draft.drafted_by
    drafting.set_terms(draft.pk, {"waiting.days": 100}, digest=digest_of(draft), by=by, at=database_now())
    one = queries()
    for days in (110, 120, 130):
        editor = staff("supervisor")
        drafting.set_terms(draft.pk, {"waiting.days": days}, digest=digest_of(now(draft)), by=editor, at=database_now())
        drafting.copy(draft.pk, f"2099.{days}", in_force_from=day, by=editor, at=database_now())
    assert queries() == one
