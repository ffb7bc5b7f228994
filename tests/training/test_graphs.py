import pytest

from portraitify.cli.main import main
from portraitify.errors import MissingWeightsError
from portraitify.training.graphs import export_detector


@pytest.mark.parametrize("exists", [True, False])
def test_graphs_of_no_weights_are_not_written(tmp_path, exists, capsys):
    folder = tmp_path / "none"
    if exists:
        folder.mkdir()
    with pytest.raises(MissingWeightsError, match=r"manifest\.json: no such file"):
        export_detector(folder)
    assert main(["train", "graphs", "--weights", str(folder)]) == 5
    assert "manifest.json: no such file" in capsys.readouterr().err
    assert not list(tmp_path.glob("none/*"))
