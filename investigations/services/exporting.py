"""The evidence of a commission as one signed archive, which `investigations.verify` checks without this system."""

import hashlib
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.db.models import Sum

from config.kernel.crypto import derived_key
from config.kernel.files import FileLost
from config.kernel.models import User
from config.kernel.permissions import check_permission
from investigations import verify
from investigations.enums import Act, ExhibitState
from investigations.models import Commission, CustodyEntry, Exhibit, Report
from investigations.policies import EXPORT_CUSTODY
from investigations.refusals import LogBroken
from investigations.services import custody
from investigations.services.evidence import digests, pieces_of

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/x-wav": "wav",
    "audio/amr": "amr",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
}


class Taken(NamedTuple):
    """What goes into a bundle, as it stood when the entry of the export was written."""

    commission: Commission
    exhibits: list[Exhibit]
    kept: list[Exhibit]
    reports: list[Report]
    last: CustodyEntry


def export(commission_id: int, out: BinaryIO, *, by: User, at: datetime) -> CustodyEntry:
    """Write the bundle to `out`; the log's last entry in it tells of this export. Returns that entry.

    The entry is in the bundle, and so written before it; of an export that breaks off another entry tells.

    Refused: `NotPermitted`, `LogBroken`. FileLost where a stored file is not what came in; Commission.DoesNotExist.
    """
    check_permission(EXPORT_CUSTODY, by)
    with transaction.atomic():
        custody.hold(commission_id)
        commission = Commission.objects.select_related("agency", "claim").get(pk=commission_id)
        exhibits = list(commission.exhibits.exclude(state=ExhibitState.RECEIVING).select_related("received_by"))
        kept = [exhibit for exhibit in exhibits if exhibit.state == ExhibitState.CLEAN]
        if faults := custody.faults_of(commission_id):
            raise LogBroken(faults="; ".join(faults[:3]))
        last = custody.append(commission_id, Act.EXPORTED, details={"files": len(kept)}, by=by, at=at)
        log = [entry.told() for entry in custody.log_of(commission_id)]
        reports = list(commission.reports.exclude(digest="").select_related("filed_by"))
    taken = Taken(commission, exhibits, kept, reports, last)
    try:
        _write(out, taken, _shown(log))
    except BaseException as error:
        details = {"entry": last.number, "because": type(error).__name__}
        with transaction.atomic():
            custody.append(commission_id, Act.FAILED, details=details, by=by, at=at)
        raise
    return last


def _write(out: BinaryIO, taken: Taken, log: bytes) -> None:
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
        for exhibit in taken.kept:
            _write_file(bundle, exhibit)
        for report in taken.reports:
            bundle.writestr(report_path(report), verify.canonical(report.told()))
        manifest = _shown(_manifest(taken, log))
        bundle.writestr(verify.CUSTODY, log)
        bundle.writestr(verify.MANIFEST, manifest)
        bundle.writestr(verify.SIGNATURE, signing_key().sign(manifest))
        bundle.writestr(verify.KEY, public_key())


def size_of(commission: Commission) -> int:
    """Bytes of the files that a bundle would hold."""
    return commission.exhibits.kept().aggregate(sum=Sum("size"))["sum"] or 0


def signing_key() -> Ed25519PrivateKey:
    """The plan's own, derived from a secret of the settings that never changes."""
    return Ed25519PrivateKey.from_private_bytes(derived_key("signing custody"))


def public_key() -> bytes:
    """32 bytes, for whoever checks a bundle."""
    return signing_key().public_key().public_bytes_raw()


def path_of(exhibit: Exhibit) -> str:
    """Where a file lies in the bundle: its number and what it is, never what somebody called it."""
    return f"files/{exhibit.pk:06}.{ENDINGS[exhibit.content_type]}"


def report_path(report: Report) -> str:
    """Where a version of the report lies in the bundle, as it was signed."""
    return f"reports/{report.version:02}.json"


def _write_file(bundle: zipfile.ZipFile, exhibit: Exhibit) -> None:
    stored = pieces_of(exhibit)
    with bundle.open(path_of(exhibit), "w", force_zip64=True) as file:
        written = digests(_passed_on(stored.stream(exhibit.pieces), file))
    if written != (exhibit.sha256, exhibit.sm3):
        raise FileLost(str(exhibit))


def _passed_on(stream: Iterable[bytes], file: Any) -> Iterable[bytes]:
    for data in stream:
        file.write(data)
        yield data


def _manifest(taken: Taken, log: bytes) -> dict[str, Any]:
    commission, exhibits, kept, reports, last = taken
    return {
        "format": verify.FORMAT,
        "commission": commission.pk,
        "case": commission.claim.number,
        "agency": commission.agency.name,
        "exported_at": _utc(last.at),
        "exported_by": last.who,
        "files": [{"path": path_of(exhibit), **_told(exhibit)} for exhibit in kept],
        "without_content": [_told(exhibit) for exhibit in exhibits if exhibit.state != ExhibitState.CLEAN],
        "reports": [
            {"path": report_path(report), "version": report.version, "sha256": report.digest} for report in reports
        ],
        "custody": {"entries": last.number, "last": last.hash, "sha256": hashlib.sha256(log).hexdigest()},
    }


def _told(exhibit: Exhibit) -> dict[str, Any]:
    return {
        "exhibit": exhibit.pk,
        "name": exhibit.name,
        "state": exhibit.state,
        "refused_because": exhibit.refused_because,
        "content_type": exhibit.content_type,
        "size": exhibit.size,
        "sha256": exhibit.sha256,
        "sm3": exhibit.sm3,
        "received_at": _utc(exhibit.received_at),
        "received_by": exhibit.received_by.get_username(),
        "checked_for_viruses": exhibit.is_scanned,
        "pages": exhibit.pages,
        "claimed": exhibit.claimed(),
        "recorded": exhibit.recorded(),
        "salt": exhibit.salt,
    }


def _utc(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def _shown(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
