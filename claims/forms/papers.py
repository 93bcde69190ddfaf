"""Taking in papers: a line for each, with its details and its files.

Files are stored while the form is read, before the case is touched. What was stored for a form that then failed is
named in it, under a signature that holds for this person and this case, so that nothing has to be uploaded again.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from claims.enums import MaterialKind, State
from claims.forms import plain, words
from claims.models import Claim
from claims.rules.kinds import Signer
from claims.services.collecting import Enclosed
from claims.services.letters import gaps_of, sent_back
from config.kernel import files as store
from config.kernel.forms import Choice, Day, Files, Line, Tick, private
from config.kernel.models import StoredFile
from config.kernel.pages import Look
from members.enums import Ownership
from members.rules.codes import PAPER_CODES

GRADES = [f"{level}{letter}" for level in "321" for letter in "ABC"]
ACCEPT = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"

MOST_AT_ONCE = 40
"""Files of one sending: each is opened before the answer goes out."""
REMEMBERED = 24 * 60 * 60
"""Seconds for which a form finds its files again."""

ASKED_AS = {code.value: kind for kind, code in PAPER_CODES.items()} | {
    "QUALIFYING_HOSPITAL_CERTIFICATE": "diagnosis_certificate",
    "RECORDS_OFFICE_SEAL": "diagnosis_certificate",
    "SPECIALIST_CERTIFICATE": "diagnosis_certificate",
    "NO_SYMPTOM_EVIDENCE": "no_symptom_evidence",
}
"""The kind of paper that fills a gap."""


DETAILS: Mapping[str, tuple[str, ...]] = {
    "diagnosis_certificate": ("grade", "ownership", "signed_by", "sealed"),
    "dialysis_record": ("through",),
    "prior_exam_reports": ("none_exist",),
}
"""The details that are looked at, by the kind of paper; a record number and files any paper may have."""


class PaperForm(forms.Form):
    """One paper. On a line that is there because its paper is wanted the kind is fixed, and it says whether it came.

    Such a paper came when it is ticked, when files are with it, or when a detail of it was filled in: it may come by
    post. A line that somebody added counts by its kind.
    """

    here = Tick(label=_("It is here"))
    kind = Choice(label=_("Kind"), choices=MaterialKind.choices, required=False)
    grade = Choice(label=_("Grade of the hospital"), choices=[(grade, grade) for grade in GRADES], required=False)
    ownership = Choice(label=pgettext_lazy("hospital", "Run as"), choices=Ownership.choices, required=False)
    signed_by = Choice(label=_("Signed by"), choices=words.choices(Signer), required=False)
    through = Day(label=_("Record through"), required=False)
    record_number = private(Line(label=_("Hospital record number"), required=False, max_length=40))
    sealed = Tick(label=_("Seal of the records office"))
    none_exist = Tick(label=_("Declared that none exist"))
    scans = Files(
        label=_("Files"),
        accept=ACCEPT,
        help_text=_("PDF, JPEG or PNG of at most 20 MB each; several files are its pages in their order."),
    )

    kept: tuple[tuple[str, StoredFile], ...] = ()
    """The names and files that are in the store for this line."""
    token = ""
    """The same, signed."""

    is_stored = False
    """Whether what came was put into the store: not for somebody who may not take papers in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_wanted = not self.empty_permitted
        if self.is_wanted:
            self.fields["kind"].widget = forms.HiddenInput()
            self._leave_out(DETAILS.get(self["kind"].value() or "", ()))
        else:
            del self.fields["here"]

    def _leave_out(self, details: tuple[str, ...]) -> None:
        """Only these `details` are asked for."""
        for name in {name for names in DETAILS.values() for name in names}.difference(details):
            del self.fields[name]

    @property
    def kind_label(self) -> str:
        kind = self["kind"].value()
        return str(MaterialKind(kind).label) if kind in MaterialKind.values else ""

    @property
    def is_here(self) -> bool:
        """Whether anything says of a wanted paper that it came."""
        came = self.kept if self.is_stored else self.is_attached
        return bool(came or set(self.changed_data) - {"kind", "scans"})

    @property
    def is_attached(self) -> bool:
        """Whether files came, with this sending or an earlier one."""
        return bool(self["scans"].data or self.data.get(self.add_prefix("kept")))

    def has_changed(self) -> bool:
        return super().has_changed() or self.is_attached

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not said.get("kind") and (self.is_attached or said.get("record_number")):
            self.add_error("kind", _("Say which paper this is."))
        return said

    def paper(self) -> dict[str, Any] | None:
        """As a case script has it; None for an empty line, and for a wanted paper that did not come."""
        said = self.cleaned_data
        if not said.get("kind") or (self.is_wanted and not self.is_here):
            return None
        paper = {name: plain(said[name]) for name in ("kind", "signed_by", "through") if said.get(name)}
        paper |= {name: True for name in ("sealed", "none_exist") if said.get(name)}
        hospital = {name: said.get(name) or None for name in ("grade", "ownership")}
        return paper | ({"hospital": hospital} if any(hospital.values()) else {})

    def enclosed(self) -> Enclosed:
        return Enclosed(files=self.kept, record_number=self.cleaned_data["record_number"])

    def store(self, room: int, *, salt: str, at: datetime) -> int:
        """Put what came into the store, the first `room` files at most, and say how many there were.

        A file that is not taken is a fault of this line, named; the others are kept.
        """
        kept, uploads = [*self._remembered(salt)], self.cleaned_data.get("scans", [])
        for upload in uploads[:room]:
            name = store.plain_name(upload.name or "")
            try:
                kept.append((name, _stored(upload, at=at)))
            except store.UnwelcomeFile as no:
                self.add_error("scans", f"{name}: {no}")
        for upload in uploads[room:]:
            self.add_error("scans", _("%(name)s: too many files at once, add it again.") % {"name": upload.name})
        self.kept, self.is_stored = tuple(kept), True
        self.token = signing.dumps([(name, stored.pk) for name, stored in kept], salt=salt) if kept else ""
        return len(uploads)

    def _remembered(self, salt: str) -> Iterator[tuple[str, StoredFile]]:
        """What an earlier sending of this form left in the store, but for what is to be left out now."""
        said: Any = self.data  # of a request, so with lists
        token, left_out = said.get(self.add_prefix("kept")), said.getlist(self.add_prefix("leave-out"))
        if not token:
            return
        try:
            named = signing.loads(token, salt=salt, max_age=REMEMBERED)
        except signing.BadSignature:
            self.add_error("scans", _("The files sent before are not remembered any more: choose them again."))
            return
        found = StoredFile.objects.in_bulk([pk for _name, pk in named])
        yield from ((name, found[pk]) for name, pk in named if str(pk) not in left_out)


