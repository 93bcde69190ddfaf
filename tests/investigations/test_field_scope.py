"""Who gets what under /field/: every address, for every role, with one's own row, another agency's and none.

The tables are written by hand. What is added under /field/ is added here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from claims.enums import State
from claims.models import Claim, Material, PaperFile, Procedure, Reading
from config.kernel import files, sweeping
from investigations import services, urls
from investigations.models import Commission, CustodyEntry, Exhibit, Report
from tests.factories import (
    COMMISSIONED,
    REVIEWED,
    case_in,
    code_of,
    colleague_of,
    in_the_field,
    investigator_of,
    reported,
    signed_in,
    staff,
)
from tests.investigations.recordings import wav
from tests.investigations.uploading import TUS, kept
from tests.investigations.writing import typed
from tests.papers import jpeg, png

DOOR = {"sign-in", "code", "set-up", "sign-out"}
"""No second factor is needed here: it is what these are for."""

FOR_ANYBODY = {"worker", "offline"}
"""Of nobody: what a telephone keeps for when there is no line."""

LISTS = {
    "commissions": {"investigator": 200, "coordinator": 200, "other agency": 200},
    "notices": {"investigator": 200, "coordinator": 200, "other agency": 200},
    "hand-over": {"investigator": 404, "coordinator": 302, "other agency": 302},
}
"""Pages of no single row; what they list is asked below."""

READ: dict[str, dict[str, int]] = {
    "commission": {"investigator": 200, "coordinator": 200},
    "take": {"investigator": 302, "coordinator": 302},
    "decline": {"investigator": 200, "coordinator": 200},
    "assign": {"investigator": 404, "coordinator": 200},
    "reveal": {"investigator": 302, "coordinator": 302},
    "report": {"investigator": 200, "coordinator": 200},
    "letter": {"investigator": 200, "coordinator": 200},
    "letter-page": {"investigator": 200, "coordinator": 200},
    "paper-page": {"investigator": 200, "coordinator": 200},
    "uploads": {"investigator": 405, "coordinator": 405},
    "upload": {"investigator": 200, "coordinator": 200},
    "exhibit": {"investigator": 200, "coordinator": 200},
    "exhibit-page": {"investigator": 200, "coordinator": 200},
    "play": {"investigator": 200, "coordinator": 200},
}
"""GET of a row of the own agency that is given to nobody. Another agency's, a missing and an ended one are 404."""

NEVER_READ = {"uploads"}
"""Only posted to: GET is 405, whatever the row."""

POSTED: dict[str, dict[str, Any]] = {
    "take": {},
    "decline": {"code": "no_capacity", "reason": "x"},
    "assign": {},
    "reveal": {"number": "id_number", "reason": "x"},
    "report": typed(),
    "uploads": {},
}
READ_ONLY = {"commission", "letter", "letter-page", "paper-page", "exhibit", "exhibit-page", "play", "upload"}
"""POST is 405, whatever the row."""

ANSWERED_WHEN_ENDED = {"report"}
"""What was typed about an own commission that ended meanwhile is not thrown away: 409, with the text."""

EVIDENCE = {"uploads", "upload", "exhibit", "exhibit-page"}
"""Asked for by scripts and by the desk: no way to the sign-in, for whoever may not there is nothing."""

KEYED = {"stream"}
"""Opens with the key of a player alone, of which test_evidence_playing.py asks."""

AT_THE_DESK = {
    "reviewer": {"exhibit": 200, "exhibit-page": 200, "uploads": 404, "upload": 404},
    "supervisor": {"exhibit": 200, "exhibit-page": 200, "uploads": 404, "upload": 404},
    "auditor": {"exhibit": 200, "exhibit-page": 200, "uploads": 404, "upload": 404},
    "finance": {"exhibit": 404, "exhibit-page": 404, "uploads": 404, "upload": 404},
    "administrator": {"exhibit": 404, "exhibit-page": 404, "uploads": 404, "upload": 404},
    "intake": {"exhibit": 404, "exhibit-page": 404, "uploads": 404, "upload": 404},
}
"""GET of what was collected; every other address is 403."""


