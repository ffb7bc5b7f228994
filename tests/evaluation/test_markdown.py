import pytest

from portraitify.evaluation.markdown import markdown_table
from portraitify.evaluation.records import plain_mapping


def test_a_table_has_a_rule_under_its_header():
    assert markdown_table(["what", "seconds"], [["a", "1"], ["b", "2"]]) == (
        "| what | seconds |\n| --- | --- |\n| a | 1 |\n| b | 2 |\n"
    )


def test_numbers_stand_on_the_right():
    text = markdown_table(("what", "seconds", "MB"), iter([("a", "1", "2")]), align_right=True)
    assert text.splitlines()[1] == "| --- | ---: | ---: |"


def test_a_bar_makes_no_column():
    assert markdown_table(["what"], [["this|that"]]).splitlines()[2] == r"| this\|that |"


def test_rows_are_as_long_as_the_header():
    with pytest.raises(ValueError, match="a row of 1 cells under a header of 2"):
        markdown_table(["what", "seconds"], [["a"]])


def test_records_are_rounded_and_know_no_nan():
    values = {
        "share": 0.123456789,
        "missing": float("nan"),
        "deep": [{"low": float("inf"), "count": 3}],
        "pair": (1.0,),
    }
    assert plain_mapping(values, digits=4) == {
        "share": 0.1235,
        "missing": None,
        "deep": [{"low": None, "count": 3}],
        "pair": [1.0],
    }
