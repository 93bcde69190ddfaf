"""The columns of the members' tables as spreadsheets have them."""

from members.resources import exports
from members.resources.covenant_imports import CovenantImporter
from members.resources.imports import DiseaseImporter, HospitalImporter
from members.resources.member_imports import MemberImporter

__all__ = ["CovenantImporter", "DiseaseImporter", "HospitalImporter", "MemberImporter", "exports"]
