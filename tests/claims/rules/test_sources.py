"""What each rule is shown with: every rule that the package knows has its entry, and every paper has its kind."""

from importlib import import_module

import pytest

from claims.rules.kinds import PaperKind
from claims.rules.papers import SHOWN_BY
from claims.rules.sources import SOURCES
from members.rules.findings import Ground

MODULES = ("amount", "definitions", "papers", "standing", "timing")


def grounds() -> list[Ground]:
    """Every ground that a module of the rules holds, on its own or in a table."""
    found = []
    for name in MODULES:
        for value in vars(import_module(f"claims.rules.{name}")).values():
            found += value.values() if isinstance(value, dict) else [value]
    return [one for one in found if isinstance(one, Ground)]


def test_every_rule_has_an_entry():
    assert set(SOURCES) == {ground.rule for ground in grounds()}


def test_every_finding_about_a_paper_names_the_paper_that_shows_it():
    about_papers = {ground.because for ground in grounds() if ground.rule in ("SR-13", "SR-14")}
    assert about_papers <= set(SHOWN_BY)


@pytest.mark.parametrize(
    ("rule", "facts", "papers"),
    [
        ("SR-08", ("joined_on", "diagnosed_on"), ()),
        ("SR-12", ("diagnosed_on", "reported_on", "dialysis_since", "transplanted_on"), ()),
        ("SR-17", ("dialysis_since", "transplanted_on"), ("dialysis_record", "transplant_record")),
        ("SR-25", (), ()),
    ],
)
def test_what_a_rule_looks_at(rule: str, facts: tuple[str, ...], papers: tuple[str, ...]):
    assert (SOURCES[rule].facts, SOURCES[rule].papers) == (facts, papers)


def test_only_kinds_of_paper_are_named():
    named = {kind for source in SOURCES.values() for kind in source.papers} | set(SHOWN_BY.values())
    assert named <= {kind.value for kind in PaperKind}
