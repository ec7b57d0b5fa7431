"""The plain table of points, as the command reads and answers it."""

import json

import pytest
from click.testing import CliRunner

from lianhu.cli import main
from lianhu.grids.points import divide_points
from lianhu.kernel.errors import Refusal

HEAD = "group,household,x_m,y_m,people\n"


@pytest.fixture
def table(tmp_path):
    def write(text: str, encoding: str = "utf-8"):
        path = tmp_path / "points.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_divide_points_gives_the_shape_of_the_interface(table):
    rows = "".join(f"g{i // 25},h{i},{i * 10}.5,0,4\n" for i in range(30))
    found = divide_points(table(HEAD + rows))
    assert list(found) == ["assignments", "groups", "seconds"]
    assert found["assignments"] == [[f"g{i // 25}", f"h{i}", 1] for i in range(30)]
    kept, broken = found["groups"]
    assert kept == {"group": "g0", "grids": 1, "walk_m": 1560.0, "violations": []}
    assert broken["violations"] == [
        {"grid": 1, "bound": "households_min", "by": 15},
        {"grid": 1, "bound": "people_min", "by": 50},
    ]
    assert broken["reason"].startswith("本组5户20人")
    json.dumps(found)


def test_divide_points_reads_gbk_other_columns_and_blank_lines(table):
    text = "备注,people,household,y_m,x_m,group\n好,3,张家,1,2,一组\n\n,2,李家,1,2,一组\n"
    found = divide_points(table(text, "gb18030"), households=(1, 2), people=(1, 9))
    assert found["assignments"] == [["一组", "张家", 1], ["一组", "李家", 1]]


def test_divide_points_takes_an_empty_table(table):
    found = divide_points(table(HEAD))
    assert (found["assignments"], found["groups"]) == ([], [])


@pytest.mark.parametrize(
    ("text", "code", "details"),
    [
        ("", "grids.not_a_table", {"columns": "group, household, x_m, y_m, people"}),
        ("group,household,x_m,y_m\n", "grids.not_a_table", {"columns": "people"}),
        (HEAD + "g,h,1,2,3\ng,i,1,2\n", "grids.bad_row", {"line": 3}),
        (HEAD + "g,h,1,2,3\n\ng,i,nan,2,3\n", "grids.bad_row", {"line": 4}),
        (HEAD + "g,h,1,inf,3\n", "grids.bad_row", {"line": 2}),
        (HEAD + "g,h,1,east,3\n", "grids.bad_row", {"line": 2}),
        (HEAD + "g,h,1,2,-3\n", "grids.bad_row", {"line": 2}),
        (HEAD + "g,h,1,2,2.5\n", "grids.bad_row", {"line": 2}),
        (HEAD + " ,h,1,2,2\n", "grids.bad_row", {"line": 2}),
        (HEAD + "g,h,1,2,3\ng,h,1,2,3\n", "grids.household_twice", {"household": "h"}),
    ],
)
def test_divide_points_refuses_bad_tables(table, text, code, details):
    with pytest.raises(Refusal) as refused:
        divide_points(table(text))
    assert (refused.value.code, refused.value.details) == (code, details)


def test_divide_points_refuses_a_missing_file_and_bad_bounds(table, tmp_path):
    with pytest.raises(Refusal, match=r"grids\.no_file"):
        divide_points(tmp_path / "none.csv")
    with pytest.raises(Refusal, match=r"grids\.bad_bounds"):
        divide_points(table(HEAD), households=(30, 20))


def test_command_prints_json_and_refuses_in_words(table):
    path = str(table(HEAD + "g,h,1,2,3\n"))
    done = CliRunner().invoke(main, ["grids", "divide", "--points", path, "--json"])
    assert json.loads(done.stdout)["assignments"] == [["g", "h", 1]]
    path = str(table("a,b\n"))
    done = CliRunner().invoke(main, ["grids", "divide", "--points", path, "--json"])
    assert (done.exit_code, json.loads(done.stdout)["code"]) == (1, "grids.not_a_table")
