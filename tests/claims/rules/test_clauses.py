"""Every ground of a refusal has a clause in every plan."""

import pytest

from claims.rules.clauses import TERM_OF_GROUND
from members.rules.codes import REJECT_CODES
from members.rules.plan_files import plan_codes, read_plan


def test_every_reject_code_cites_a_term() -> None:
    assert set(TERM_OF_GROUND) == set(REJECT_CODES)


@pytest.mark.parametrize("plan", plan_codes())
def test_every_ground_has_a_worded_clause_in_both_languages(plan: str) -> None:
    file = read_plan(plan)

    for term in TERM_OF_GROUND.values():
        texts = file.clauses[file.term_clauses[term]]
        assert texts["zh"]
        assert texts["en"]
