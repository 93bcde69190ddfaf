"""What investigations put on the page of figures."""

from django.utils.translation import gettext_lazy as _

from config.kernel.figures import Block, add_behind, add_figures
from investigations.services import figures

add_figures(
    Block(
        name="agencies",
        title=_("In time, by agency"),
        about=_(
            "Cases of which the time that was set for a report ended in the period: in time where the report was "
            "there before, late where the time ran out. What was taken back or closed does not count."
        ),
        empty=_("No agency's time ended in this period."),
        read=figures.by_agency,
        place=55,
    )
)
add_behind("agency-in-time", _("reports of an agency"), figures.BY_AGENCY.cases)
