from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descend.data import DataError, csv_table, inspect

IRIS = "sepal,colour,kind\n" + "".join(
    f"{i / 4},{('red', 'blue')[i % 2]},{('setosa', 'virginica')[i % 3 > 0]}\n" for i in range(30)
)


def write(tmp_path: Path, text: str, name: str = "x.csv") -> Path:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def whole(data):
    order = np.argsort(np.concatenate([data.train.x[:, 0], data.test.x[:, 0]]))
    x, y = (np.concatenate([getattr(data.train, part), getattr(data.test, part)]) for part in ("x", "y"))
    return x[order], y[order]


def test_numbers_stay_and_categories_become_columns(tmp_path):
    data = csv_table(write(tmp_path, IRIS))
    assert data.columns == ("sepal", "colour = blue", "colour = red")
    assert data.classes == ("setosa", "virginica")
    x, y = whole(data)
    assert x.dtype == np.float32
    assert x[:, 0].tolist() == [i / 4 for i in range(30)]
    assert x[:, 2].tolist() == [float(i % 2 == 0) for i in range(30)]
    assert (x[:, 1] + x[:, 2] == 1).all()
    assert y.tolist() == [int(i % 3 > 0) for i in range(30)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_told_by_the_first_line(tmp_path, delimiter):
    assert csv_table(write(tmp_path, IRIS.replace(",", delimiter))).columns[0] == "sepal"


def test_without_names_columns_are_numbered(tmp_path):
    data = csv_table(write(tmp_path, IRIS.split("\n", 1)[1]))
    assert data.columns == ("column 1", "column 2 = blue", "column 2 = red")
    assert len(data.train) + len(data.test) == 30


@pytest.mark.parametrize("head", ["label,a,b", "a,Target,b", "a,b,y"])
def test_the_target_is_found_by_its_name(tmp_path, head):
    cells = [["1" if name in ("a", "b") else "no" for name in head.split(",")]] * 9
    rows = "".join(",".join(row) + "\n" for row in cells)
    assert csv_table(write(tmp_path, f"{head}\n{rows}")).columns == ("a", "b")


def test_the_target_and_what_is_left_out_can_be_named(tmp_path):
    data = csv_table(write(tmp_path, IRIS), target="colour", leave_out=["kind"])
    assert data.columns == ("sepal",)
    assert data.classes == ("blue", "red")
    with pytest.raises(DataError, match="no column 'color'") as error:
        csv_table(write(tmp_path, IRIS), target="color")
    assert "colour" in error.value.fix


def amounts(values) -> str:
    return "a,b\n" + "".join(f"{i},{value}\n" for i, value in enumerate(values))


def test_few_whole_numbers_are_classes_and_others_are_amounts(tmp_path):
    classes = csv_table(write(tmp_path, amounts([3, 10, 7] * 5)))
    assert classes.classes == ("3", "7", "10"), "in the order of the numbers"
    assert whole(classes)[1].tolist() == [0, 2, 1] * 5
    for values in ([0.5, 1.0, 2.0] * 5, range(25)):
        data = csv_table(write(tmp_path, amounts(values)))
        assert data.classes == ()
        assert np.allclose(whole(data)[1][:, 0], list(values))


@pytest.mark.parametrize(("values", "classes"), [(20, 20), (21, 0)])
def test_twenty_whole_numbers_are_classes_and_more_are_amounts(tmp_path, values, classes):
    assert len(csv_table(write(tmp_path, amounts(list(range(values)) * 2))).classes) == classes


@pytest.mark.parametrize(
    ("texts", "lines", "columns"), [(20, 30, 21), (21, 30, None), (21, 42, 22), (22, 42, None), (1, 6, 2)]
)
def test_few_texts_are_a_category(tmp_path, texts, lines, columns):
    path = write(tmp_path, "a,name,kind\n" + "".join(f"{i},t{i % texts},x\n" for i in range(lines)))
    if columns is None:
        with pytest.raises(DataError, match="it is no category"):
            csv_table(path)
    else:
        assert len(csv_table(path).columns) == columns


def test_files_named_train_and_test_part_the_data(tmp_path):
    write(tmp_path, "a,kind\n1,x\n2,y\n3,x\n", "train.csv")
    write(tmp_path, "a,kind\n4,y\n", "test.csv")
    data = csv_table(tmp_path)
    assert sorted(data.train.x.tolist()) == [[1], [2], [3]]
    assert data.test.x.tolist() == [[4]]
    assert data.test.y.tolist() == [1]


def reasons(path: Path) -> list[tuple[str, str]]:
    return [(one.file.rsplit("line ", 1)[-1], one.reason) for one in inspect(path).problems]


def test_each_bad_line_is_named(tmp_path):
    text = "a,b,kind\n" + "1,2,x\n" * 20 + "1,2\n" + "1,?,x\n" + "one,2,x\n" + "1,2,\n" + "1,2,y\n" * 3
    found = reasons(write(tmp_path, text))
    assert [line for line, _ in found] == ["22", "23", "25", "24"]
    assert "2 cells, the first line has 3" in found[0][1]
    assert "nothing under b" in found[1][1]
    assert "nothing under kind" in found[2][1]
    assert "'one' under a is no number" in found[3][1]
    with pytest.raises(DataError, match="line 22"):
        csv_table(tmp_path / "x.csv")


def test_a_column_of_texts_is_no_category(tmp_path):
    path = write(tmp_path, "a,name,kind\n" + "".join(f"1,person {i},x\n" for i in range(30)))
    ((_, reason),) = reasons(path)
    assert "name has 30 different texts, 'person 0' among them" in reason
    assert csv_table(path, leave_out=["name"]).columns == ("a",)


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "is empty"), (b"\n \n", "is empty"), (b"\xff\xfe", "cannot be read")]
)
def test_what_is_no_table_is_named(tmp_path, content, reason):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(DataError, match=reason):
        csv_table(tmp_path / "x.csv")


