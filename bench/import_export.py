"""The same register imported by django-import-export, with its preview: the anchor of
`lianhu bench register`.

As its manual advises for large files: bulk writes, instances looked up once, one transaction. It
reads the same workbook (tablib, openpyxl), finds each village by name, makes each household once,
seals the same fields, and its preview keeps its row by row comparison. It judges nothing: no check
digits, no carried values, no second header, no merged cells.
"""

import importlib
import importlib.util
from datetime import date
from pathlib import Path
from typing import Any

PACKAGES = ("import_export", "tablib", "openpyxl")
HEADER = 2  # the row of headings; a title stands over it
# Columns of the resource's own, filled row by row.
MADE = dict.fromkeys(("relation", "sex", "born_on", "id_index"), "")


def missing() -> list[str]:
    """The packages of the `bench` group that are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def read_dataset(path: Path) -> Any:
    """The workbook's rows under its headings, by openpyxl."""
    tablib, openpyxl = importlib.import_module("tablib"), importlib.import_module("openpyxl")
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = book.active.iter_rows(min_row=HEADER, values_only=True)
    data = tablib.Dataset(headers=[*next(rows), *MADE])
    for row in rows:
        data.append((*row, *MADE.values()))
    return data


def resource_of(keys: Any) -> Any:
    """A resource that puts each row into our own tables; new persons' keys gather in `keys`."""
    from lianhu.kernel.ids import uuid7  # noqa: PLC0415 - after django.setup
    from lianhu.kernel.seal import blind  # noqa: PLC0415 - as above
    from lianhu.people.models import Household, Person  # noqa: PLC0415 - as above
    from lianhu.people.register.places import places_of  # noqa: PLC0415 - as above
    from lianhu.people.rules import RELATION_WORDS  # noqa: PLC0415 - as above

    fields = importlib.import_module("import_export.fields")
    loaders = importlib.import_module("import_export.instance_loaders")
    resources = importlib.import_module("import_export.resources")
    widgets = importlib.import_module("import_export.widgets")
    codes = {word: code for code, word in RELATION_WORDS.items()}
    places, homes = places_of("610921"), {}

    def home_of(row: dict[str, Any]) -> Household:
        village = places.village(row["行政村"], places.town_of(row["乡镇"]))
        key = (village.code, row["村民小组"], row["户编号"])
        if key not in homes:
            homes[key] = Household(
                id=uuid7(), place_id=village.code or "610921", code=row["户编号"],
                head_name=row["户主姓名"], address=row["家庭住址"],
            )  # fmt: skip
            homes[key].save(force_insert=True)
        return homes[key]

    class AsItIs(widgets.Widget):  # type: ignore[misc, name-defined]
        """A value that needs no conversion; its comparison shows hexadecimal digits."""

        def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
            return value

        def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
            return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)

    class Known(loaders.BaseInstanceLoader):  # type: ignore[misc, name-defined]
        """Everybody who is there already, read once: one query instead of one for each row."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.known = {bytes(p.id_index): p for p in Person.objects.all() if p.id_index}

        def get_instance(self, row: dict[str, Any]) -> Person | None:
            return self.known.get(row["id_index"])

    class PersonResource(resources.ModelResource):  # type: ignore[misc, name-defined]
        name = fields.Field("name", "姓名")
        relation = fields.Field("relation", "relation")
        sex = fields.Field("sex", "sex")
        born_on = fields.Field("born_on", "born_on", widget=AsItIs())
        id_index = fields.Field("id_index", "id_index", widget=AsItIs())

        class Meta:
            model = Person
            fields = ("name", "relation", "sex", "born_on", "id_index")
            import_id_fields = ("id_index",)
            instance_loader_class = Known
            use_bulk, batch_size, use_transactions = True, 1000, True

        def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
            row["relation"] = codes.get(row["与户主关系"], "")
            row["sex"] = {"男": "1", "女": "2"}.get(row["性别"], "")
            row["born_on"] = _day(row["出生日期"])
            row["id_index"] = blind(str(row["身份证号码"] or row["序号"]), "person.id")

        def before_save_instance(
            self, instance: Any, row: dict[str, Any], **kwargs: Any
        ) -> None:
            home = home_of(row)
            instance.household, instance.place_id = home, home.place_id
            key, text = keys.make(instance.id, str(instance.id)), str(row["联系电话"] or "")
            number = str(row["身份证号码"] or "").encode()
            instance.id_sealed = key.seal(number, f"person.id.{instance.id}")
            instance.phone_sealed = key.seal(text.encode(), f"person.phone.{instance.id}")
            instance.phone_index = blind(text, "person.phone")

    return PersonResource()


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None


def run_import(path: Path, *, dry_run: bool) -> dict[str, Any]:
    """Read and import (or preview) the workbook; how many rows."""
    from django.db import transaction  # noqa: PLC0415 - after django.setup

    from lianhu.kernel.bulk import insert_rows  # noqa: PLC0415 - as above
    from lianhu.people.keys import NewKeys  # noqa: PLC0415 - as above
    from lianhu.people.models import PersonKey  # noqa: PLC0415 - as above

    keys = NewKeys()
    with transaction.atomic():
        result = resource_of(keys).import_data(read_dataset(path), dry_run=dry_run)
        if not dry_run:
            insert_rows(PersonKey, ("person_id", "mark", "key_sealed"), keys.rows)
    return {"rows": result.total_rows, "faults": sum(1 for _ in result.row_errors())}