def _stored(upload: UploadedFile, *, at: datetime) -> StoredFile:
    """In the store; one that is too large is not even read."""
    if (upload.size or 0) > store.LARGEST:
        raise store.UnwelcomeFile(why=store.TOO_LARGE)
    return store.keep(upload.read(), at=at)


PaperLines = forms.formset_factory(PaperForm, extra=2, max_num=20)


class Papers:
    """A line for each paper that is still wanted, and two more; a case that wants none goes on without one."""

    template = "desk/papers.html"
    is_multipart = True

    def __init__(self, data: Any = None, files: Any = None, *, row: Claim, look: Look) -> None:
        gaps = gaps_of(row)
        kinds = dict.fromkeys(ASKED_AS[code] for code in gaps if code in ASKED_AS)
        kinds |= dict.fromkeys(paper.kind for paper in sent_back(row))
        self.row, self.look, self.is_bound, self.are_wanted = row, look, data is not None, bool(kinds)
        self.may_be_empty = row.state == State.COLLECTING and not gaps
        self.lines = PaperLines(data, files, prefix="paper", initial=[{"kind": kind} for kind in kinds])
        self.cleaned_data: dict[str, Any] = {}
        self.empty: str | Promise = ""

    def is_valid(self) -> bool:
        self.lines.is_valid()
        self._store()
        if self.lines.non_form_errors() or any(line.errors for line in self.lines):
            return False
        taken = [(paper, line.enclosed()) for line in self.lines if (paper := line.paper())]
        self.cleaned_data = {
            "materials": [paper for paper, _enclosed in taken],
            "enclosed": [enclosed for _paper, enclosed in taken],
        }
        self.empty = "" if taken or self.may_be_empty else _("Name at least one paper.")
        return not self.empty

    def _store(self) -> None:
        """Nothing of somebody who may not take papers in."""
        if not self.look.by.has_perm("claims.submit_material"):
            return
        salt, room = f"claims.papers.{self.look.by.pk}.{self.row.pk}", MOST_AT_ONCE
        for line in self.lines:
            if line.is_attached:
                room -= line.store(max(room, 0), salt=salt, at=self.look.at)
