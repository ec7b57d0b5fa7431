"""Whatever people wrote into whatever field: pages show it, files carry it, nothing obeys it."""

import json
import re
from dataclasses import replace

import pytest
from django.db import connection

from lianhu.board.forms import plain_phone
from lianhu.web.signs import SHOWN, shown
from tests.crawl.crawl import Crawl
from tests.hostile.barbs import SCRIPT, TURNED, BarbedCage, Page

pytestmark = pytest.mark.django_db
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def read_everything(crawl):
    """Every page and file that each caller can read."""
    for route in crawl.routes:
        takes = "export" in route.path
        for caller in crawl.callers:
            call = crawl.maker.make(route, caller, "POST" if takes else "GET", "own")
            if takes:
                call = replace(call, query="", body=b"purpose=check")
            yield call, crawl.send(replace(call, headers={}))


def test_barbs_in_every_text_of_a_county_are_shown_and_not_obeyed(
    media_folder, monkeypatch, record_property
):
    if connection.vendor != "sqlite":
        pytest.skip("pages are drawn alike from either database; once is enough")
    monkeypatch.setattr("tests.crawl.county.Cage", BarbedCage)
    faults, pages, scripts, turned, files = [], 0, 0, 0, 0
    with Crawl(321) as crawl:
        for call, answer in read_everything(crawl):
            kind = answer.headers.get("Content-Type", "")
            text = answer.body.decode(errors="replace")
            if answer.status >= 500:
                faults.append(f"{call}: {answer.status} {answer.logged[-300:].decode()}")
            if "html" in kind:
                page = Page(text)
                pages += 1
                scripts += "zap()" in "".join(page.texts)
                turned += SHOWN in text
                faults += [f"{call}: {one}" for one in page.obeyed]
                faults += [f"{call}: turns {t!r}" for t in page.texts if TURNING.search(t)]
            elif "json" in kind:
                json.loads(text)
            files += "spreadsheet" in kind
    record_property("read", f"{pages} pages, {scripts} with a script in words, {files} files")
    assert faults[:20] == []
    # The check has seen what it looks for.
    assert min(pages, 10 * scripts, 10 * turned, 100 * files) > 1000, (
        pages,
        scripts,
        turned,
        files,
    )


def test_turning_signs_are_shown_in_texts_and_kept_in_fields():
    page = f'<p title="{TURNED}">{TURNED}</p><textarea name="a">{TURNED}</textarea>{TURNED}'
    text = shown(page.encode()).decode()
    mark = TURNED.replace("\u202e", SHOWN).replace("\u2066", SHOWN)
    assert text == (
        f'<p title="{TURNED}">{mark}</p><textarea name="a">{TURNED}</textarea>{mark}'
    )


def test_the_check_can_fail():
    page = Page(f"<p>{SCRIPT}</p><textarea>{TURNED}</textarea>{TURNED}")
    assert len(page.obeyed) == 3
    assert sum(bool(TURNING.search(text)) for text in page.texts) == 1


def test_a_number_copied_from_an_address_book_is_a_number():
    assert plain_phone("\u202d139 1234 5678\u202c") == "13912345678"
