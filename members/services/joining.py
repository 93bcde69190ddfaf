"""Joining a plan, and correcting a joining date that the platform recorded wrong."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config.kernel.civil import civil_date
from config.kernel.gate import busy_when_locked
from config.kernel.identity import InvalidIdentity, bank_card, mobile, resident_id
from config.kernel.models import User
from config.kernel.permissions import check_permission
from config.kernel.refusals import InvalidInput, SamePerson
from config.kernel.roles import who_has
from members.enums import Purpose, Sex
from members.models import Consent, Covenant, Declaration, JoiningCorrection, Member, Membership, Plan
from members.policies import terms_of
from members.refusals import CorrectionIsClosed, CorrectionIsOpen, NotAdmitted
from members.rules import admission
from members.rules.codes import Outcome
from members.services.plans import covenant_on

DOCUMENTS = ("birth_certificate", "exam_report")
"""The papers that joining can ask for (SR-02, SR-03)."""

SEPARATE_CONSENTS = (Purpose.PUBLICITY, Purpose.INVESTIGATION)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who wants to join, as typed; the numbers are checked and brought into form. Phone, card, e-mail may be empty."""

    name: str
    sex: str
    birth_date: date
    region: str
    id_number: str
    phone: str = ""
    bank_card: str = ""
    email: str = ""


def admit(
    plan: Plan,
    applicant: Applicant,
    *,
    tier_fen: int,
    declared: Mapping[str, bool],
    documents: Collection[str] = (),
    consents: Iterable[Purpose] = SEPARATE_CONSENTS,
    migrated: bool = False,
    health_rechecked: bool = False,
    covenant: Covenant | None = None,
    by: User,
    at: datetime,
) -> Membership:
    """A new membership from `at` on, under the version in force on that day, or `covenant`, a derived one.

    `declared` maps health questions to true for "yes"; one that is not named was answered no. Whoever was a member
    before, by ID number, is known again and begins a new waiting period. Raises `NotAdmitted` with `admission` where
    the rules (SR-01 … SR-05) do not accept, `InvalidInput` for what contradicts itself.
    """
    check_permission("members.admit_member", by)
    joined_on = civil_date(at)
    covenant = covenant or covenant_on(plan, joined_on)
    _check_choices(covenant, tier_fen, declared, documents)
    said = admission.admit(
        admission.Person(
            birth_date=applicant.birth_date,
            joined_on=joined_on,
            documents=frozenset(documents),
            answered_yes=tuple(question for question, answer in declared.items() if answer),
            migrated=migrated,
            health_rechecked=health_rechecked,
        ),
        terms_of(covenant),
    )
    if said.outcome is not Outcome.ACCEPT:
        raise NotAdmitted(codes=", ".join(said.codes), admission=said)
    person = _checked(applicant, joined_on)
    with busy_when_locked(), transaction.atomic():
        membership = Membership.objects.create(
            member=_member_for(person, plan, at=at),
            plan=plan,
            covenant=covenant,
            joined_at=at,
            joined_on=joined_on,
            tier_fen=tier_fen,
            documents=sorted(documents),
            migrated=migrated,
            health_rechecked_by=by if health_rechecked else None,
            health_rechecked_at=at if health_rechecked else None,
        )
        Declaration.objects.bulk_create(
            Declaration(membership=membership, question=question, answer=bool(declared.get(question)))
            for question in terms_of(covenant).health.questions
        )
        Consent.objects.bulk_create(Consent(membership=membership, purpose=one, given_at=at) for one in consents)
    return membership


def propose_correction(
    membership_id: int, joined_at: datetime, *, reason: str, by: User, at: datetime
) -> JoiningCorrection:
    """SR-11, AMB-25: the first supervisor says what the joining date should be, and why. Nothing changes yet."""
    check_permission("members.correct_joining", by)
    if not reason.strip():
        raise InvalidInput(
            field=_("Reason"), why=_("say what went wrong on the platform; it stays with the membership.")
        )
    with busy_when_locked(), transaction.atomic():
        membership = lock_membership(membership_id)
        _check_joining_date(membership, joined_at, at=at)
        if membership.corrections.filter(confirmed_at__isnull=True).exists():
            raise CorrectionIsOpen
        return JoiningCorrection.objects.create(
            membership=membership,
            was=membership.joined_at,
            becomes=joined_at,
            reason=reason.strip(),
            proposed_by=by,
            proposed_at=at,
        )


