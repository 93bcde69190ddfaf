"""What an agency writes about its own commission. The services say no; a form only reads what was typed."""

from django.utils.translation import gettext_lazy as _

from config.kernel.forms import Choice, MoveForm, Text
from investigations.enums import Conclusion, DeclineReason


class FileReport(MoveForm):
    conclusion = Choice(label=_("Conclusion"), choices=Conclusion.choices)
    text = Text(label=_("Findings"), help_text=_("Kept encrypted."))


class Decline(MoveForm):
    code = Choice(label=_("Coded reason"), choices=DeclineReason.choices)
    reason = Text(
        label=_("Reason"), help_text=_("It stays with the case: nothing about the member's health."), is_private=False
    )
