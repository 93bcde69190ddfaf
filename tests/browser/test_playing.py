"""A recorded interview, heard in the browser by the desk: also its end, without waiting for the middle."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Response, expect

from claims.enums import State
from investigations.models import Commission, CustodyEntry
from investigations.views.playing import PORTION
from tests.browser.driving import PHONE, Desk, barriers, click, wider_than_the_window
from tests.factories import case_in
from tests.investigations.recordings import wav
from tests.investigations.uploading import kept, phone_of

SECOND = 8000
"""Bytes of one in a WAV of the tests."""


@pytest.fixture
def sent(desk: Desk, settings, tmp_path: Path) -> Commission:
    settings.MEDIA_ROOT = tmp_path
    return Commission.objects.get(claim=case_in(State.INVESTIGATING))


def test_a_recording_is_played_from_its_middle(desk: Desk, sent: Commission) -> None:
    seconds = 3 * PORTION // SECOND
    kept(phone_of(sent), sent, wav(seconds * SECOND), filename="interview.wav")
    answers: list[Response] = []
    page = desk.person("reviewer", language="en", width=PHONE)
    page.on("response", lambda answer: answers.append(answer) if "/stream/" in answer.url else None)
    page.goto(reverse("admin:investigations_commission_change", args=[sent.pk]))
    click(page, page.get_by_role("link", name="Play · interview.wav"))

    audio = page.locator("audio")
    expect(audio).to_have_js_property("duration", seconds)
    audio.evaluate(f"player => {{ player.muted = true; player.currentTime = {seconds - 60}; return player.play(); }}")
    page.wait_for_function(f"() => document.querySelector('audio').currentTime > {seconds - 60}")

    ranges = [answer.headers["content-range"] for answer in answers if answer.status == 206]
    assert ranges[0] == f"bytes 0-{PORTION - 1}/{44 + seconds * SECOND}"
    assert any(int(one.split()[1].split("-")[0]) > 2 * PORTION for one in ranges)
    assert CustodyEntry.objects.filter(act="played").count() == 1
    assert wider_than_the_window(page) == 0
    assert not barriers(page)
