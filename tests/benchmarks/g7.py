"""G7: assessments per second of `assess`, its findings at hand, against the same rules compiled by hand without any."""

import random
import statistics
from collections.abc import Callable
from datetime import date, timedelta
from time import process_time

from claims.rules.assessment import assess
from claims.rules.facts import Facts, Medical, Paper, Unpaid
from claims.rules.kinds import Approach, Behaviour, Cause, Criterion, Ownership, PaperKind, Signer, SymptomsInWaiting
from members.rules.plan_files import read_plan
from tests.benchmarks.compiled_rules import by_hand

CASES = 2_000
ROUNDS = 7
GOAL = 0.5

_DISEASES = (
    *("malignant_tumor",) * 4,
    "coronary_bypass",
    "severe_alzheimer",
    "end_stage_renal_disease",
    "acute_myocardial_infarction",
    "deep_coma",
    "paralysis",
    "malignant_tumor_mild",
    "no_such_disease",
)


def cases(number: int, seed: int = 7) -> list[Facts]:
    """Cases as a desk sees them: most of them complete, every rule met and broken somewhere."""
    chance = random.Random(seed)
    return [_case(chance) for _ in range(number)]


def _case(chance: random.Random) -> Facts:
    def rarely(share: float = 0.08) -> bool:
        return chance.random() < share

    joined = date(2023, 1, 1) + timedelta(chance.randrange(700))
    diagnosed = joined + timedelta(chance.randrange(-10, 120) if rarely(0.2) else chance.randrange(91, 600))
    reported = diagnosed + timedelta(chance.randrange(0, 14))
    disease = chance.choice(_DISEASES)
    since = diagnosed - timedelta(chance.randrange(0, 200)) if not rarely() else None
    return Facts(
        disease=disease,
        cause=Cause.ACCIDENT if rarely() else Cause.ILLNESS,
        diagnosed_on=diagnosed,
        reported_on=reported,
        joined_on=joined,
        birth_date=date(1945, 1, 1) + timedelta(chance.randrange(25_000)),
        tier_fen=chance.choice((5_000_000, 10_000_000, 30_000_000)),
        accident_on=joined + timedelta(chance.randrange(-5, 100)) if rarely(0.3) else None,
        medical=_medical(chance, rarely, since, diagnosed),
        papers=_papers(chance, rarely, since),
        unpaid=tuple(
            Unpaid(reported - timedelta(chance.randrange(0, 500)), chance.randrange(400))
            for _ in range(chance.randrange(3))
        ),
        breaches=("hospital_stay_2y",) if rarely(0.04) else (),
        migrated_unchecked=rarely(0.04),
        late_waived=rarely(),
        non_disclosure_upheld=rarely(0.02),
        forgery_found=rarely(0.02),
    )


def _medical(chance: random.Random, rarely: Callable[..., bool], since: date | None, diagnosed: date) -> Medical:
    return Medical(
        behaviour=chance.choice((Behaviour.MALIGNANT, Behaviour.MALIGNANT, Behaviour.IN_SITU, None)),
        site=chance.choice(("thyroid", "lung", "breast")),
        tnm=chance.choice(("T1aN0M0", "pT1bN0M0", "T2N0M0", "T1aNxM0", "T1N0bM0", None)),
        hiv_related=rarely(),
        approach=chance.choice((*Approach, Approach.OPEN_CHEST, None)),
        alcohol_related=rarely(),
        dialysis_since=since,
        transplanted_on=diagnosed if rarely(0.2) else None,
        criteria=frozenset(criterion for criterion in Criterion if not rarely(0.2)),
        symptoms_in_waiting=chance.choice((SymptomsInWaiting.NONE, SymptomsInWaiting.NONE, *SymptomsInWaiting, None)),
    )


def _papers(chance: random.Random, rarely: Callable[..., bool], since: date | None) -> tuple[Paper, ...]:
    certificate = Paper(
        PaperKind.DIAGNOSIS_CERTIFICATE,
        grade=chance.choice(("3A", "2B", "3B", "1A" if rarely(0.3) else "3A")),
        ownership=Ownership.PRIVATE if rarely() else Ownership.PUBLIC,
        sealed=not rarely(),
        signed_by=Signer.PHYSICIAN if rarely() else Signer.SPECIALIST,
    )
    record = Paper(PaperKind.DIALYSIS_RECORD, through=since + timedelta(chance.randrange(60, 130)) if since else None)
    others = [Paper(kind) for kind in PaperKind if kind not in (certificate.kind, record.kind)]
    return tuple(paper for paper in (certificate, record, *others) if not rarely(0.05))


def run() -> None:
    """Check that both say the same, measure them in turn, and print the figures and the ratio."""
    terms = read_plan("qingsong").parsed()
    work = cases(CASES)
    for facts in work:
        said = assess(facts, terms)
        explained = (said.outcome.value, tuple(said.codes), said.gross_fen, said.arrears_fen, said.net_fen)
        if explained != by_hand(facts):
            raise AssertionError(f"the rules differ: {explained} and {by_hand(facts)} on {facts}")

    hand, rules, read = [], [], []
    for _ in range(ROUNDS):
        hand.append(_rate(by_hand, work))
        rules.append(_rate(lambda facts: assess(facts, terms), work))
        read.append(_rate(lambda facts: assess(facts, terms).findings, work))
    ratio = statistics.median(mine / limit for mine, limit in zip(rules, hand, strict=True))

    print(f"G7  the rules on one case: {CASES:,} cases, {ROUNDS} rounds in turn, same outcomes, codes and amounts")
    print(f"    by hand, no findings         {statistics.median(hand):>11,.0f} assessments/s")
    print(f"    assess, findings at hand     {statistics.median(rules):>11,.0f} assessments/s")
    print(f"    assess and read all findings {statistics.median(read):>11,.0f} assessments/s")
    print(f"    ratio assess / by hand       {ratio:.2f} (goal at least {GOAL})")


def _rate(judge: Callable[[Facts], object], work: list[Facts]) -> float:
    """Assessments per second of processor time; each is let go at once, as a stream of cases would be."""
    start = process_time()
    for facts in work:
        judge(facts)
    return len(work) / (process_time() - start)


if __name__ == "__main__":
    run()
