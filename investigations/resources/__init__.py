from config.kernel.cells import plain
from investigations.resources.fees import FORMATS, FeeSheetResource, written

__all__ = ["FORMATS", "FeeSheetResource", "plain", "written"]