def confirm_correction(correction_id: int, *, by: User, at: datetime) -> Membership:
    """The second supervisor confirms: the joining date changes, the version joined under stays the one agreed to."""
    check_permission("members.correct_joining", by)
    with busy_when_locked(), transaction.atomic():
        membership = lock_membership(JoiningCorrection.objects.get(pk=correction_id).membership_id)
        correction = membership.corrections.get(pk=correction_id)
        if correction.confirmed_at is not None:
            raise CorrectionIsClosed
        if correction.proposed_by_id == by.pk:
            raise SamePerson(did=_("proposal of this correction"), who=who_has("members.correct_joining"))
        correction.confirmed_by, correction.confirmed_at = by, at
        correction.save(update_fields=["confirmed_by", "confirmed_at"])
        membership.joined_at, membership.joined_on = correction.becomes, civil_date(correction.becomes)
        membership.save(update_fields=["joined_at", "joined_on"])
    return membership


def lock_membership(membership_id: int) -> Membership:
    """The membership, locked until the transaction ends."""
    return Membership.objects.select_for_update(of=("self",)).select_related("member", "covenant").get(pk=membership_id)


def _check_joining_date(membership: Membership, joined_at: datetime, *, at: datetime) -> None:
    field = _("Joining date")
    if joined_at > at:
        raise InvalidInput(field=field, why=_("lies in the future."))
    if civil_date(joined_at) < membership.member.birth_date:
        raise InvalidInput(field=field, why=_("lies before the date of birth."))
    if membership.ended_on is not None and civil_date(joined_at) > membership.ended_on:
        raise InvalidInput(field=field, why=_("lies after the end of the membership."))


def _check_choices(covenant: Covenant, tier_fen: int, declared: Mapping[str, bool], documents: Collection[str]) -> None:
    terms = terms_of(covenant)
    if tier_fen not in terms.tiers.fen:
        raise InvalidInput(field=_("Tier"), why=_("is none that the plan offers."))
    if unknown := sorted(set(declared) - set(terms.health.questions)):
        raise InvalidInput(field=_("Health declaration"), why=_("no such question: %s.") % ", ".join(unknown))
    if unknown := sorted(set(documents) - set(DOCUMENTS)):
        raise InvalidInput(field=_("Papers shown"), why=_("joining asks for no such paper: %s.") % ", ".join(unknown))


def _checked(applicant: Applicant, today: date) -> Member:
    """The person as a row that is not saved yet, the numbers in their stored form."""
    if applicant.sex not in Sex.values or not applicant.name.strip():
        raise InvalidInput(field=_("Name and sex"), why=_("are both needed."))
    try:
        number = resident_id(applicant.id_number, today=today)
    except InvalidIdentity as error:
        raise InvalidInput(field=_("Resident ID number"), why=_(error.why)) from None
    if number.birth_date != applicant.birth_date:
        raise InvalidInput(field=_("Resident ID number"), why=_("its date of birth is another."))
    if number.sex != applicant.sex:
        raise InvalidInput(field=_("Resident ID number"), why=_("its sex is another."))
    try:
        phone = mobile(applicant.phone) if applicant.phone else ""
        card = bank_card(applicant.bank_card).number if applicant.bank_card else ""
    except InvalidIdentity as error:
        raise InvalidInput(field=_("Phone or bank card"), why=_(error.why)) from None
    return Member(
        name=applicant.name.strip(),
        sex=applicant.sex,
        birth_date=applicant.birth_date,
        region=applicant.region,
        id_number=number.number,
        phone=phone,
        bank_card=card,
        email=applicant.email,
    )


def _member_for(person: Member, plan: Plan, *, at: datetime) -> Member:
    """The row of this person, locked: a new one, or the one that the ID number is known by."""
    try:
        with transaction.atomic():
            if not Member.objects.filter(id_number=person.id_number).exists():
                person.verified_at = at
                person.save()
                return person
    except IntegrityError:
        pass  # somebody else entered the same person at this very moment
    known = Member.objects.select_for_update().get(id_number=person.id_number)
    if known.name != person.name:
        raise InvalidInput(field=_("Resident ID number"), why=_("belongs to a member of another name."))
    if known.died_on is not None:
        raise InvalidInput(field=_("Resident ID number"), why=_("belongs to a member who has died."))
    if known.memberships.filter(plan=plan, ended_on__isnull=True).exists():
        raise InvalidInput(field=_("Resident ID number"), why=_("belongs to a member of this plan."))
    return known
