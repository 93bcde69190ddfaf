import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from config.kernel import outbox
from config.kernel.models import Outbox, OutboxState
from members.enums import Recipient
from members.models import Message
from members.rules.codes import Code
from members.services.messages import post, render, send
from members.services.templates import CODES, TEMPLATES
from tests.members.conftest import at

NOW = at("2025-04-22 09:00")
FORBIDDEN = re.compile(r"保险|理赔|赔付|拒赔|保额|投保|保费|premium|insur|policyholder|claim", re.IGNORECASE)

FACTS = {
    "kind": "supplement",
    "due_at": at("2025-05-07").isoformat(),
    "due_on": "2025-05-06",
    "ends_on": "2025-04-29",
    "codes": ["BANK_CARD", "IMAGING"],
    "faults": {"IMAGING": "unreadable", "BANK_CARD": "wrong_person"},
    "ground": "WAITING_PERIOD",
    "clauses": ["3.1", "3.2"],
    "finding": "upheld",
    "step": "reviewing",
    "code": "missing_paper",
    "fen": 3_000_000,
    "rows": 12,
    "until": "2025-05-06",
    "post": "first_review",
    "month": "2025-04",
    "days": 3,
    "since": "2025-05-06",
    "who": "方正",
}


@pytest.fixture
def member(admit, applicant):
    return admit(applicant(email="wu@example.org")).member


@pytest.mark.django_db
class TestPosting:
    def test_a_message_is_a_row_with_facts_and_no_wording(self, member):
        post("publicity_started", member=member, about="C-1", facts={"ends_on": date(2025, 4, 29)}, at=NOW)

        message = Message.objects.get()
        assert (message.to, message.member, message.about) == ("member", member, "C-1")
        assert message.facts == {"ends_on": "2025-04-29"}
        assert message.created_at == NOW

    def test_an_address_makes_it_an_e_mail_too(self, member):
        message = post("publicity_started", member=member, about="C-1", facts={"ends_on": "2025-04-29"}, at=NOW)

        item = Outbox.objects.get()
        assert (item.topic, item.ref, item.state, item.retry_at) == ("message", message.pk, "pending", NOW)

    def test_who_has_no_address_reads_it_in_the_desk_alone(self, admit, staff):
        post("payment_due", to=Recipient.FINANCE, at=NOW)
        post("payment_due", user=staff("finance"), at=NOW)
        post("publicity_started", member=admit().member, facts={"ends_on": "2025-04-29"}, at=NOW)

        assert (Message.objects.count(), Outbox.objects.count()) == (3, 0)

    def test_a_rolled_back_cause_leaves_neither(self, member):
        with transaction.atomic():
            post("publicity_started", member=member, facts={"ends_on": "2025-04-29"}, at=NOW)
            transaction.set_rollback(True)

        assert (Message.objects.count(), Outbox.objects.count()) == (0, 0)

    def test_an_unknown_template_is_a_programming_error(self, member):
        with pytest.raises(KeyError):
            post("greetings", member=member, at=NOW)

    def test_a_fact_that_the_wording_needs_is_there(self, member):
        with pytest.raises(ValueError, match="ends_on"):
            post("publicity_started", member=member, at=NOW)

    def test_a_message_has_one_addressee(self, member, staff):
        with pytest.raises(IntegrityError, match="message_has_one_addressee"), transaction.atomic():
            post("payment_due", at=NOW)
        with pytest.raises(IntegrityError, match="message_has_one_addressee"), transaction.atomic():
            post("payment_due", member=member, user=staff("finance"), at=NOW)


