"""Who may join (SR-01 … SR-05), when the waiting ends (SR-08), and when unpaid shares end a membership (AMB-11)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from config.kernel.civil import add_months, age_years, days_between
from members.rules.codes import Code, Outcome, Status
from members.rules.findings import Finding, Ground, Params
from members.rules.terms import Terms
from members.rules.wording import _


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks to join: civil dates, kinds of the papers handed in, and keys of the health questions answered yes."""

    birth_date: date
    joined_on: date
    documents: frozenset[str] = frozenset()
    answered_yes: tuple[str, ...] = ()
    migrated: bool = False
    health_rechecked: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """What the rules say about one person's joining; `codes` are those of the outcome's findings and weaker ones."""

    outcome: Outcome
    codes: tuple[Code, ...]
    findings: tuple[Finding, ...]


def _age(person: Person, terms: Terms) -> Params:
    return {
        "days": days_between(person.birth_date, person.joined_on),
        "years": age_years(person.birth_date, person.joined_on),
        "min_days": terms.age.min_days,
        "max_years": terms.age.max_years,
    }


def _document_limits(person: Person, terms: Terms) -> Params:
    return {**_age(person, terms), "max_days": terms.newborn.max_days, "from_age": terms.exam_report.from_age}


def _questions(person: Person, terms: Terms) -> Params:
    return {"questions": ", ".join(person.answered_yes), "count": len(terms.health.questions)}


TOO_YOUNG: Ground[Person] = Ground(
    "SR-01",
    "age.min_days",
    _("%(days)s days old on joining; the youngest age is %(min_days)s days."),
    Code.AGE_BELOW_MINIMUM,
    Outcome.REJECT,
    Status.NOT_MET,
    _age,
)
TOO_OLD: Ground[Person] = Ground(
    "SR-01",
    "age.max_years",
    _("%(years)s years old on joining; the highest age is %(max_years)s years."),
    Code.AGE_ABOVE_MAXIMUM,
    Outcome.REJECT,
    Status.NOT_MET,
    _age,
)
OF_AGE: Ground[Person] = Ground(
    "SR-01",
    "age.max_years",
    _("%(years)s years old on joining, between %(min_days)s days and %(max_years)s years."),
    params=_age,
)
ANSWERED_YES: Ground[Person] = Ground(
    "SR-04",
    "health.questions",
    _("Health questions answered with yes: %(questions)s."),
    Code.DECLARATION_NOT_MET,
    Outcome.REJECT,
    Status.NOT_MET,
    _questions,
)
ANSWERED_NO: Ground[Person] = Ground(
    "SR-04", "health.questions", _("None of the %(count)s health questions was answered with yes."), params=_questions
)
TO_BE_RECHECKED: Ground[Person] = Ground(
    "SR-05",
    "health.questions",
    _("Migrated: admitted, and the health is checked again before aid is decided."),
    status=Status.UNKNOWN,
)
RECHECKED: Ground[Person] = Ground("SR-05", "health.questions", _("Migrated, and the health was checked again."))
BIRTH_CERTIFICATE_MISSING: Ground[Person] = Ground(
    "SR-02",
    "newborn.max_days",
    _("%(days)s days old on joining: up to %(max_days)s days the birth certificate is needed."),
    Code.BIRTH_CERTIFICATE,
    Outcome.NEED,
    Status.NOT_MET,
    _document_limits,
)
BIRTH_CERTIFICATE_FILED: Ground[Person] = Ground("SR-02", "newborn.max_days", _("The birth certificate is there."))
EXAM_REPORT_MISSING: Ground[Person] = Ground(
    "SR-03",
    "exam_report.from_age",
    _("%(years)s years old on joining: from %(from_age)s an examination report is needed."),
    Code.EXAM_REPORT,
    Outcome.NEED,
    Status.NOT_MET,
    _document_limits,
)
EXAM_REPORT_FILED: Ground[Person] = Ground("SR-03", "exam_report.from_age", _("The examination report is there."))


def admit(person: Person, terms: Terms) -> Admission:
    """SR-01 … SR-05, AMB-01, AMB-02: may `person` join? Papers are not asked for where they cannot cure a rejection."""
    grounds = [*_age_limits(person, terms), *_declarations(person)]
    if all(ground.outcome is not Outcome.REJECT for ground in grounds):
        grounds += _documents(person, terms)
    coded = [ground for ground in grounds if ground.code is not None]
    return Admission(
        outcome=coded[0].outcome if coded else Outcome.ACCEPT,
        codes=tuple(ground.code for ground in coded if ground.code),
        findings=tuple(ground.finding(person, terms) for ground in grounds),
    )


def _age_limits(person: Person, terms: Terms) -> Iterator[Ground[Person]]:
    """SR-01: the 30th day is in (AMB-01), and so is the whole of the highest year (AMB-02)."""
    if days_between(person.birth_date, person.joined_on) < terms.age.min_days:
        yield TOO_YOUNG
    elif age_years(person.birth_date, person.joined_on) > terms.age.max_years:
        yield TOO_OLD
    else:
        yield OF_AGE


def _declarations(person: Person) -> Iterator[Ground[Person]]:
    """SR-04, SR-05: any yes keeps a person out; a migrated member comes in and is checked again."""
    yield ANSWERED_YES if person.answered_yes else ANSWERED_NO
    if person.migrated:
        yield RECHECKED if person.health_rechecked else TO_BE_RECHECKED


def _documents(person: Person, terms: Terms) -> Iterator[Ground[Person]]:
    """SR-02, SR-03: the papers of the very young and of the old."""
    if days_between(person.birth_date, person.joined_on) <= terms.newborn.max_days:
        yield BIRTH_CERTIFICATE_FILED if "birth_certificate" in person.documents else BIRTH_CERTIFICATE_MISSING
    if age_years(person.birth_date, person.joined_on) >= terms.exam_report.from_age:
        yield EXAM_REPORT_FILED if "exam_report" in person.documents else EXAM_REPORT_MISSING


def removed_on(unpaid_due_dates: Iterable[date], terms: Terms) -> date | None:
    """AMB-11: the day on which unpaid shares end the membership, or None.

    That is the due date of the last of `removal.after_cycles` unpaid cycles in a row; two cycles are in a row when the
    second is due within one calendar month of the first. Several shares due on one day are one cycle.
    """
    if terms.removal.after_cycles is None:
        return None
    in_a_row, before = 0, None
    for due_on in sorted(set(unpaid_due_dates)):
        in_a_row = in_a_row + 1 if before is not None and due_on <= add_months(before, 1) else 1
        if in_a_row == terms.removal.after_cycles:
            return due_on
        before = due_on
    return None


def last_waiting_day(joined_on: date, terms: Terms) -> date:
    """SR-08, AMB-03: the last day on which a diagnosis gives no right; the day of joining is not counted."""
    return joined_on + timedelta(days=terms.waiting.days)