@dataclass
class Row:
    """A commission, with a letter and an exhibit, and a paper of another commission that is done by reading."""

    commission: Commission
    reading: Commission
    letter: int
    paper: int
    exhibit: int
    recording: int

    def address(self, name: str) -> str:
        pk = self.commission.pk
        keys: dict[str, list[int]] = {
            "letter": [pk, self.letter],
            "letter-page": [pk, self.letter, 1],
            "paper-page": [self.reading.pk, self.paper, 1],
            "upload": [self.exhibit],
            "exhibit": [self.exhibit],
            "exhibit-page": [self.exhibit, 1],
            "play": [self.recording],
            "stream": [self.recording],
        }
        return reverse(f"field:{name}", args=keys.get(name, [pk]))


def nothing(name: str, key: int) -> str:
    """The address of what does not exist."""
    more = {"letter": [1], "letter-page": [1, 1], "paper-page": [1, 1], "exhibit-page": [1]}
    return reverse(f"field:{name}", args=[key, *more.get(name, [])])


@dataclass
class Rows:
    own: Row
    ended: Row
    theirs: Row


@pytest.fixture
def rows(sent: Commission, store: Path) -> Rows:
    """Two of one agency, of which it declined one, and one of another: whoever has least to do is asked."""
    theirs = _commission_of(case_in(State.INVESTIGATING))
    ended = _commission_of(case_in(State.INVESTIGATING))
    assert ended.agency_id == sent.agency_id != theirs.agency_id
    found = Rows(_row(sent), _row(ended), _row(theirs))
    services.decline(ended.pk, reason="x", by=investigator_of(ended), at=COMMISSIONED + timedelta(hours=1))
    procedure = found.ended.reading.procedure
    procedure.closed_at = COMMISSIONED
    procedure.save(update_fields=["closed_at"])
    sweeping.run("investigations.close_commissions", at=COMMISSIONED, only=ended.claim_id)
    return found


def _commission_of(claim: Claim) -> Commission:
    return Commission.objects.select_related("agency").get(claim=claim)


def _row(sent: Commission) -> Row:
    stored, by = files.keep(png(), at=REVIEWED), staff("intake")
    letter = services.record_authorisation(
        sent.claim_id, signed_as="member", signed_on=REVIEWED.date(), scan=stored, by=by, at=REVIEWED
    )
    imaging = Material.objects.get(claim=sent.claim, kind="imaging")
    paper = PaperFile.objects.create(material=imaging, stored=stored)
    phone = in_the_field(investigator_of(sent))
    exhibit, recording = kept(phone, sent, jpeg()), kept(phone, sent, wav(100))
    return Row(sent, _reading(sent), letter.pk, paper.pk, exhibit.pk, recording.pk)


def _reading(sent: Commission) -> Commission:
    """The same agency is asked as an expert in the same case."""
    procedure = Procedure.objects.create(claim=sent.claim, kind="expert", opened_at=COMMISSIONED, sent_at=COMMISSIONED)
    same = {name: getattr(sent, name) for name in ("claim", "agency", "sent_by", "sent_at", "deadline")}
    made: Commission = Commission.objects.create(procedure=procedure, kind="expert", **same)
    return made


def everybody(rows: Rows) -> dict[str, Client]:
    """A browser for each who is let in at all."""
    return {
        "investigator": in_the_field(colleague_of(rows.own.commission).user),
        "coordinator": in_the_field(investigator_of(rows.own.commission)),
        "other agency": in_the_field(investigator_of(rows.theirs.commission)),
    }


def post(client: Client, name: str, url: str) -> int:
    headers = {**TUS, "Upload-Length": "10"} if name == "uploads" else {}
    return client.post(url, POSTED.get(name, {}), headers=headers).status_code


