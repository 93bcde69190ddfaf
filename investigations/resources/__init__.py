"""What of investigations can be exported."""

from investigations.resources import exports
from investigations.resources.fees import FORMATS, FeeSheetResource, written

__all__ = ["FORMATS", "FeeSheetResource", "exports", "written"]
