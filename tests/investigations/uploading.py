"""An investigator's telephone, as the tests hold it: it speaks the upload protocol through the pages' own addresses."""

import io
import os
from base64 import b64encode
from typing import Any

from django.test import Client
from django.urls import reverse

from config.kernel import sweeping
from config.kernel.clock import database_now
from config.kernel.models import User
from investigations.models import Commission, Exhibit
from tests.factories import investigator_of

BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


def browser_of(user: User) -> Client:
    """A browser in which this person is signed in, with the second factor."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    _vouch(client, user)
    return client


def phone_of(commission: Commission) -> Client:
    """The browser of somebody of the commissioned agency."""
    return browser_of(investigator_of(commission))


def begin(client: Client, commission: Commission, size: object, **said: str) -> Any:
    """The answer to a new upload; `said` is its metadata."""
    metadata = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in said.items())
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
    return client.post(reverse("field:uploads", args=[commission.pk]), headers=headers, content_type=BYTES)


def send(client: Client, url: str, data: bytes, *, offset: object = 0, **headers: str) -> Any:
    """The answer to one chunk."""
    all_headers = {**TUS, "Upload-Offset": str(offset), **headers}
    return client.patch(url, data=data, content_type=BYTES, headers=all_headers)


class Line(io.RawIOBase):
    """A film of `size` bytes as it comes over a line: made while it is read, and never there as a whole."""

    HEAD = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41"

    def __init__(self, size: int) -> None:
        self.size, self.sent = size, 0

    def read(self, size: int = -1) -> bytes:
        head = b"" if self.sent else self.HEAD
        data = head + os.urandom(max(0, min(size, self.size - self.sent) - len(head)))
        self.sent += len(data)
        return data


def send_line(client: Client, url: str, line: Line) -> Any:
    """The answer to a whole file in one request; unlike `send` it leaves nothing of it behind in the test."""
    body = {"wsgi.input": line, "CONTENT_LENGTH": str(line.size), "CONTENT_TYPE": BYTES}
    return client.generic("PATCH", url, headers={**TUS, "Upload-Offset": "0"}, **body)


def upload(client: Client, commission: Commission, data: bytes, *, chunk: int = 1 << 22, **said: str) -> Exhibit:
    """The whole of it in chunks; it is in quarantine then."""
    begun = begin(client, commission, len(data), **said)
    assert begun.status_code == 201, begun.content
    for start in range(0, len(data), chunk):
        answer = send(client, begun["Location"], data[start : start + chunk], offset=start)
        assert answer.status_code == 204, answer.content
    return Exhibit.objects.get(pk=pk_of(begun))


def kept(client: Client, commission: Commission, data: bytes, **said: str) -> Exhibit:
    """Uploaded and examined."""
    exhibit = upload(client, commission, data, **said)
    examine()
    exhibit.refresh_from_db()
    return exhibit


def examine() -> int:
    return sweeping.run("investigations.examine_exhibits", at=database_now())


def pk_of(begun: Any) -> int:
    return int(begun["Location"].rstrip("/").rpartition("/")[2])


def _vouch(client: Client, user: User) -> None:
    from django_otp import DEVICE_ID_SESSION_KEY
    from django_otp.plugins.otp_static.models import StaticDevice

    device = StaticDevice.objects.create(user=user, name="test")
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
