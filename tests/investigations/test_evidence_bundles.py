"""The bundle for a court: whatever is changed, exchanged or left out of it is found, by a program that stands alone."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from config.kernel.files import FileLost
from config.kernel.refusals import NotPermitted
from investigations import verify
from investigations.models import Commission, CustodyEntry, Exhibit
from investigations.services import evidence, exporting
from tests.factories import at, reported, signed_in, staff
from tests.investigations.recordings import EICAR, film, located
from tests.investigations.uploading import begin, kept, phone_of
from tests.papers import pdf

pytestmark = pytest.mark.django_db

NOW = at("2025-04-12 09:00")
Parts = dict[str, bytes]
DOCUMENT = pdf(2)


@pytest.fixture
def collected(sent: Commission, store: Path) -> Commission:
    """A photo, a document, a film, something that was refused, and something that has not arrived."""
    phone = phone_of(sent)
    kept(phone, sent, located(), filename="../../现场.jpg", claimed_at="2025-04-10T14:30", place="病案室", note="原件")
    kept(phone, sent, DOCUMENT, filename="记录.pdf")
    kept(phone, sent, film(), filename="面访.mp4")
    kept(phone, sent, EICAR, filename="eicar.com")
    begin(phone, sent, 10, filename="never.jpg")
    reported(sent)
    return sent


@pytest.fixture
def bundle(collected: Commission, tmp_path: Path) -> Path:
    path = tmp_path / "bundle.zip"
    with open(path, "wb") as out:
        exporting.export(collected.pk, out, by=staff("supervisor"), at=NOW)
    return path


def parts_of(path: Path) -> Parts:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed_as(path: Path, parts: Parts) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return path


def faults(path: Path) -> list[str]:
    return verify.faults_of_bundle(str(path), key=exporting.public_key())


def changed(bundle: Path, change: Callable[[Parts], None]) -> list[str]:
    """What is found once the parts of a bundle are packed again with a change."""
    parts = parts_of(bundle)
    change(parts)
    return faults(packed_as(bundle.with_name("changed.zip"), parts))


def files_of(parts: Parts) -> list[str]:
    return sorted(name for name in parts if name.startswith("files/"))


def log_of(parts: Parts) -> list[dict]:
    return json.loads(parts["custody.json"])


def resigned(bundle: Path, change: Callable[[Parts, dict, list[dict]], None]) -> list[str]:
    """What is found where whoever holds the plan's own key changed parts, manifest and log, and made all of it fit."""

    def sign(parts: Parts) -> None:
        manifest, entries, previous = json.loads(parts["manifest.json"]), log_of(parts), verify.NOTHING_BEFORE
        change(parts, manifest, entries)
        for number, entry in enumerate(entries, start=1):
            entry["number"], entry["previous"] = number, previous
            previous = entry["hash"] = verify.hash_of(entry)
        parts["custody.json"] = json.dumps(entries).encode()
        digest = hashlib.sha256(parts["custody.json"]).hexdigest()
        manifest["custody"] = {"entries": len(entries), "last": previous, "sha256": digest}
        parts["manifest.json"] = json.dumps(manifest).encode()
        parts["manifest.sig"] = exporting.signing_key().sign(parts["manifest.json"])

    return changed(bundle, sign)


def test_an_untouched_bundle_is_untouched(bundle: Path) -> None:
    assert faults(bundle) == []


def test_packing_it_again_changes_nothing(bundle: Path) -> None:
    assert changed(bundle, lambda parts: None) == []


def test_it_holds_the_files_and_all_that_is_known_of_them(bundle: Path) -> None:
    parts = parts_of(bundle)
    manifest = json.loads(parts["manifest.json"])
    photo = manifest["files"][0]

    assert [parts[file["path"]] for file in manifest["files"]] == [located(), DOCUMENT, film()]
    assert photo["claimed"] == {"time": "2025-04-10T06:30:00+00:00", "place": "病案室", "note": "原件"}
    assert photo["recorded"] == {
        "time": "2025-04-10 14:31:02+08:00",
        "place": "-30.587500,114.304167",
        "zone_is_assumed": False,
    }
    assert [file["path"].rpartition(".")[2] for file in manifest["files"]] == ["jpg", "pdf", "mp4"]
    assert [file["refused_because"] for file in manifest["without_content"]] == ["type"]
    assert [entry["act"] for entry in log_of(parts)][-1] == "exported"


