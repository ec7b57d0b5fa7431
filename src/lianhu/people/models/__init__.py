"""Tables of the register: households and persons, their history, imports, lists that leave."""

from lianhu.people.models.assessments import Assessment
from lianhu.people.models.exports import Export, MinorLook
from lianhu.people.models.history import Change, Proposal
from lianhu.people.models.households import Household, Person, PersonKey
from lianhu.people.models.imports import ImportDraft, RegisterImport

__all__ = [
    "Assessment",
    "Change",
    "Export",
    "Household",
    "ImportDraft",
    "MinorLook",
    "Person",
    "PersonKey",
    "Proposal",
    "RegisterImport",
]