@pytest.mark.django_db
class TestReading:
    @pytest.mark.parametrize("template", TEMPLATES)
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_every_template_reads_without_a_gap_or_a_forbidden_word(self, member, template, language):
        message = post(template, member=member, about="C-1", facts=FACTS, at=NOW)

        for text in render(message, language):
            assert "%(" not in text
            assert not FORBIDDEN.search(text)
        of_a_month = template.startswith("monthly_report")
        assert ("2025" if of_a_month else "C-1") in render(message, language)[0]

    def test_the_name_is_masked_and_read_from_its_row(self, member):
        message = post("approval", member=member, about="C-1", facts=FACTS, at=NOW)
        assert "吴*漫" in render(message, "en")[1]

        member.name = "吴大名"
        member.save()

        _subject, body = render(Message.objects.get(), "en")
        assert "吴*名" in body
        assert "吴大名" not in body

    def test_amounts_and_days_are_read_as_people_write_them(self, member):
        _, paid = render(post("payout_sent", member=member, about="C-1", facts=FACTS, at=NOW), "en")
        _, due = render(post("reminder", member=member, about="C-1", facts=FACTS, at=NOW), "en")

        assert "CNY 30,000" in paid
        assert "6 May 2025" in due
        assert "2025-05-07" not in due

    def test_codes_are_read_as_words(self, member):
        _, body = render(post("supplement", member=member, about="C-1", facts=FACTS, at=NOW), "en")

        assert "bank card, imaging" in body

    def test_the_same_code_means_what_its_message_is_about(self, member):
        _, objection = render(post("objection_result", member=member, about="C-1", facts=FACTS, at=NOW), "en")
        _, appeal = render(post("appeal_decided", member=member, about="C-1", facts=FACTS, at=NOW), "en")

        assert "upheld" in objection
        assert "the refusal stands" in appeal

    def test_a_role_is_greeted_as_a_role(self):
        assert "finance" in render(post("payment_due", to=Recipient.FINANCE, about="C-1", at=NOW), "en")[1]

    def test_every_code_of_a_case_and_every_paper_has_words(self):
        asked_at_joining = {
            "AGE_BELOW_MINIMUM",
            "AGE_ABOVE_MAXIMUM",
            "DECLARATION_NOT_MET",
            "BIRTH_CERTIFICATE",
            "EXAM_REPORT",
        }
        asked_by_no_rule = {"TRANSPLANT_RECORD", "GUARDIANSHIP", "HEIRSHIP"}
        assert set(CODES) == {code.value for code in Code} - asked_at_joining | asked_by_no_rule


@pytest.mark.django_db
class TestMailing:
    def test_an_e_mail_carries_the_sentence_and_the_items_id(self, member):
        post("publicity_started", member=member, about="C-1", facts=FACTS, at=NOW)

        assert outbox.deliver(at=NOW) == 1

        (sent,) = mail.outbox
        assert sent.to == ["wu@example.org"]
        assert sent.body.rstrip().endswith("互助计划不是保险")
        assert sent.message()["Message-ID"].startswith(f"<outbox-{Outbox.objects.get().pk}@")
        assert Outbox.objects.get().state == OutboxState.DONE

    def test_a_second_copy_has_the_id_of_the_first(self, member):
        post("publicity_started", member=member, about="C-1", facts=FACTS, at=NOW)
        post("approval", member=member, about="C-1", facts=FACTS, at=NOW)
        first, second = Outbox.objects.order_by("pk")

        for item in (first, first, second):
            send(item)

        ids = [sent.message()["Message-ID"] for sent in mail.outbox]
        assert ids[0] == ids[1] != ids[2]

    def test_the_address_is_that_of_the_moment(self, member):
        post("approval", member=member, about="C-1", facts=FACTS, at=NOW)
        member.email = "new@example.org"
        member.save()

        outbox.deliver(at=NOW)

        assert mail.outbox[0].to == ["new@example.org"]

    def test_a_member_who_took_the_address_back_is_not_written_to(self, member):
        post("approval", member=member, about="C-1", facts=FACTS, at=NOW)
        member.email = ""
        member.save()

        outbox.deliver(at=NOW)

        assert mail.outbox == []
        assert Outbox.objects.get().state == OutboxState.DONE

    def test_a_server_that_refuses_is_tried_again_and_no_log_names_the_address(self, member, settings, caplog):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
        post("approval", member=member, about="C-1", facts=FACTS, at=NOW)

        outbox.deliver(at=NOW)

        item = Outbox.objects.get()
        assert (item.state, item.attempts, item.last_error) == ("pending", 1, "ConnectionRefusedError")
        assert item.retry_at == NOW + timedelta(seconds=30)
        assert "wu@example.org" not in caplog.text

    def test_an_e_mail_to_staff_goes_to_their_address(self, staff):
        clerk = staff("finance")
        clerk.email = "finance@example.org"
        clerk.save()

        post("payment_due", user=clerk, about="C-1", at=NOW)
        outbox.deliver(at=NOW)

        assert mail.outbox[0].to == ["finance@example.org"]
