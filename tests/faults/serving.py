"""The pages behind a real gunicorn at the test's database, and a telephone that speaks to them over a socket."""

import hashlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterable
from contextlib import closing
from http.cookies import SimpleCookie
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from config.embedded.addresses import ROOT
from config.kernel.models import User
from tests.concurrency.racing import wait_for
from tests.faults.processes import database_url, kill, start_group
from tests.investigations.uploading import BYTES, TUS, browser_of

Headers = dict[str, str]


class Site:
    """One worker with threads as in the Procfile; another takes its place when it dies. Files lie in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, f"{folder}/web.sock"
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "DATABASE_URL": database_url(),
            "MEDIA_FOLDER": str(folder / "media"),
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"unix:{self.socket}", "--workers", "1"]
        command += ["--no-control-socket", *threads()]
        with (folder / "web.log").open("wb") as log:
            self.process: subprocess.Popen[bytes] = start_group(command, environment, log)
        wait_for(self.answers)

    def answers(self) -> bool:
        try:
            return Phone(self).ask("GET", reverse("field:sign-in")).status == 200
        except OSError:
            return False

    def workers(self) -> list[int]:
        own = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{own}/task/{own}/children").read_text().split()]

    def kill_worker(self) -> None:
        """kill -9, amid whatever it does."""
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        kill(self.process)


def threads() -> list[str]:
    """What the Procfile says of them."""
    found = re.search(r"--threads \d+", (ROOT / "Procfile").read_text())
    return found[0].split() if found else []


class Line(http.client.HTTPConnection):
    """To the site's socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=40)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Phone:
    """Speaks as somebody with a second factor, where one is named; each request is a line of its own."""

    def __init__(self, site: Site, user: User | None = None) -> None:
        self.site, self.headers = site, Headers()
        if user is not None:
            session = browser_of(user).cookies[settings.SESSION_COOKIE_NAME].value
            self.headers["Cookie"] = f"{settings.SESSION_COOKIE_NAME}={session}"
            given = self.ask("GET", reverse("field:commissions")).headers.get_all("Set-Cookie", [])
            token = SimpleCookie("; ".join(given))[settings.CSRF_COOKIE_NAME].value
            self.headers |= {"X-CSRFToken": token}
            self.headers["Cookie"] += f"; {settings.CSRF_COOKIE_NAME}={token}"

    def ask(
        self, method: str, path: str, body: bytes | Iterable[bytes] | None = None, **more: str
    ) -> http.client.HTTPResponse:
        """The answer, read to its end."""
        headers = self.headers | {name.replace("_", "-"): value for name, value in more.items()}
        with closing(Line(self.site.socket)) as line:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            answer.read()
            return answer

    def begin(self, commission: int, size: int) -> str:
        """The address of a new upload."""
        made = self.ask("POST", reverse("field:uploads", args=[commission]), **TUS, Upload_Length=str(size))
        assert made.status == 201, made.status
        return str(made.headers["Location"])

    def send(self, address: str, data: bytes, *, offset: int) -> int:
        """One chunk with its checksum, as the browser sends it; how much of the file is there then."""
        said = {"Content-Type": BYTES, "Upload-Offset": str(offset)}
        said["Upload-Checksum"] = f"sha256 {b64encode(hashlib.sha256(data).digest()).decode()}"
        sent = self.ask("PATCH", address, data, **TUS, **said)
        assert sent.status == 204, sent.status
        return int(sent.headers["Upload-Offset"])

    def reached(self, address: str) -> int:
        return int(self.ask("HEAD", address, **TUS).headers["Upload-Offset"])

    def break_off(self, address: str, data: bytes, *, offset: int, size: int, **more: str) -> Line:
        """Begin a chunk of `size` bytes and send only these of it; the line stays open."""
        line = Line(self.site.socket)
        line.putrequest("PATCH", address)
        said = self.headers | TUS | {"Content-Type": BYTES, "Upload-Offset": str(offset), "Content-Length": str(size)}
        said |= {name.replace("_", "-"): value for name, value in more.items()}
        for name, value in said.items():
            line.putheader(name, value)
        line.endheaders(data)
        return line
