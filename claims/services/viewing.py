"""Opening a paper: who may, and that somebody did."""

from datetime import datetime

from django.db import transaction

from claims.models import Material, PaperFile
from claims.services.reading import PAPER, note_opening
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.permissions import check_permission


def open_paper(claim_id: int, file_id: int, *, by: User, at: datetime) -> PaperFile:
    """A file of this case, and the note that `by` read of it; PaperFile.DoesNotExist for one of another case."""
    check_permission("claims.view_material", by)
    file = PaperFile.objects.select_related("material", "stored").get(pk=file_id, material__claim_id=claim_id)
    with busy_when_locked(), transaction.atomic():  # the pages of a paper are asked for all at once
        Material.objects.select_for_update(of=("self",), no_key=True).get(pk=file.material_id)
        note_opening(claim_id, PAPER, by=by, at=at, about=file.material.kind)
    return file
