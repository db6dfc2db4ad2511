"""README says what is true: its Python runs, its families and variables are the code's."""

import re
from pathlib import Path

from attention.models.families import FAMILIES
from tests.models.bundled_models import needs_e5

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@needs_e5
def test_its_python_runs_and_prints_findings(capsys):
    (block,) = [block for block in PYTHON if "print(c.n_layers" in block]
    names = {}
    exec(compile(block, "README.md", "exec"), names)
    printed = capsys.readouterr().out
    assert "'猫'" in printed
    assert f"{names['c'].n_layers} {names['c'].n_heads} torch.Size([18, 18])" in printed
    assert "Next token" in printed


def test_its_notebook_lines_show_and_save(tmp_path, monkeypatch):
    (block,) = [block for block in PYTHON if "head_grid(c)" in block]
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(block, "README.md", "exec"), names)
    assert all("srcdoc" in shown._repr_html_() for shown in (names["head_grid"](names["c"]), names["rank"](names["c"])))
    assert (tmp_path / "head.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_its_families_are_the_ones_that_are_read():
    (listed,) = re.findall(r"Supported families: (.*?)\. Others", README, re.DOTALL)
    titles = {re.sub(r" v\d.*", "", family.title) for family in FAMILIES.values()}
    assert set(re.split(r",\s+", listed)) == titles


def test_its_environment_variables_are_read_somewhere():
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "attention").rglob("*.py"))
    for name in re.findall(r"`(ATTENTION_[A-Z_]+)`", README):
        assert f'"{name}"' in source, name