def test_it_holds_the_report_as_it_was_signed(bundle: Path, collected: Commission) -> None:
    parts, report = parts_of(bundle), collected.reports.get()

    assert json.loads(parts["reports/01.json"]) == report.told()
    assert changed(bundle, lambda parts: parts.update({"reports/01.json": b"{}"}))
    assert changed(bundle, lambda parts: parts.pop("reports/01.json"))
    assert changed(bundle, lambda parts: parts.update({"reports/02.json": parts["reports/01.json"]}))


def test_a_report_that_was_signed_is_not_left_out_by_whoever_signs_the_manifest(bundle: Path) -> None:
    def drop(parts: Parts) -> None:
        manifest = json.loads(parts["manifest.json"]) | {"reports": []}
        del parts["reports/01.json"]
        parts["manifest.json"] = json.dumps(manifest).encode()
        parts["manifest.sig"] = exporting.signing_key().sign(parts["manifest.json"])

    assert changed(bundle, drop) == ["manifest.json: the reports are not those that were signed"]


def test_signing_it_anew_is_no_fault_by_itself(bundle: Path) -> None:
    assert resigned(bundle, lambda parts, manifest, log: None) == []


def test_what_was_received_is_never_left_out_of_both_lists(bundle: Path) -> None:
    def drop_file(parts: Parts, manifest: dict, log: list[dict]) -> None:
        del parts[manifest["files"].pop()["path"]]

    def drop_refused(parts: Parts, manifest: dict, log: list[dict]) -> None:
        manifest["without_content"].clear()

    numbers = sorted({entry["exhibit"] for entry in log_of(parts_of(bundle)) if entry["exhibit"]})
    assert resigned(bundle, drop_file) == [f"exhibit {numbers[2]}: was received, and is in no list of the manifest"]
    assert resigned(bundle, drop_refused) == [f"exhibit {numbers[3]}: was received, and is in no list of the manifest"]


def test_what_is_listed_is_listed_once_and_was_received_once(bundle: Path) -> None:
    def list_twice(parts: Parts, manifest: dict, log: list[dict]) -> None:
        manifest["without_content"].append({**manifest["files"][0]})

    def never_received(parts: Parts, manifest: dict, log: list[dict]) -> None:
        log[:] = [entry for entry in log if (entry["act"], entry["exhibit"]) != ("received", first)]

    def received_twice(parts: Parts, manifest: dict, log: list[dict]) -> None:
        log.append({**log[0]})
        log[-1]["at"] = log[-2]["at"]

    first = log_of(parts_of(bundle))[0]["exhibit"]
    assert f"exhibit {first}: is listed twice" in resigned(bundle, list_twice)
    assert f"exhibit {first}: is listed, and the log does not say that it was received" in resigned(
        bundle, never_received
    )
    assert resigned(bundle, received_twice) == [f"exhibit {first}: was received twice, as the log says"]


@pytest.mark.parametrize("told", ["name", "size", "sha256", "sm3"])
def test_what_is_listed_is_what_was_received(bundle: Path, told: str) -> None:
    def change(parts: Parts, manifest: dict, log: list[dict]) -> None:
        log[0]["details"][told] = "x"
        manifest["without_content"][0][told] = "x"

    first, last = 0, -1
    entries = log_of(parts_of(bundle))
    numbers = [entry["exhibit"] for entry in entries if entry["act"] == "received"]
    assert resigned(bundle, change) == [
        f"exhibit {numbers[first]}: is not as it was received",
        f"exhibit {numbers[last]}: is not as it was received",
    ]


