"""Every page of the village board."""

from django.urls import path, re_path

from lianhu.board import asking, entering, following, own, places, privacy, reporting
from lianhu.board.criteria import criteria

urlpatterns = [
    path("", places.county, name="board"),
    re_path(r"^t/(?P<code>\d{9})/$", places.town, name="board-town"),
    re_path(r"^v/(?P<code>\d{12})/$", places.village, name="board-village"),
    re_path(r"^v/(?P<code>\d{12})/poster/$", places.poster, name="board-poster"),
    path("criteria/", criteria, name="board-criteria"),
    path("report/", reporting.report, name="board-report"),
    path("complaint/", reporting.complaint, name="board-complaint"),
    path("follow/", following.box, name="board-follow-box"),
    path("follow/<str:ref>/", following.follow, name="board-follow"),
    path("follow/<str:ref>/add/", following.add, name="board-add"),
    path("follow/<str:ref>/rate/", following.rate, name="board-rate"),
    path("follow/<str:ref>/reopen/", following.reopen, name="board-reopen"),
    path("mine/", own.mine, name="board-mine"),
    path("mine/code/", entering.code, name="board-code"),
    path("mine/enter/", entering.enter, name="board-enter"),
    path("mine/choose/", entering.choose, name="board-choose"),
    path("mine/leave/", entering.leave, name="board-leave"),
    path("mine/held/", own.all_held, name="board-held"),
    path("mine/correct/", asking.correct, name="board-correct"),
    path("mine/appeal/", asking.appeal, name="board-appeal"),
    path("mine/ask/", asking.ask, name="board-ask"),
    path("mine/copy/", asking.copy, name="board-copy"),
    path("mine/receipts/<str:ref>/", asking.receipt, name="board-receipt"),
    path("mine/looked/", own.looked, name="board-looked"),
    path("sign-out/", own.sign_out, name="board-sign-out"),
    path("privacy/", privacy.privacy, name="board-privacy"),
]
