"""The rooms of the package: listed in CONTRIBUTING.md from the ground up, and imported from in that order only."""

import ast
import graphlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "portraitify"
ROW = re.compile(r"^\| `([\w/.]+)` \|", re.MULTILINE)
# Nothing imports these; they begin everything.
DOORS = {"__init__.py", "__main__.py"}


def listed_rooms() -> list[str]:
    """Rooms in the order of the table: packages as ``io/``, modules as ``config.py``."""
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Where things live")[1].split("\n## ")[0]
    return ROW.findall(table)


def standing_rooms() -> set[str]:
    modules = {path.name for path in PACKAGE.glob("*.py")} - DOORS
    return modules | {f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def imported(path: Path) -> set[str]:
    """Modules of ours that a file imports, at its top or inside of functions; not those for type checkers only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in inside}
    return found & set(MODULES) - {"portraitify"}


def room_of(module: str) -> str:
    name = module.split(".")[1]
    return f"{name}/" if (PACKAGE / name).is_dir() else f"{name}.py"


def test_the_table_of_rooms_is_that_of_the_tree():
    rooms = listed_rooms()
    assert len(rooms) == len(set(rooms))
    assert set(rooms) == standing_rooms()


def test_few_modules_lie_at_the_top():
    assert len(list(PACKAGE.glob("*.py"))) <= 10


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"portraitify", "portraitify.__main__"}))
def test_rooms_use_only_rooms_above_them_in_the_table(module):
    rooms = listed_rooms()
    own = rooms.index(room_of(module))
    below = [name for name in imported(MODULES[module]) if rooms.index(room_of(name)) > own]
    assert not below, f"{module} imports {', '.join(below)} from rooms that stand on its own"


def test_no_modules_import_each_other_in_a_circle():
    graph = {module: imported(path) - {module} for module, path in MODULES.items() if module != "portraitify"}
    # Raises a CycleError that names the circle.
    assert tuple(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("library", ["click", "rich"])
def test_only_the_command_line_imports(library):
    pattern = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)
    users = {room_of(name) for name, path in MODULES.items() if pattern.search(path.read_text(encoding="utf-8"))}
    assert users == {"cli/"}
