"""Bars of deadlines, computed by hand: a publicity of seven days from midnight of the 1st to the end of the 8th."""

from datetime import timedelta

from claims.panels.bars import Bar, Part, Piece, Still, Stretch, bar, laid_out
from tests.factories import at

DAY = timedelta(days=1)
START = at("2025-04-01")


def drawn(found: Bar | None) -> str:
    """Part and width of each segment, an equals sign where it is gone: "base=25 base75"."""
    assert found is not None
    marks = ("", "=")
    return " ".join(f"{one.part}{marks[one.is_past]}{one.width:g}" for one in found.segments)


class TestLaidOut:
    def test_pieces_follow_each_other(self) -> None:
        found = laid_out(START, [Piece(8 * DAY), Piece(15 * DAY, Part.ADDED, "objected")])

        assert found == [
            Stretch(Part.BASE, START, at("2025-04-09")),
            Stretch(Part.ADDED, at("2025-04-09"), at("2025-04-24"), "objected"),
        ]

    def test_what_comes_after_a_still_moves_on(self) -> None:
        still = Still(at("2025-04-03"), at("2025-04-10"), "forged?")

        assert laid_out(START, [Piece(8 * DAY), Piece(2 * DAY, Part.ADDED)], [still]) == [
            Stretch(Part.BASE, START, at("2025-04-03")),
            Stretch(Part.STILL, at("2025-04-03"), at("2025-04-10"), "forged?"),
            Stretch(Part.BASE, at("2025-04-10"), at("2025-04-16")),
            Stretch(Part.ADDED, at("2025-04-16"), at("2025-04-18")),
        ]

    def test_a_still_on_the_first_and_one_on_the_last_day(self) -> None:
        stills = [Still(at("2025-04-11"), at("2025-04-12")), Still(START, START + 2 * DAY)]

        assert [stretch.part for stretch in laid_out(START, [Piece(8 * DAY)], stills)] == ["still", "base", "still"]

    def test_a_still_without_length_or_before_the_start_is_none(self) -> None:
        stills = [Still(at("2025-04-02"), at("2025-04-02")), Still(START - DAY, START + DAY)]

        assert laid_out(START, [Piece(8 * DAY)], stills) == [Stretch(Part.BASE, START, at("2025-04-09"))]


class TestTheBar:
    def test_what_is_gone_and_what_is_left(self) -> None:
        found = bar(laid_out(START, [Piece(8 * DAY)]), now=at("2025-04-03"))

        assert drawn(found) == "base=25 base75"
        assert found is not None
        assert found.now == 25

    def test_an_extension_is_a_segment_of_its_own(self) -> None:
        pieces = [Piece(8 * DAY), Piece(8 * DAY, Part.ADDED, "objected")]

        found = bar(laid_out(START, pieces), now=at("2025-04-11"))

        assert drawn(found) == "base=50 added=12.5 added37.5"
        assert found is not None
        assert found.segments[1].why == "objected"

    def test_one_that_stands_still_at_this_moment(self) -> None:
        still = Still(at("2025-04-03"), at("2025-04-05"), "forged?")

        assert drawn(bar(laid_out(START, [Piece(8 * DAY)], [still]), now=at("2025-04-05"))) == "base=20 still=20 base60"

    def test_what_is_overdue_goes_on_until_now(self) -> None:
        found = bar(laid_out(START, [Piece(8 * DAY)]), now=at("2025-04-11"))

        assert drawn(found) == "base=80 late=20"
        assert found is not None
        assert found.now == 100

    def test_what_is_closed_is_never_late(self) -> None:
        found = bar(laid_out(START, [Piece(8 * DAY)]), now=at("2025-04-11"), is_open=False)

        assert drawn(found) == "base=100"
        assert found is not None
        assert found.now is None

    def test_ticks_lie_within_the_bar(self) -> None:
        ticks = [at("2025-04-07"), at("2025-04-05"), at("2025-05-01")]

        found = bar(laid_out(START, [Piece(8 * DAY)]), now=at("2025-04-03"), ticks=ticks)

        assert found is not None
        assert found.ticks == (50, 75)

    def test_there_is_none_without_time(self) -> None:
        assert bar([], now=START) is None
        assert bar(laid_out(START, [Piece(timedelta(0))]), now=START) is None

    def test_before_its_start_nothing_is_gone(self) -> None:
        found = bar(laid_out(START, [Piece(8 * DAY)]), now=START - DAY)

        assert drawn(found) == "base100"
        assert found is not None
        assert found.now is None
