"""No personal data where it has no business: logs, messages on the broker, and the database's own bytes."""

import json
import logging
from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import connection
from django.forms import Textarea

from claims.enums import State
from claims.models import Claim
from config.kernel import sweeping
from config.kernel.forms import MoveForm
from tests.factories import at, case_in, membership

NAME, NUMBER_TAIL, PHONE, CARD = "吴小漫", "19800520", "13800138000", "6222020200112230"
NOTES = "右叶乳头状癌"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def stored_text(*, leaving_out: tuple[str, ...] = ()) -> str:
    """Every row of every table as PostgreSQL prints it, encrypted columns as their bytes."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in leaving_out]
        rows: list[str] = []
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


@pytest.mark.django_db
def test_a_case_from_report_to_approval_leaves_no_personal_number_in_the_database() -> None:
    claim = case_in(State.PUBLICISED)
    Claim.objects.filter(pk=claim.pk).update(notes=NOTES)

    bytes_on_disk = stored_text()

    for number in (NUMBER_TAIL, PHONE, CARD, NOTES):
        assert number not in bytes_on_disk
    assert Claim.objects.get(pk=claim.pk).notes == NOTES


@pytest.mark.django_db
def test_the_name_stands_in_the_members_row_and_nowhere_else() -> None:
    case_in(State.PUBLICISED)

    assert NAME in stored_text()
    assert NAME not in stored_text(leaving_out=("members_member",))


@pytest.mark.django_db
def test_nothing_personal_is_logged_from_report_to_approval(told: pytest.LogCaptureFixture) -> None:
    claim = case_in(State.PUBLICISED)
    sweeping.ring(at=at("2025-04-30"), only=claim.pk)

    for word in (NAME, NUMBER_TAIL, PHONE, CARD):
        assert word not in told.text


@pytest.mark.django_db
def test_a_member_prints_masked() -> None:
    member = membership().member

    shown = f"{member} {member!r}"

    assert NAME not in shown
    assert "吴*漫" in shown


@pytest.mark.django_db(transaction=True)
def test_the_bell_carries_no_argument_at_all() -> None:
    case_in(State.COLLECTING)

    with current_app.connection_for_write() as broker:
        waiting = [broker.default_channel.client.lrange("celery", index, index) for index in range(20)]

    messages = [json.loads(raw[0]) for raw in waiting if raw]
    assert messages, "the bell was not heard"
    assert {message["headers"]["argsrepr"] for message in messages} == {"()"}


MAY_STAY_IN_THE_BROWSER = {
    "Reason.reason",  # why an export is declined
    *("Against.reason", "Because.reason", "MaybeBecause.reason", "PassReview.reason", "Publish.reason"),
    *("Refuse.contrary", "Refuse.reason", "Resolve.reason", "ReturnTo.reason", "DecideAppeal.reason"),
    *("WithdrawEvidence.reason", "ProposeCorrection.reason", "Clause.en", "Clause.zh"),
    *("Reassign.because", "Reassign.reason", "ReturnReport.reason", "SendOut.reason", "DeclareConflict.reason"),
}
"""Long texts that are kept until they have arrived: reasons, which name no illness, and what everybody may read."""


def _forms(of: type[MoveForm]) -> Iterator[type[MoveForm]]:
    for form in of.__subclasses__():
        yield form
        yield from _forms(form)


def test_every_other_long_text_is_private() -> None:
    texts = {
        f"{form.__name__}.{name}": field.widget.attrs
        for form in _forms(MoveForm)
        if form.__module__.partition(".")[0] != "tests"
        for name, field in form.base_fields.items()
        if isinstance(field.widget, Textarea)
    }
    assert {name for name, attrs in texts.items() if "data-private" not in attrs} == MAY_STAY_IN_THE_BROWSER
    assert len(texts) > len(MAY_STAY_IN_THE_BROWSER)
