"""What a demonstration adds: a second person in each sample agency, and work at every stage."""

from pathlib import Path

from claims.enums import State
from config.kernel import files
from config.kernel.models import StoredFile
from investigations.models import Agency, Authorisation, Commission, Investigator
from investigations.services import samples
from tests.factories import COMMISSIONED, case_in
from tests.papers import png


def drawn(lines: tuple[str, ...], number: str) -> StoredFile:
    assert lines
    return files.keep(png(), at=COMMISSIONED)


def test_each_sample_agency_has_a_coordinator_and_a_second_person(db: None) -> None:
    for _ in range(2):
        samples.ensure_second_people()

    people = Investigator.objects.order_by("agency", "pk").values_list("agency", "is_coordinator")
    assert list(people) == [
        (pk, leads) for pk in Agency.objects.order_by("pk").values_list("pk", flat=True) for leads in (True, False)
    ]
    assert Investigator.objects.filter(user__groups__name="investigator").count() == 6


def test_work_is_shared_out_once_and_some_is_left_for_anybody(db: None, store: Path) -> None:
    samples.ensure_second_people()
    for _ in range(6):
        case_in(State.INVESTIGATING)

    assert samples.share_out(drawn, at=COMMISSIONED) == 4

    first = Commission.objects.filter(agency=Agency.objects.order_by("pk")[0]).order_by("pk")
    assert [(one.assignee and one.assignee.is_coordinator, bool(one.taken_at)) for one in first] == [
        (False, False),
        (True, True),
        (None, False),
    ]
    assert Authorisation.objects.filter(scan__isnull=False).count() == 6
    assert samples.share_out(drawn, at=COMMISSIONED) == 0
    assert Authorisation.objects.filter(scan__isnull=False).count() == 6