def test_only_what_the_log_says_was_not_taken_is_without_its_content(bundle: Path) -> None:
    def call_refused(parts: Parts, manifest: dict, log: list[dict]) -> None:
        file = manifest["files"].pop(0)
        del parts[file.pop("path")]
        manifest["without_content"].append({**file, "state": "refused"})

    def call_quarantined(parts: Parts, manifest: dict, log: list[dict]) -> None:
        manifest["without_content"][0]["state"] = "quarantined"

    def call_clean(parts: Parts, manifest: dict, log: list[dict]) -> None:
        manifest["without_content"][0]["state"] = "clean"

    said = "the log says something else of whether it was taken"
    entries = log_of(parts_of(bundle))
    numbers = [entry["exhibit"] for entry in entries if entry["act"] == "received"]
    assert resigned(bundle, call_refused) == [f"exhibit {numbers[0]}: {said}"]
    assert resigned(bundle, call_quarantined) == [f"exhibit {numbers[-1]}: {said}"]
    assert resigned(bundle, call_clean) == [f"exhibit {numbers[-1]}: {said}"]


@pytest.mark.parametrize(
    ("group", "field"),
    [("claimed", "time"), ("claimed", "place"), ("claimed", "note"), ("recorded", "time"), ("recorded", "place")],
)
def test_what_was_said_of_a_file_is_what_the_log_holds(bundle: Path, group: str, field: str) -> None:
    def change(parts: Parts, manifest: dict, log: list[dict]) -> None:
        manifest["files"][0][group][field] = "x"
        manifest["without_content"][0][group][field] = "x"

    numbers = [entry["exhibit"] for entry in log_of(parts_of(bundle)) if entry["act"] == "received"]
    found = [f"exhibit {one}: what was said of it is not what the log holds" for one in (numbers[0], numbers[-1])]
    assert resigned(bundle, change) == found


def test_the_log_alone_tells_nobody_what_was_said(collected: Commission) -> None:
    """Places can be guessed: without the salt, which is in the manifest, the hash cannot be tried out."""
    entry = CustodyEntry.objects.filter(act="received").earliest("number")
    photo = Exhibit.objects.get(pk=entry.exhibit_id)

    assert entry.details["claimed"] == verify.hash_of_words(photo.salt, photo.claimed())
    assert len(set(Exhibit.objects.values_list("salt", flat=True))) == Exhibit.objects.count()


def test_times_that_fall_are_found(bundle: Path) -> None:
    def fall(parts: Parts, manifest: dict, log: list[dict]) -> None:
        log[1]["at"] = "2020-01-01T00:00:00.000000+00:00"

    assert resigned(bundle, fall) == ["custody entry 2: is earlier than the entry before it"]


def test_another_format_is_not_read_as_this_one(bundle: Path) -> None:
    def later(parts: Parts, manifest: dict, log: list[dict]) -> None:
        manifest["format"] = 99

    assert resigned(bundle, later) == ["manifest.json: is of a format that this program does not know"]


