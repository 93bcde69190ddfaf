"""Opening what is kept: who may, what is shown, and that it is written down each time."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from investigations.models import Commission, CustodyEntry, Exhibit, Investigator
from investigations.services import accept_report, evidence
from tests.factories import ACCEPTED, at, reported, signed_in, staff
from tests.investigations.recordings import film, header, located, placed, recorded
from tests.investigations.uploading import browser_of, kept, phone_of
from tests.papers import pdf, png

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


@pytest.fixture
def photo(sent: Commission) -> Exhibit:
    return kept(phone_of(sent), sent, located(), filename="现场")


def addresses(exhibit: Exhibit) -> list[str]:
    return [reverse("field:exhibit", args=[exhibit.pk]), reverse("field:exhibit-page", args=[exhibit.pk, 1])]


def test_the_original_is_to_be_saved_and_never_shown(sent: Commission, photo: Exhibit) -> None:
    answer = signed_in("reviewer").get(addresses(photo)[0])

    assert b"".join(answer) == located()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E7%8E%B0%E5%9C%BA.jpg"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    assert answer["Content-Length"] == str(len(located()))


def test_a_page_is_drawn_anew_without_time_and_place(photo: Exhibit) -> None:
    answer = signed_in("reviewer").get(addresses(photo)[1])
    image = Image.open(io.BytesIO(answer.content))

    assert (image.format, image.size) == ("JPEG", (64, 48))
    assert not image.getexif()
    assert b"2025:04:10" not in answer.content
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_time_and_place_in_the_file_are_read_and_kept_encrypted(photo: Exhibit) -> None:
    assert photo.file_time == "2025-04-10 14:31:02+08:00"
    assert photo.file_place == "-30.587500,114.304167"
    assert photo.claimed_at is None


@pytest.mark.parametrize("seconds", [IFDRational(1, 0), IFDRational(4_000_000_000, 1)])
def test_a_place_that_is_none_is_left_empty(sent: Commission, seconds: IFDRational) -> None:
    odd = kept(phone_of(sent), sent, located(seconds=seconds))

    assert (odd.state, odd.file_place, odd.file_time) == ("clean", "", "2025-04-10 14:31:02+08:00")


def test_every_opening_is_in_the_log(sent: Commission, photo: Exhibit) -> None:
    reviewer, phone = staff("reviewer"), phone_of(sent)
    browser_of(reviewer).get(addresses(photo)[0])
    phone.get(addresses(photo)[1])

    opened = CustodyEntry.objects.filter(act="opened").order_by("number")
    assert [(entry.by, entry.details["as"], entry.exhibit) for entry in opened] == [
        (reviewer, "original", photo),
        (photo.received_by, "page 1", photo),
    ]


def test_a_broken_download_goes_on_and_is_one_opening(photo: Exhibit) -> None:
    reviewer, address, data = signed_in("reviewer"), addresses(photo)[0], located()
    whole = reviewer.get(address)
    tag = whole["ETag"]
    assert (whole["Accept-Ranges"], tag) == ("bytes", f'"{photo.sha256}"')

    rest = reviewer.get(address, headers={"Range": "bytes=100-", "If-Range": tag})

    assert (rest.status_code, b"".join(rest)) == (206, data[100:])
    assert rest["Content-Range"] == f"bytes 100-{len(data) - 1}/{len(data)}"
    assert CustodyEntry.objects.filter(act="opened").count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-"},
        {"Range": "bytes=100-"},
        {"Range": "bytes=100-", "If-Range": '"another"'},
        {"If-Range": "{tag}"},
    ],
)
def test_what_is_no_continuation_is_an_opening_of_its_own(photo: Exhibit, headers: dict[str, str]) -> None:
    reviewer, address = signed_in("reviewer"), addresses(photo)[0]
    tag = reviewer.get(address)["ETag"]

    reviewer.get(address, headers={name: value.format(tag=tag) for name, value in headers.items()})

    assert CustodyEntry.objects.filter(act="opened").count() == 2


def test_somebody_elses_or_an_old_download_is_not_gone_on_with(sent: Commission, photo: Exhibit) -> None:
    tag = signed_in("reviewer").get(addresses(photo)[0])["ETag"]
    phone_of(sent).get(addresses(photo)[0], headers={"Range": "bytes=100-", "If-Range": tag})
    assert CustodyEntry.objects.filter(act="opened").count() == 2

    by, first = photo.received_by, CustodyEntry.objects.filter(act="opened").latest("number").at
    later = first + evidence.GOES_ON_FOR
    evidence.open_exhibit(photo.pk, shown="original", goes_on=True, by=by, at=later)
    assert CustodyEntry.objects.filter(act="opened").count() == 3


def test_who_may_open_it(sent: Commission, photo: Exhibit) -> None:
    other = Investigator.objects.exclude(agency=sent.agency).first()
    assert other is not None
    may = {role: signed_in(role) for role in ("reviewer", "supervisor", "auditor")}
    may_not = {role: signed_in(role) for role in ("intake", "finance", "administrator")}
    may_not |= {"another agency": browser_of(other.user), "nobody": Client()}

    for address in addresses(photo):
        assert {who: client.get(address).status_code for who, client in may.items()} == dict.fromkeys(may, 200)
        assert {who: client.get(address).status_code for who, client in may_not.items()} == dict.fromkeys(may_not, 404)
    assert CustodyEntry.objects.filter(act="opened").count() == 2 * len(may)


def test_the_agency_opens_its_own_while_it_is_at_work(sent: Commission, photo: Exhibit) -> None:
    phone = phone_of(sent)
    assert phone.get(addresses(photo)[0]).status_code == 200

    reported(sent)
    accept_report(sent.pk, by=staff("reviewer"), at=ACCEPTED)

    assert [phone.get(address).status_code for address in addresses(photo)] == [404, 404]
    assert signed_in("reviewer").get(addresses(photo)[0]).status_code == 200


def test_nothing_is_posted_here(photo: Exhibit) -> None:
    assert [signed_in("reviewer").post(address).status_code for address in addresses(photo)] == [405, 405]


def test_a_film_has_no_pages_and_a_document_only_its_own(sent: Commission) -> None:
    phone = phone_of(sent)
    moving, document = kept(phone, sent, film()), kept(phone, sent, pdf(2))

    assert phone.get(reverse("field:exhibit-page", args=[moving.pk, 1])).status_code == 404
    assert phone.get(reverse("field:exhibit-page", args=[document.pk, 2])).status_code == 200
    assert phone.get(reverse("field:exhibit-page", args=[document.pk, 3])).status_code == 409
    opened = CustodyEntry.objects.filter(act="opened", exhibit=document)
    assert [entry.details["as"] for entry in opened] == ["page 2"]
    assert not CustodyEntry.objects.filter(act="opened", exhibit=moving).exists()


def test_what_is_gone_from_the_store_is_said(photo: Exhibit) -> None:
    evidence.pieces_of(photo).drop()

    assert [signed_in("reviewer").get(address).status_code for address in addresses(photo)] == [410, 410]


def test_the_desk_sees_it_on_the_page_of_the_commission(sent: Commission, photo: Exhibit) -> None:
    kept(phone_of(sent), sent, b"MZ" + bytes(80), filename="virus.exe")
    url = reverse("admin:investigations_commission_change", args=[sent.pk])

    page = signed_in("reviewer").get(url).content.decode()

    assert addresses(photo)[0] in page
    assert photo.sha256 in page
    assert "virus.exe" in page
    assert photo.sha256 not in signed_in("intake").get(url).content.decode()


def test_the_panel_asks_no_more_for_more_files(sent: Commission) -> None:
    phone, browser = phone_of(sent), signed_in("reviewer")
    url = reverse("admin:investigations_commission_change", args=[sent.pk])
    kept(phone, sent, png())
    browser.get(url)
    counts = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as asked:
            browser.get(url)
        counts.append(len(asked))
        for colour in ("red", "green"):
            kept(phone, sent, png(colour=colour))
    assert counts[0] == counts[1]


def test_what_a_recording_says_is_read_and_kept_apart_from_what_was_said_of_it(sent: Commission) -> None:
    told = recorded(header(), placed("+30.5875+114.3042/"))
    exhibit = kept(phone_of(sent), sent, told, claimed_at="2025-04-09T10:00", place="病案室")

    assert (exhibit.file_time, exhibit.file_place) == ("2025-04-10 06:31:02+00:00", "30.587500,114.304200")
    assert (exhibit.claimed_at, exhibit.claimed_place) == (at("2025-04-09 10:00"), "病案室")


def test_every_page_of_a_document_can_be_opened_from_the_desk(sent: Commission) -> None:
    document, photo = (kept(phone_of(sent), sent, data) for data in (pdf(3), png()))
    page = signed_in("reviewer").get(reverse("admin:investigations_commission_change", args=[sent.pk])).content.decode()

    assert (document.pages, photo.pages) == (3, 1)
    addresses = [reverse("field:exhibit-page", args=[document.pk, number]) for number in (1, 2, 3, 4)]
    assert [address in page for address in addresses] == [True, True, True, False]
    assert reverse("field:exhibit-page", args=[photo.pk, 1]) in page
