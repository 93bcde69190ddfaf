"""The columns of cases as spreadsheets have them."""

from claims.resources import exports
from claims.resources.imports import ReportImporter

__all__ = ["ReportImporter", "exports"]