def test_tables_with_other_columns_do_not_go_together(tmp_path):
    write(tmp_path, "a,kind\n1,x\n2,y\n", "train.csv")
    write(tmp_path, "b,kind\n4,y\n", "test.csv")
    assert "its columns are" in inspect(tmp_path).problems[0].reason


def test_decimal_commas_between_semicolons_are_points(tmp_path):
    text = "a;b;kind\n" + "-1,5;,25;x\n2;1,5e3;1,2,3\n" * 6
    x, y = whole(csv_table(write(tmp_path, text)))
    assert sorted(x.tolist()) == [[-1.5, 0.25]] * 6 + [[2, 1500]] * 6
    assert y.tolist() == [1] * 6 + [0] * 6
    assert csv_table(tmp_path / "x.csv").classes == ("1,2,3", "x")
    mixed = write(tmp_path, "a;b;kind\n" + "1,5;0.25;x\n2;3;y\n" * 6)
    assert csv_table(mixed).columns == ("a = 1,5", "a = 2", "b")


def test_a_name_stands_for_one_column(tmp_path):
    with pytest.raises(DataError, match="two columns 'kind'"):
        csv_table(write(tmp_path, "kind,a,kind\n1,2,x\n"))
    assert csv_table(write(tmp_path, ",,kind\n" + "1,2,x\n" * 6)).columns == ("", "")


def test_quoted_cells_may_hold_the_delimiter(tmp_path):
    data = csv_table(write(tmp_path, 'a,b\n"1","x, y"\n2,z\n3,z\n4,"x, y"\n5,z\n6,z\n'))
    assert data.classes == ("x, y", "z")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.sampled_from("pqr")), min_size=6, max_size=40))
def test_what_is_written_is_read(tmp_path, rows):
    text = "v,kind\n" + "".join(f"{value!r},{kind}\n" for value, kind in rows)
    data = csv_table(write(tmp_path, text))
    pairs = [
        (float(x[0]), data.classes[y])
        for split in (data.train, data.test)
        for x, y in zip(split.x, split.y, strict=True)
    ]
    assert sorted(pairs) == sorted((float(np.float32(value)), kind) for value, kind in rows)


def test_a_table_without_rows_or_features_says_so(tmp_path):
    assert inspect(write(tmp_path, "a,b,kind\n")).examples == 0
    with pytest.raises(DataError, match="too little"):
        csv_table(tmp_path / "x.csv")
    with pytest.raises(DataError, match="nothing to learn from"):
        csv_table(write(tmp_path, "kind\nx\ny\n"))
    found = inspect(write(tmp_path, "name,kind\n" + "".join(f"person {i},x\n" for i in range(30))))
    assert len(found.problems) == 1


def test_a_cell_may_hold_the_end_of_a_line(tmp_path):
    data = csv_table(write(tmp_path, 'a,kind\n1,"x\ny"\n2,z\x85\n3,"x\ny"\n4,z\x85\n5,z\x85\n'))
    assert len(data.classes) == 2
    assert len(data.train) + len(data.test) == 5
