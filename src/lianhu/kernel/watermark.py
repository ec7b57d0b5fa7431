"""Mark a workbook with whose copy it is, so that a file that turns up elsewhere says where it came
from."""

from dataclasses import dataclass
from datetime import datetime

import xlsxwriter
from django.utils.timezone import localtime

SHEET = "导出说明"
FOOTER = 200  # Excel takes 255 signs, codes included


@dataclass(frozen=True, slots=True)
class Mark:
    """Who took a file, when, why, under which number, and who agreed ("" for nobody)."""

    number: str
    who: str
    at: datetime
    purpose: str
    persons: int
    second: str = ""

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What it says, heading by heading."""
        said = [
            ("导出编号", self.number),
            ("谁导出的", self.who),
            ("何时", localtime(self.at).strftime("%Y-%m-%d %H:%M")),
            ("做什么用", self.purpose),
            ("多少人", str(self.persons)),
        ]
        if self.second:
            said.append(("谁同意的", self.second))
        return [*said, ("提醒", "只用于写明的用途，用完删掉，不要转给别人。")]

    @property
    def line(self) -> str:
        """All of it in one line."""
        return " · ".join(text for _, text in self.lines[:4])


def stamp(book: xlsxwriter.Workbook, mark: Mark) -> None:
    """Put the mark at the foot of every printed page, into the file's properties, and on a last
    sheet of its own. Call it when all other sheets are there."""
    book.set_properties(
        {
            "title": "联户导出",
            "subject": mark.purpose,
            "author": mark.who,
            "comments": mark.line,
        }
    )
    book.set_custom_property("联户导出编号", mark.number)
    line = mark.line[:FOOTER].replace("&", "&&")
    for sheet in book.worksheets():
        sheet.set_footer(f"&L{line}&R第 &P 页")
    text = book.add_format({"quote_prefix": True, "num_format": "@", "text_wrap": True})
    last = book.add_worksheet(SHEET)
    last.set_column(0, 0, 12)
    last.set_column(1, 1, 60)
    for row, (name, said) in enumerate(mark.lines):
        last.write_string(row, 0, name, text)
        last.write_string(row, 1, said, text)
