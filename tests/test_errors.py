import os
import sys

import pytest

import portraitify.errors as errors
from portraitify.cli import exit_codes
from portraitify.cli import main as program


def _all_errors(root: type) -> list[type]:
    return [kind for child in root.__subclasses__() for kind in (child, *_all_errors(child))]


def test_every_error_has_an_exit_code_of_its_own_kind():
    kinds = _all_errors(errors.PortraitifyError)
    assert len(kinds) == 10
    for kind in kinds:
        assert exit_codes.exit_code(kind("x")) not in (exit_codes.DONE, exit_codes.UNEXPECTED), kind


def test_exit_codes_are_those_of_the_readme():
    assert exit_codes.exit_code(errors.ConfigError()) == 2
    assert exit_codes.exit_code(errors.ImageError()) == 3
    assert exit_codes.exit_code(errors.NoFaceError()) == 4
    assert exit_codes.exit_code(errors.CostumeError()) == 4
    assert exit_codes.exit_code(errors.WeightsMismatchError()) == 5
    assert exit_codes.exit_code(errors.DeviceError()) == 6
    assert exit_codes.exit_code(ValueError()) == 1


def test_the_docstring_draws_the_hierarchy():
    for kind in _all_errors(errors.PortraitifyError):
        assert kind.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize(("code", "how"), [(exit_codes.DONE, "at once"), (exit_codes.FACE, "in order")])
def test_a_process_ends_at_once_only_where_all_went_well(code, how, monkeypatch):
    def end(*given: int) -> None:
        raise SystemExit(("at once", *given))

    monkeypatch.setattr("portraitify.cli.main.main", lambda: code)
    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with pytest.raises(SystemExit) as ended:
        program.run()
    assert ended.value.code == (("at once", code) if how == "at once" else code)