def everything() -> list[Any]:
    """What none of those who may not can change or be noted to have read."""
    models = (Commission, Report, Reading, Exhibit, CustodyEntry)
    return [list(model.objects.order_by("pk").values()) for model in models]


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns)
        else:
            yield str(one.name)


def test_the_tables_name_every_address() -> None:
    known = list(names(urls.urlpatterns))
    assert len(known) == len(set(known))
    assert set(known) == DOOR | FOR_ANYBODY | KEYED | set(LISTS) | set(READ)
    assert set(READ) == set(POSTED) | READ_ONLY
    assert not set(POSTED) & READ_ONLY


def test_a_page_opens_for_its_readers_and_is_not_found_by_others(rows: Rows) -> None:
    for role, client in everybody(rows).items():
        for name, may in LISTS.items():
            assert client.get(reverse(f"field:{name}")).status_code == may[role], (role, name)
        for name, may in READ.items():
            mine, foreign = (rows.theirs, rows.own) if role == "other agency" else (rows.own, rows.theirs)
            expected = READ[name]["coordinator"] if role == "other agency" else may[role]
            assert client.get(mine.address(name)).status_code == expected, (role, name)
            missing = 405 if name in NEVER_READ else 404
            others = [foreign.address(name), rows.ended.address(name)]
            for url in (*others, *(nothing(name, key) for key in (0, 10**9, 10**30))):
                assert client.get(url).status_code == missing, (role, url)


def test_what_is_posted_about_anothers_row_is_not_found_and_moves_nothing(rows: Rows) -> None:
    clients, before = everybody(rows), everything()
    for role, client in clients.items():
        foreign = rows.own if role == "other agency" else rows.theirs
        for name in READ:
            for url in (foreign.address(name), nothing(name, 0), nothing(name, 10**9)):
                assert post(client, name, url) == (405 if name in READ_ONLY else 404), (role, url)
            is_own = role != "other agency"
            answered = 409 if is_own and name in ANSWERED_WHEN_ENDED else 404
            assert post(client, name, rows.ended.address(name)) == (405 if name in READ_ONLY else answered)
    assert everything() == before


def test_a_stream_without_the_key_of_a_player_is_nowhere(rows: Rows) -> None:
    for client in (*everybody(rows).values(), Client(), *(signed_in(role) for role in AT_THE_DESK)):
        for name in KEYED:
            for url in (rows.own.address(name), rows.theirs.address(name), nothing(name, 0)):
                assert client.get(url).status_code == 404, url
                assert client.post(url).status_code in (404, 405), url


def test_nothing_opens_without_a_second_factor(rows: Rows) -> None:
    before = everything()
    password_only = Client()
    password_only.force_login(investigator_of(rows.own.commission), backend="django.contrib.auth.backends.ModelBackend")
    for client, door in ((Client(), "sign-in"), (password_only, "code")):
        for name in LISTS:
            assert client.get(reverse(f"field:{name}")).headers["location"].startswith(reverse(f"field:{door}"))
            posted = client.post(reverse(f"field:{name}"), {"commission": [rows.own.commission.pk]})
            assert posted.status_code in (302, 405), name
        for name in READ:
            for url in (rows.own.address(name), rows.theirs.address(name), nothing(name, 0)):
                if name in EVIDENCE:
                    assert client.get(url).status_code == 404, (door, url)
                    assert post(client, name, url) in (404, 405), (door, url)
                    continue
                answer = client.get(url)
                assert answer.status_code == 302, (door, url)
                assert answer.headers["location"].startswith(reverse(f"field:{door}")), (door, url)
                assert post(client, name, url) == (405 if name in READ_ONLY else 302), (door, url)
    assert everything() == before


