"""`assess`: all rules on one case, what they say and what the aid would be. It proposes; a person decides."""

from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from claims.rules import amount, definitions, papers, standing, timing
from claims.rules.facts import Facts
from members.rules.codes import Code, Outcome
from members.rules.findings import Finding, Ground, Params
from members.rules.terms import Terms
from members.rules.wording import _

REJECT, NEED, ACCEPT = Outcome.REJECT, Outcome.NEED, Outcome.ACCEPT

_PLACE = attrgetter("place")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the arithmetic: an English msgid with its params, and the fen after it (None: not known yet)."""

    because: str
    params: Params
    fen: int | None


class Assessment(NamedTuple):
    """What the rules say about a case.

    `codes` are ordered by strength, substantive before formal; `gross_fen` and `net_fen` are None where a ratio is left
    to a person, and 0 on a rejection. `grounds` are those with a code, `found` is what each rule returned; `findings`
    and `steps` are worked out from them when they are read.
    """

    outcome: Outcome
    codes: tuple[Code, ...]
    gross_fen: int | None
    arrears_fen: int
    net_fen: int | None
    grounds: tuple[Ground[Facts], ...]
    found: tuple[Ground[Facts] | None, ...]
    facts: Facts
    terms: Terms

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What every rule found: grounds with a code in the order of `codes`, then what is met."""
        facts, terms = self.facts, self.terms
        met = [ground for ground in self.found if ground is not None and ground.code is None]
        if self.outcome is not REJECT:
            met += papers.filed(facts, terms)
        met += amount.explained(facts, terms)
        return tuple(ground.finding(facts, terms) for ground in (*self.grounds, *met))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The arithmetic from the base amount to the net amount, line by line, in fen."""
        facts, terms = self.facts, self.terms
        if self.outcome is REJECT:
            return (Step(_("Rejected: there is no aid."), {}, 0),)
        percent, age_percent = amount.ratio(facts, terms)[1], amount.age_factor(facts, terms)[1]
        base = Step(_("Base amount of the tier"), {}, facts.tier_fen)
        if percent is None:
            return (base, Step(_("The ratio of the disease is left to a reviewer."), {}, None))
        graded = amount.product(facts.tier_fen, percent, 100)
        return (
            base,
            Step(_("times the ratio of the disease, %(percent)s %%"), {"percent": percent}, graded),
            Step(_("times the age factor, %(percent)s %%, rounded once"), {"percent": age_percent}, self.gross_fen),
            Step(
                _("less arrears of %(yuan)s yuan, not below zero"),
                {"yuan": amount.yuan(self.arrears_fen)},
                self.net_fen,
            ),
        )


def assess(facts: Facts, terms: Terms) -> Assessment:
    """All findings on a case under one version of the covenant (SR-04 … SR-22, AMB-18).

    A pure function: the same facts and terms always give the same assessment. On a rejection no paper is asked for,
    since none could cure it; what is to be referred or waited for is listed all the same.
    """
    cover = standing.cover(facts, terms)
    found = [
        cover,
        timing.waiting_period(facts, terms),
        timing.reporting(facts, terms),
        standing.disclosure(facts, terms),
        standing.recheck(facts, terms),
        standing.joining(facts, terms),
        standing.forgery(facts, terms),
    ]
    percent: int | None = None
    if cover is standing.COVERED:
        graded, percent = amount.ratio(facts, terms)
        found += (timing.symptoms_in_waiting(facts, terms), definitions.definition(facts, terms), graded)
    coded = [ground for ground in found if ground is not None and ground.code is not None]

    gross: int | None = 0
    if coded and REJECT in [ground.outcome for ground in coded]:
        coded = [ground for ground in coded if ground.outcome is not NEED]
    else:
        coded += papers.missing(facts, terms)
        gross = None if percent is None else amount.gross_fen(facts, percent, terms)
    if len(coded) > 1:
        coded.sort(key=_PLACE)

    arrears = amount.arrears_fen(facts, terms)
    return Assessment(
        coded[0].outcome if coded else ACCEPT,
        tuple(dict.fromkeys([code for ground in coded if (code := ground.code)])) if coded else (),
        gross,
        arrears,
        None if gross is None else max(0, gross - arrears),
        tuple(coded),
        tuple(found),
        facts,
        terms,
    )
