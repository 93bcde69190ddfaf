"""Collecting papers (SR-13, SR-14), and the ways a case ends before anybody has judged it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Any

from django.utils.translation import gettext as _

from claims import policies
from claims.enums import DeadlineKind, DeadlineStatus, MaterialKind, State
from claims.gate import moving
from claims.models import Claim, Letter, Material, PaperFile
from claims.refusals import AskedAlready
from claims.rules.facts import Paper
from claims.services import clocks, letters
from claims.services.assessing import assess
from claims.services.reasons import read_as_input, required
from config.kernel.civil import civil_date
from config.kernel.files import plain_name
from config.kernel.keyboard import compact
from config.kernel.models import StoredFile, User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput, WrongState


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What came with a paper: the names and files of its pages, in their order, and the hospital's record number."""

    files: Sequence[tuple[str, StoredFile]] = ()
    record_number: str = ""


def submit(
    claim_id: int,
    *,
    materials: Sequence[dict[str, Any]],
    enclosed: Sequence[Enclosed] = (),
    by: User,
    at: datetime,
    version: int | None = None,
) -> Claim:
    """Take in papers, each `{"kind", …details}`; the first review begins when no paper is wanted any more.

    `enclosed` goes with the papers one by one; its files are in the store already. A newer paper of a kind replaces
    the older. `InvalidInput` for a record that runs into the future.
    """
    with moving(claim_id, "submit", by=by, at=at, version=version) as claim:
        check_permission("claims.submit_material", by)
        if claim.state not in (State.COLLECTING, State.REVIEWING):
            raise WrongState(state=claim.get_state_display())
        _take_in_all(claim, materials, enclosed, by=by, at=at)
        if claim.state == State.COLLECTING:
            _go_on_if_complete(claim, by=by, at=at)
    return claim


def ask_for_papers(claim_id: int, *, by: User, at: datetime, version: int | None = None) -> Letter:
    """One letter names all that is missing now, papers that were sent back among it.

    `NothingMissing`, or `AskedAlready` when the last letter asked for the same.
    """
    with moving(claim_id, "ask_for_papers", by=by, at=at, version=version) as claim:
        policies.may_ask_for_papers(claim, by=by, at=at)
        if claim.state != State.COLLECTING:
            raise WrongState(state=claim.get_state_display())
        policies.check_something_is_missing(claim, by=by, at=at)
        last = letters.last_supplement(claim)
        letter = letters.ask_for_papers(claim, by=by, at=at)
        if letter is None:
            raise AskedAlready(day=civil_date(last.written_at).isoformat() if last else "")
    return letter


def submit_on_appeal(
    claim_id: int,
    *,
    materials: Sequence[dict[str, Any]],
    enclosed: Sequence[Enclosed] = (),
    by: User,
    at: datetime,
    version: int | None = None,
) -> Claim:
    """Take in papers that come with an appeal (SR-26): the rules are asked again, and nothing else moves."""
    with moving(claim_id, "submit_on_appeal", by=by, at=at, version=version) as claim:
        check_permission("claims.submit_material", by)
        if claim.state != State.APPEALING:
            raise WrongState(state=claim.get_state_display())
        _take_in_all(claim, materials, enclosed, by=by, at=at)
    return claim


def withdraw(claim_id: int, *, reason: str = "", by: User, at: datetime, version: int | None = None) -> Claim:
    """The applicant takes the case back."""
    with moving(claim_id, "withdraw", by=by, at=at, version=version) as claim:
        claim.withdraw(by=by, at=at)
        claim.because(reason=reason)
        clocks.stop_all(claim, at=at)
    return claim


def lapse(claim_id: int, *, reason: str, by: User, at: datetime, version: int | None = None) -> Claim:
    """A person ends a case whose papers never came."""
    with moving(claim_id, "lapse", by=by, at=at, version=version) as claim:
        claim.lapse(by=by, at=at)
        claim.because(reason=required(reason))
        clocks.stop_all(claim, at=at)
    return claim


def _take_in_all(
    claim: Claim, materials: Sequence[dict[str, Any]], enclosed: Sequence[Enclosed], *, by: User, at: datetime
) -> None:
    for material, with_it in zip(materials, chain(enclosed, repeat(Enclosed())), strict=False):
        _take_in(claim, material, with_it, by=by, at=at)
    assess(claim, at=at)
    claim.because(kinds=[material["kind"] for material in materials])


def _take_in(claim: Claim, material: dict[str, Any], enclosed: Enclosed, *, by: User, at: datetime) -> None:
    details = {name: value for name, value in material.items() if name != "kind"}
    with read_as_input():
        paper = Paper.from_json(material)
    if paper.through and paper.through > civil_date(at):
        raise InvalidInput(field=_("Record through"), why=_("lies after the day on which the paper is handed in."))
    kind = MaterialKind(material["kind"])
    claim.materials.filter(kind=kind, replaced_at__isnull=True).update(replaced_at=at)
    number = compact(enclosed.record_number)
    taken = Material.objects.create(
        claim=claim, kind=kind, details=details, record_number=number, received_at=at, received_by=by
    )
    PaperFile.objects.bulk_create(
        PaperFile(material=taken, stored=stored, name=plain_name(name), place=place)
        for place, (name, stored) in enumerate(enclosed.files, start=1)
    )


def _go_on_if_complete(claim: Claim, *, by: User, at: datetime) -> None:
    if letters.gaps_of(claim):
        letters.ask_for_papers(claim, by=by, at=at)
        return
    claim.complete_materials(by=by, at=at)
    clocks.stop(claim, DeadlineKind.SUPPLEMENT, status=DeadlineStatus.MET, at=at)
    clocks.start(claim, DeadlineKind.REVIEW, at=at)
