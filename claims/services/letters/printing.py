"""The PDF of a letter, made by the worker after the move: printing takes longer than anybody should hold a case."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import override

from claims.models import Letter
from claims.services.letters.composing import compose
from config.kernel import files
from config.kernel.models import StoredFile
from config.kernel.printing import pdf_of

TOPIC = "printing"


def print_letter(letter_id: int, *, at: datetime) -> StoredFile:
    """Print a letter and keep its PDF; one that is printed already stays as it is.

    Its language is that of the settings: every applicant is written to in it, whoever caused the letter.
    """
    letter = Letter.objects.select_for_update(of=("self",)).get(pk=letter_id)
    if letter.printed is None:
        with override(settings.LANGUAGE_CODE):
            data, pages = pdf_of(compose(letter), at=letter.written_at)
        letter.printed = files.keep(data, pages=pages, at=at)
        letter.save(update_fields=["printed"])
    return letter.printed
