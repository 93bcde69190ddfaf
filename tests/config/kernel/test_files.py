"""The file store: kept once, read back, encrypted, and what is not taken."""

import os
from errno import ENOSPC

import pytest
from django.utils.translation import override

from config.kernel import files
from config.kernel.models import StoredFile
from tests.factories import at
from tests.papers import EXE, POLYGLOT, SVG, bomb, jpeg, pdf, png

pytestmark = pytest.mark.django_db

NOW = at("2025-04-05 09:30")


def test_what_is_kept_is_read_back_with_its_type_and_its_pages() -> None:
    data = pdf(3)

    stored = files.keep(data, at=NOW)

    assert files.read(stored) == data
    assert (stored.content_type, stored.size, stored.pages, stored.stored_at) == ("application/pdf", len(data), 3, NOW)


def test_the_same_content_is_kept_once() -> None:
    data = png()

    assert files.keep(data, at=NOW) == files.keep(data, at=at("2025-04-06"))
    assert StoredFile.objects.count() == 1


def test_what_is_gone_from_the_disk_is_written_again_when_it_comes_again() -> None:
    data = png(colour="red")
    files.place_of(files.keep(data, at=NOW)).unlink()

    assert files.read(files.keep(data, at=NOW)) == data


def test_a_full_disk_leaves_nothing_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int) -> None:
        raise OSError(ENOSPC, "no space left on device")

    data = png(colour="blue")
    place = files.place_of(files.keep(data, at=NOW))
    place.unlink()
    there = set(place.parent.iterdir())
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="no space"):
        files.keep(data, at=NOW)

    assert set(place.parent.iterdir()) == there


def test_it_is_encrypted_on_the_disk() -> None:
    data = pdf(text="canary")

    on_disk = files.place_of(files.keep(data, at=NOW)).read_bytes()

    assert data[:20] not in on_disk
    assert b"%PDF" not in on_disk


@pytest.mark.parametrize("change", [lambda token: token[:-1] + bytes([token[-1] ^ 1]), lambda token: token[:40]])
def test_a_changed_byte_is_lost(change) -> None:
    stored = files.keep(png(colour="green"), at=NOW)
    place = files.place_of(stored)
    place.write_bytes(change(place.read_bytes()))

    with pytest.raises(files.FileLost):
        files.read(stored)


def test_so_is_a_file_that_is_not_there_and_one_in_anothers_place() -> None:
    one, other = files.keep(png(colour="white"), at=NOW), files.keep(png(colour="black"), at=NOW)
    files.place_of(one).write_bytes(files.place_of(other).read_bytes())
    files.place_of(other).unlink()

    for stored in (one, other):
        with pytest.raises(files.FileLost):
            files.read(stored)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (EXE, "none of the kinds"),
        (SVG, "none of the kinds"),
        (b"GIF89a" + bytes(20), "none of the kinds"),
        (b"%PDF-1.7\n" + bytes(files.LARGEST), "too large"),
        (b"%PDF-1.7\n%garbage", "damaged"),
        (pdf(3)[:200], "damaged"),
        (pdf(locked=True), "password"),
        (png()[:60], "damaged"),
        (jpeg()[:200], "damaged"),
        (bomb(), "too large as an image"),
    ],
    ids=["empty", "exe", "svg", "gif", "21MB", "garbage", "cut pdf", "locked", "cut png", "cut jpeg", "bomb"],
)
def test_what_cannot_be_shown_is_not_taken(data: bytes, why: str) -> None:
    with pytest.raises(files.UnwelcomeFile) as no, override("en"):
        files.keep(data, at=NOW)

    with override("en"):
        assert why in str(no.value)
    assert not StoredFile.objects.exists()


def test_a_polyglot_is_what_it_starts_as() -> None:
    assert files.keep(POLYGLOT, at=NOW).content_type == "image/png"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("诊断证明.pdf", "诊断证明.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\scan.png", "scan.png"),
        ("a\r\nSet-Cookie: b\x00.pdf", "aSet-Cookie: b.pdf"),
        ("gpj.\u202efdp", "gpj.fdp"),
        ("x" * 300, "x" * 120),
        ("/", ""),
    ],
)
def test_a_name_is_data(said: str, kept: str) -> None:
    assert files.plain_name(said) == kept
