"""The registry of the landing page."""

from datetime import UTC, datetime

import pytest

from config.kernel import desks
from config.kernel.desks import Listing, Section, Tile, Tiles, add_to_desk, sections_for, tiles_for
from config.kernel.models import User
from tests.factories import staff

NOW = datetime(2025, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "_parts", {})


def section(name: str, *, permission: str = "claims.take_claim", place: int = 50, count: int | None = 0) -> Section:
    def read(by: User, at: datetime) -> Listing | None:
        return None if count is None else Listing(rows=[], count=count, empty="")

    return Section(name=name, title=name, permission=permission, read=read, place=place)


def test_sections_come_in_their_places_for_those_who_hold_the_permission(db: None) -> None:
    add_to_desk(
        section("later", place=60),
        section("first", place=10),
        section("others", permission="payouts.prepare_payout"),
        section("nothing", count=None),
    )

    assert [part.name for part, _listing in sections_for(staff("reviewer"), at=NOW)] == ["first", "later"]
    assert [part.name for part, _listing in sections_for(staff("finance"), at=NOW)] == ["others"]


def test_tiles_are_read_for_those_who_hold_the_permission(db: None) -> None:
    tile = Tile(label="late", count=2, url="/late/")
    add_to_desk(Tiles(name="watched", permission="claims.assign_claim", read=lambda by, at: [tile]))

    assert tiles_for(staff("supervisor"), at=NOW) == [tile]
    assert tiles_for(staff("reviewer"), at=NOW) == []


def test_two_parts_of_one_name_are_a_mistake() -> None:
    add_to_desk(section("one"))

    with pytest.raises(ValueError, match="Two parts of the desk are named one"):
        add_to_desk(section("one"))
