from datetime import timedelta

import pytest
from django.core import mail

from config.kernel import sweeping
from config.kernel.models import Outbox
from members import tasks
from members.services.messages import post
from tests.members.conftest import at

pytestmark = pytest.mark.django_db

NOW = at("2025-04-22 09:00")


@pytest.fixture
def waiting(admit, applicant):
    member = admit(applicant(email="wu@example.org")).member
    return post("approval", member=member, about="C-1", facts={"fen": 100}, at=NOW)


def test_messages_are_due_when_they_were_left_and_sent_once(waiting):
    assert sweeping._sweeps["members.deliver_messages"].next_due(only=None) == NOW
    assert sweeping.run("members.deliver_messages", at=NOW - timedelta(seconds=1)) == 0

    assert sweeping.run("members.deliver_messages", at=NOW) == 1

    assert sweeping.run("members.deliver_messages", at=NOW) == 0
    assert len(mail.outbox) == 1


def test_the_sweep_of_one_case_sends_no_mail(waiting):
    sweep = sweeping._sweeps["members.deliver_messages"]

    assert sweep.next_due(only=1) is None
    assert sweep.run(at=NOW + timedelta(days=365), only=1) == 0

    assert mail.outbox == []
    assert Outbox.objects.get().attempts == 0


def test_the_task_does_what_the_sweep_does(waiting):
    assert tasks.deliver_messages.name == "members.deliver_messages"

    assert tasks.deliver_messages() == 1

    assert len(mail.outbox) == 1