def places(length: int) -> list[int]:
    return sorted({0, 1, length // 3, length // 2, length - 2, length - 1})


def test_a_changed_byte_of_any_part_is_found(bundle: Path) -> None:
    parts = parts_of(bundle)
    for name, data in parts.items():
        for place in places(len(data)):
            for flip in (1, 32, 128):
                other = data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :]
                found = changed(bundle, lambda parts, name=name, other=other: parts.update({name: other}))
                assert found, (name, place, flip)


def test_every_byte_of_the_log_counts(bundle: Path) -> None:
    """Also where the hash of the whole log is made to fit: what stands in it holds it together."""
    parts = parts_of(bundle)
    manifest, log = json.loads(parts["manifest.json"]), parts["custody.json"]
    for place in range(len(log)):
        other = log[:place] + bytes([log[place] ^ 1]) + log[place + 1 :]
        if log[place : place + 1].isspace() and _same(log, other):
            continue
        manifest["custody"]["sha256"] = hashlib.sha256(other).hexdigest()
        assert list(verify._faults_of_log(other, manifest)), place


def _same(log: bytes, other: bytes) -> bool:
    """Whether a changed space changes nothing of what is said."""
    try:
        return bool(json.loads(log) == json.loads(other))
    except ValueError:
        return False


def test_a_changed_file_is_named(bundle: Path) -> None:
    name = files_of(parts_of(bundle))[1]

    assert changed(bundle, lambda parts: parts.update({name: parts[name] + b"\n"})) == [f"{name}: was changed"]


def test_a_changed_byte_in_the_archive_itself_is_found(bundle: Path) -> None:
    """Without packing it again: the archive's own sums fail first, and that is an answer too."""
    whole = bytearray(bundle.read_bytes())
    with zipfile.ZipFile(bundle) as packed:
        names = [info for info in packed.infolist() if info.file_size]
    for info in names:
        start = info.header_offset + 30 + len(info.filename) + 20
        touched = bytearray(whole)
        touched[start + 5] ^= 1
        bundle.write_bytes(touched)
        assert faults(bundle), info.filename


def test_a_removed_file_is_named(bundle: Path) -> None:
    for name in files_of(parts_of(bundle)):
        assert changed(bundle, lambda parts, name=name: parts.pop(name)) == [f"{name}: was removed"]


@pytest.mark.parametrize("name", verify.PARTS)
def test_a_removed_part_is_named(bundle: Path, name: str) -> None:
    assert f"{name}: is missing or damaged" in changed(bundle, lambda parts: parts.pop(name))


def test_files_that_changed_places_are_found(bundle: Path) -> None:
    def exchange(parts: Parts) -> None:
        one, other = files_of(parts)[:2]
        parts[one], parts[other] = parts[other], parts[one]

    assert len(changed(bundle, exchange)) == 2


def test_a_file_that_was_added_is_named(bundle: Path) -> None:
    found = changed(bundle, lambda parts: parts.update({"files/000009.jpg": located()}))

    assert found == ["files/000009.jpg: is not in the manifest"]


def test_every_entry_that_is_left_out_is_found_the_last_too(bundle: Path) -> None:
    length = len(log_of(parts_of(bundle)))
    assert length == 10
    for place in range(length):

        def leave_out(parts: Parts, place: int = place) -> None:
            entries = log_of(parts)
            del entries[place]
            parts["custody.json"] = json.dumps(entries).encode()

        found = changed(bundle, leave_out)
        assert any(
            fault.startswith(f"custody entr{'ies' if place == length - 1 else 'y'} {place + 1}") for fault in found
        )


def test_a_log_that_was_forged_from_end_to_end_is_found(bundle: Path) -> None:
    """Hashes can be computed by anybody: the signature holds the last of them."""

    def forge(parts: Parts) -> None:
        entries, previous = log_of(parts)[:-1], verify.NOTHING_BEFORE
        for entry in entries:
            entry["who"], entry["previous"] = "somebody-else", previous
            previous = entry["hash"] = verify.hash_of(entry)
        parts["custody.json"] = json.dumps(entries).encode()
        manifest = json.loads(parts["manifest.json"])
        manifest["custody"] = {
            "entries": len(entries),
            "last": previous,
            "sha256": hashlib.sha256(parts["custody.json"]).hexdigest(),
        }
        parts["manifest.json"] = json.dumps(manifest).encode()

    assert changed(bundle, forge) == ["manifest.json: the signature does not fit it"]


def test_a_bundle_that_somebody_else_signed_is_found_by_whoever_has_the_key(bundle: Path) -> None:
    def sign(parts: Parts) -> None:
        key = Ed25519PrivateKey.generate()
        manifest = json.loads(parts["manifest.json"])
        manifest["files"][0]["claimed"]["time"] = ""
        parts["manifest.json"] = json.dumps(manifest).encode()
        parts["manifest.sig"], parts["public.key"] = (
            key.sign(parts["manifest.json"]),
            key.public_key().public_bytes_raw(),
        )

    assert changed(bundle, sign)[:2] == [
        "public.key: is not the key that was given",
        "manifest.json: the signature does not fit it",
    ]


def test_a_name_that_is_there_twice_is_found(bundle: Path) -> None:
    name = files_of(parts_of(bundle))[0]
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(bundle, "a") as packed:
        packed.writestr(name, located())

    assert f"{name}: is there twice" in faults(bundle)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip" * 100])
def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(data)

    assert verify.main([str(tmp_path / "x.zip")]) == 2


@pytest.mark.parametrize(
    "manifest", [b"[]", b"{}", b"null", b'{"files": [1], "custody": {}, "commission": 1}', b"\xff"]
)
def test_a_manifest_that_is_none_breaks_nothing(bundle: Path, manifest: bytes) -> None:
    assert changed(bundle, lambda parts: parts.update({"manifest.json": manifest}))


@pytest.mark.parametrize("log", [b"[]", b"{}", b"null", b"[1]", b'[{"number": "1"}]', b"[" * 100_000])
def test_a_log_that_is_none_breaks_nothing(bundle: Path, log: bytes) -> None:
    assert changed(bundle, lambda parts: parts.update({"custody.json": log}))


# The commands


def test_the_expert_needs_one_file_and_a_library(bundle: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(verify.__file__, alone)
    command = [sys.executable, "-I", str(alone / "verify.py"), str(bundle), "--key", exporting.public_key().hex()]

    good = subprocess.run(command, cwd=alone, env={}, capture_output=True, text=True)
    packed_as(bundle, {**parts_of(bundle), "custody.json": b"[]"})
    bad = subprocess.run(command, cwd=alone, env={}, capture_output=True, text=True)

    assert (good.returncode, good.stderr) == (0, "")
    assert "Untouched" in good.stdout
    assert bad.returncode == 1
    assert "custody.json: was changed" in bad.stdout


def test_without_the_key_nobody_knows_who_signed_it(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main([str(bundle)]) == 3
    said = capsys.readouterr().out
    assert "who signed it is unknown" in said
    assert "签名人未知" in said
    assert "Untouched" not in said


@pytest.mark.parametrize("key", ["xyz", "", "00" * 31, "00" * 33])
def test_a_key_that_is_none_is_not_taken_for_a_bundle_that_is_none(
    bundle: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main([str(bundle), "--key", key]) == 4
    assert "64" in capsys.readouterr().err


def test_a_name_writes_no_line_of_its_own(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = parts_of(bundle) | {"x\n\x1b[2JUntouched: every file": b""}
    packed_as(bundle, parts)

    assert verify.main([str(bundle), "--key", exporting.public_key().hex()]) == 1
    assert capsys.readouterr().out.startswith(r"x\n\x1b[2JUntouched: every file: is not in the manifest")


def test_every_sentence_is_said_in_both_languages(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed_as(bundle, {**parts_of(bundle), "custody.json": b"[]"})

    assert verify.main([str(bundle), "--key", exporting.public_key().hex()]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(re.search("[\u4e00-\u9fff]", line) for line in lines), lines


def test_an_archive_of_very_many_names_is_read_once(bundle: Path) -> None:
    parts = parts_of(bundle) | {f"x/{number}": b"" for number in range(20_000)}
    packed_as(bundle, parts)

    began = time.process_time()
    assert len(faults(bundle)) >= 20_000
    assert time.process_time() - began < 5


def test_the_commands_export_and_name_the_key(collected: Commission, tmp_path: Path) -> None:
    out, path, by = io.StringIO(), tmp_path / "for-the-court.zip", staff("supervisor")

    call_command("export_custody", str(collected.pk), "--by", by.username, "--to", str(path), stdout=out)
    call_command("custody_key", stdout=out)

    assert faults(path) == []
    assert out.getvalue().count(exporting.public_key().hex()) == 2
    assert path.stat().st_mode & 0o077 == 0
    assert CustodyEntry.objects.latest("number").act == "exported"


@pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "auditor", "administrator", "investigator"])
def test_who_may_not_export(collected: Commission, tmp_path: Path, role: str) -> None:
    with pytest.raises(NotPermitted):
        exporting.export(collected.pk, io.BytesIO(), by=staff(role), at=NOW)
    path = tmp_path / "none.zip"
    with pytest.raises(CommandError, match="NotPermitted"):
        call_command("export_custody", str(collected.pk), "--by", staff(role).username, "--to", str(path))
    assert not path.exists()
    assert not CustodyEntry.objects.filter(act="exported").exists()


def test_an_export_that_fails_leaves_nothing_and_is_in_the_log(
    collected: Commission, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dying(*args: object) -> None:
        raise KeyboardInterrupt

    path, by = tmp_path / "half.zip", staff("supervisor").username
    with monkeypatch.context() as kill:
        kill.setattr(exporting, "_write_file", dying)
        with pytest.raises(KeyboardInterrupt):
            call_command("export_custody", str(collected.pk), "--by", by, "--to", str(path))

    assert [left.name for left in tmp_path.iterdir()] == ["pieces"]
    last = CustodyEntry.objects.latest("number")
    assert (last.act, last.who, last.details) == (
        "failed",
        by,
        {"entry": last.number - 1, "because": "KeyboardInterrupt"},
    )
    call_command("export_custody", str(collected.pk), "--by", by, "--to", str(path), stdout=io.StringIO())
    assert faults(path) == []


def address_of(commission: Commission) -> str:
    return reverse("admin:investigations_commission_export", args=[commission.pk])


def test_a_supervisor_saves_the_bundle_from_the_page_of_the_commission(collected: Commission, tmp_path: Path) -> None:
    browser, path = signed_in("supervisor"), tmp_path / "saved.zip"
    page = browser.get(reverse("admin:investigations_commission_change", args=[collected.pk])).content.decode()
    asked = browser.get(address_of(collected))
    assert address_of(collected) in page
    assert (asked.status_code, CustodyEntry.objects.filter(act="exported").count()) == (200, 0)

    answer = browser.post(address_of(collected))

    path.write_bytes(b"".join(answer))
    assert faults(path) == []
    assert answer["Content-Disposition"] == f'attachment; filename="custody-{collected.pk}.zip"'
    assert "no-store" in answer["Cache-Control"]
    assert CustodyEntry.objects.latest("number").act == "exported"


@pytest.mark.parametrize("role", ["intake", "reviewer", "finance", "auditor", "administrator", "investigator"])
def test_nobody_else_sees_or_reaches_it(collected: Commission, role: str) -> None:
    browser = signed_in(role)
    page = browser.get(reverse("admin:investigations_commission_change", args=[collected.pk])).content.decode()

    assert address_of(collected) not in page
    assert [browser.get(address_of(collected)).status_code, browser.post(address_of(collected)).status_code] in (
        [403, 403],
        [302, 302],
    )
    assert not CustodyEntry.objects.filter(act="exported").exists()


def test_a_file_that_is_gone_is_said_on_the_page(collected: Commission) -> None:
    photo = Exhibit.objects.filter(kind="photo").get()
    evidence.pieces_of(photo).drop()

    answer = signed_in("supervisor").post(address_of(collected))

    assert answer.status_code == 409
    assert CustodyEntry.objects.latest("number").act == "failed"


def test_a_file_that_is_there_is_not_written_over(collected: Commission, tmp_path: Path) -> None:
    path, by = tmp_path / "there.zip", staff("supervisor").username
    path.write_bytes(b"mine")

    for who in (by, "nobody"):
        with pytest.raises(CommandError):
            call_command("export_custody", str(collected.pk), "--by", who, "--to", str(path))

    assert path.read_bytes() == b"mine"


def test_a_file_that_was_exchanged_in_the_store_is_not_exported(collected: Commission) -> None:
    photo = Exhibit.objects.filter(kind="photo").get()
    evidence.pieces_of(photo).write(1, located(south=False))

    with pytest.raises(FileLost):
        exporting.export(collected.pk, io.BytesIO(), by=staff("supervisor"), at=NOW)
