"""Every page of the desk."""

from django.urls import URLPattern, path

from lianhu.desk import (
    accounts,
    care,
    changes,
    export,
    grades,
    import_list,
    imports,
    proposals,
    resources,
    rule_tables,
    staff_list,
)
from lianhu.desk import duplicates as alike
from lianhu.desk import requests as rights
from lianhu.desk.asking import asked, asking
from lianhu.desk.backups import backups
from lianhu.desk.devices import devices, enrol, revoke
from lianhu.desk.divisions import change
from lianhu.desk.grids import apply, grids
from lianhu.desk.home import home
from lianhu.desk.households import household, move, residence, reveal
from lianhu.desk.inbox import inbox
from lianhu.desk.ledger import ledger
from lianhu.desk.letters import letter, letters, settle
from lianhu.desk.matter import accused, page, phone, photo, take
from lianhu.desk.places import place, places
from lianhu.desk.report import report
from lianhu.desk.rescue import rescue
from lianhu.desk.sign_in import enter, leave, password
from lianhu.desk.staff import end, person, post_somebody
from lianhu.desk.visits_due import visits_due
from lianhu.desk.visits_made import visits

urlpatterns: list[URLPattern] = [
    path("", home),
    path("sign-in/", enter),
    path("sign-out/", leave),
    path("password/", password),
    path("report/", report),
    path("matters/", inbox),
    path("matters/export/", export.matters),
    path("matters/<uuid:matter_id>/", page),
    path("matters/<uuid:matter_id>/photos/<str:sha256>/", photo),
    path("matters/<uuid:matter_id>/phone/", phone),
    path("matters/<uuid:matter_id>/accused/", accused),
    path("matters/<uuid:matter_id>/<slug:step>/", take),
    path("places/", places),
    path("places/export/", export.households),
    path("places/<str:code>/", place),
    path("places/<str:code>/change/", change),
    path("places/<str:code>/resources/", resources.resources),
    path("places/<str:code>/resources/add/", resources.add),
    path("resources/<uuid:resource_id>/<slug:how>/", resources.change),
    path("places/<str:code>/grids/", grids),
    path("places/<str:code>/grids/apply/", apply),
    path("households/<uuid:household_id>/", household),
    path("households/<uuid:household_id>/grade/", grades.grade),
    path("households/<uuid:household_id>/grade/<slug:what>/", grades.do),
    path("grades/", grades.grades),
    path("grades/appeals/<uuid:appeal_id>/", grades.appeal),
    path("rules/", rule_tables.tables),
    path("rules/new/", rule_tables.new),
    path("rules/in-force.toml", rule_tables.in_force_file),
    path("rules/<uuid:table_id>/", rule_tables.one),
    path("rules/<uuid:table_id>/what-if/", rule_tables.what_if),
    path("rules/<uuid:table_id>/file.toml", rule_tables.file),
    path("rules/<uuid:table_id>/<slug:what>/", rule_tables.do),
    path("care/", care.mine),
    path("care/new/", care.new),
    path("care/<uuid:episode_id>/", care.one),
    path("care/<uuid:episode_id>/<slug:what>/", care.do),
    path("visits/", visits),
    path("visits/export/", export.visits),
    path("visits/due/", visits_due),
    path("households/<uuid:household_id>/move/", move),
    path("households/<uuid:household_id>/change/", changes.change),
    path("persons/<uuid:person_id>/", changes.person),
    path("persons/<uuid:person_id>/reveal/", reveal),
    path("persons/<uuid:person_id>/residence/", residence),
    path("duplicates/", alike.duplicates),
    path("duplicates/<uuid:keep_id>/<uuid:drop_id>/", alike.pair),
    path("duplicates/<uuid:change_id>/undo/", alike.unmerge),
    path("proposals/", proposals.proposals),
    path("proposals/export/", proposals.export),
    path("proposals/<uuid:proposal_id>/<slug:how>/", proposals.decide),
    path("households/<uuid:household_id>/requests/", rights.new),
    path("requests/", rights.requests),
    path("requests/export/", rights.export),
    path("requests/<uuid:request_id>/", rights.one),
    path("requests/<uuid:request_id>/copy/", rights.copy),
    path("requests/<uuid:request_id>/<slug:what>/", rights.do),
    path("register/", imports.register),
    path("register/export/", imports.export),
    path("register/drafts/<uuid:draft_id>/", imports.draft),
    path("register/drafts/<uuid:draft_id>/again/", imports.again),
    path("register/drafts/<uuid:draft_id>/apply/", imports.apply),
    path("register/drafts/<uuid:draft_id>/correct/", imports.correct),
    path("register/drafts/<uuid:draft_id>/drop/", imports.drop),
    path("register/drafts/<uuid:draft_id>/findings/", imports.findings),
    path("register/imports/", import_list.imports),
    path("register/imports/export/", import_list.export),
    path("register/imports/<uuid:import_id>/", imports.one),
    path("staff/", staff_list.people),
    path("staff/post/", post_somebody),
    path("staff/export/", staff_list.export),
    path("staff/<uuid:user_id>/", person),
    path("staff/<uuid:user_id>/enrol/", enrol),
    path("staff/<uuid:user_id>/grant/", accounts.give),
    path("staff/<uuid:user_id>/reset/", accounts.reset),
    path("accounts/new/", accounts.new),
    path("grants/<uuid:grant_id>/end/", accounts.take_back),
    path("postings/<uuid:posting_id>/end/", end),
    path("devices/", devices),
    path("devices/export/", export.phones),
    path("devices/<uuid:device_id>/revoke/", revoke),
    path("asking/", asking),
    path("asking/<uuid:device_id>/", asked),
    path("rescue/", rescue),
    path("letters/", letters),
    path("letters/<uuid:letter_id>/", letter),
    path("letters/<uuid:letter_id>/<slug:how>/", settle),
    path("ledger/", ledger),
    path("backups/", backups),
    path("ledger/export/", export.ledger),
]
