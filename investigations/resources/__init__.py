from investigations.resources.fees import FORMATS, FeeSheetResource, plain, written

__all__ = ["FORMATS", "FeeSheetResource", "plain", "written"]
