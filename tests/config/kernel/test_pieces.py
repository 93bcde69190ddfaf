"""Large files in pieces: each opens in its own place alone, and keys are changed piece by piece."""

import base64
from pathlib import Path

import pytest

from config.kernel import rotation
from config.kernel.files import FileLost
from config.kernel.pieces import PIECE, Pieces, all_stored

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture(autouse=True)
def store(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def stored() -> Pieces:
    pieces = Pieces("exhibit", 7)
    pieces.write(1, b"one")
    pieces.write(2, b"two")
    return pieces


def path(number: int, pk: int = 7) -> Path:
    return Pieces("exhibit", pk).folder / f"{number:06}"


def test_what_was_written_is_read(stored: Pieces) -> None:
    assert b"".join(stored.stream(2)) == b"onetwo"


@pytest.mark.parametrize(("start", "stop"), [(0, 6), (0, 1), (2, 4), (3, 6), (5, 6), (2, 2), (6, 9)])
def test_a_part_is_read_across_pieces(stored: Pieces, start: int, stop: int) -> None:
    assert b"".join(stored.part(2, start, stop)) == b"onetwo"[start:stop]


def test_a_part_is_found_under_keys_of_any_name(stored: Pieces, settings) -> None:
    settings.FIELD_KEYS = f"a-much-longer-name:{NEW.partition(':')[2]},{settings.FIELD_KEYS}"
    stored.write(1, b"one")

    assert b"".join(stored.part(2, 2, 5)) == b"etw"


def test_a_part_of_what_is_gone_is_said_to_be(stored: Pieces) -> None:
    path(1).unlink()

    with pytest.raises(FileLost):
        list(stored.part(2, 4, 5))


def test_a_piece_is_written_over(stored: Pieces) -> None:
    stored.write(2, b"other")

    assert b"".join(stored.stream(2)) == b"oneother"


def test_a_piece_has_a_size() -> None:
    with pytest.raises(ValueError, match="at most"):
        Pieces("exhibit", 7).write(1, bytes(PIECE + 1))


def test_it_is_encrypted_on_the_disk(stored: Pieces) -> None:
    assert b"one" not in path(1).read_bytes()


def test_pieces_that_changed_places_do_not_open(stored: Pieces) -> None:
    path(1).write_bytes(path(2).read_bytes())

    with pytest.raises(FileLost):
        stored.read(1)


def test_nor_does_that_of_another_file(stored: Pieces) -> None:
    Pieces("exhibit", 8).write(1, b"another")
    path(1).write_bytes(path(1, pk=8).read_bytes())

    with pytest.raises(FileLost):
        stored.read(1)


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token[:-1] + bytes([token[-1] ^ 1])])
def test_nor_does_a_changed_one(stored: Pieces, change) -> None:
    path(1).write_bytes(change(path(1).read_bytes()))

    with pytest.raises(FileLost):
        list(stored.stream(2))


def test_what_is_thrown_away_is_gone_and_may_be_thrown_away_again(stored: Pieces) -> None:
    stored.drop()
    stored.drop()

    assert list(all_stored()) == []
    with pytest.raises(FileLost):
        stored.read(1)


def test_what_cannot_be_thrown_away_is_said(stored: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own call fails: root, as whom tests may run, is refused by no folder."""

    def stuck(*args: object, **kwargs: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("os.unlink", stuck)

    with pytest.raises(PermissionError):
        stored.drop()
    assert path(1).exists()


def test_keys_are_changed_piece_by_piece(settings) -> None:
    settings.FIELD_KEYS = OLD
    stored = Pieces("exhibit", 7)
    stored.write(1, b"one")
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    stored.write(2, b"two")

    assert rotation.rotate_pieces().rotated == 1
    assert rotation.rotate_pieces().rotated == 0
    settings.FIELD_KEYS = NEW
    assert b"".join(stored.stream(2)) == b"onetwo"


def test_a_piece_that_does_not_open_is_reported(settings, stored: Pieces) -> None:
    settings.FIELD_KEYS = NEW

    assert rotation.rotate_pieces().unreadable == [7]