@pytest.mark.parametrize("role", AT_THE_DESK)
def test_the_desk_has_no_business_here_but_to_see_what_was_collected(rows: Rows, role: str) -> None:
    client, may = signed_in(role), AT_THE_DESK[role]
    assert set(may) == EVIDENCE
    before = everything()
    for name in (*LISTS, "code", "set-up"):
        assert client.get(reverse(f"field:{name}")).status_code == 403, name
    assert client.post(reverse("field:hand-over")).status_code == 403
    for name in READ:
        for url in (rows.own.address(name), nothing(name, 0)):
            refused = 404 if name in EVIDENCE else 403
            assert post(client, name, url) in (405, refused), url
            if name not in EVIDENCE:
                assert client.get(url).status_code == 403, url
    assert everything() == before
    for name in EVIDENCE:
        assert client.get(rows.own.address(name)).status_code == may[name], name


def test_what_a_telephone_keeps_opens_for_anybody(db: None) -> None:
    for name in FOR_ANYBODY:
        assert Client().get(reverse(f"field:{name}")).status_code == 200
        assert Client().post(reverse(f"field:{name}")).status_code == 405


def test_somebody_whose_role_was_taken_away_is_shut_out(rows: Rows) -> None:
    user = investigator_of(rows.own.commission)
    client = in_the_field(user)
    user.groups.clear()

    assert client.get(reverse("field:commissions")).status_code == 403
    for name in READ:
        assert client.get(rows.own.address(name)).status_code in (403, 404, 405), name


def test_what_was_handed_to_one_is_not_found_by_a_colleague(rows: Rows) -> None:
    one, another = colleague_of(rows.own.commission), colleague_of(rows.own.commission)
    for commission in (rows.own.commission, rows.own.reading):
        services.assign(commission.pk, investigator_id=one.pk, by=investigator_of(commission), at=COMMISSIONED)
    before, client = everything(), in_the_field(another.user)

    for name in READ:
        url = rows.own.address(name)
        assert client.get(url).status_code == (405 if name in NEVER_READ else 404), name
        assert post(client, name, url) == (405 if name in READ_ONLY else 404), name
    assert everything() == before
    for name, may in READ.items():
        assert in_the_field(one.user).get(rows.own.address(name)).status_code == may["investigator"], name


def test_access_ends_with_the_commission(rows: Rows) -> None:
    sent, client = rows.own.commission, in_the_field(investigator_of(rows.own.commission))
    reported(sent)
    assert client.get(rows.own.address("commission")).status_code == 200
    assert client.get(rows.own.address("letter")).status_code == 200
    reviewer = signed_in("reviewer")
    accept = reverse("admin:claims_claim_move", args=[sent.claim_id, "accept-report", sent.pk])
    assert reviewer.post(accept).status_code == 302

    for name in set(READ) - NEVER_READ - {"paper-page"}:
        assert client.get(rows.own.address(name)).status_code == 404, name
    answer = client.post(rows.own.address("report"), POSTED["report"])
    assert answer.status_code == 409
    assert sent.claim.membership.member.name not in answer.content.decode()


def test_a_list_has_the_own_rows_alone(rows: Rows) -> None:
    own, reading, theirs = rows.own.commission, rows.own.reading, rows.theirs.commission
    one, another = colleague_of(own), colleague_of(own)
    services.assign(own.pk, investigator_id=one.pk, by=investigator_of(own), at=COMMISSIONED)
    listed = {
        who: [line.commission.pk for line in in_the_field(user).get(reverse("field:commissions")).context["lines"]]
        for who, user in {
            "one": one.user,
            "another": another.user,
            "coordinator": investigator_of(own),
            "other agency": investigator_of(theirs),
        }.items()
    }
    assert sorted(listed["one"]) == [own.pk, reading.pk] == sorted(listed["coordinator"])
    assert listed["another"] == [reading.pk]
    assert theirs.pk in listed["other agency"]
    assert own.pk not in listed["other agency"]


def test_a_code_that_was_asked_for_is_of_ones_own_phone(rows: Rows) -> None:
    mine, theirs = investigator_of(rows.own.commission), investigator_of(rows.theirs.commission)
    in_the_field(mine)
    in_the_field(theirs)
    client = Client()
    client.force_login(mine, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(reverse("field:code"), {"code": code_of(theirs)}).status_code == 409
    assert client.get(reverse("field:commissions")).status_code == 302
