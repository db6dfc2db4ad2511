"""The repository is what its README and its front matter say."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOP = {
    ".ci", ".gitattributes", ".github", ".gitignore", "LICENSE", "NOTICE", "README.md", "app.py", "attention", "benchmarks",
    "pyproject.toml", "requirements.txt", "tests",
}  # fmt: skip
COMMANDS = (
    "pip install -r requirements.txt && python app.py",
    "pip install -r tests/requirements.txt && pytest",
)
COLORS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
ELSEWHERE = re.compile(r"\bcdn\.|unpkg|googleapis|gstatic|jsdelivr|cdnjs|esm\.sh|skypack", re.IGNORECASE)


def tracked() -> list[Path]:
    """Every file that git has or would take, or (without git) every file."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    names = listed.stdout.split("\0") if listed.returncode == 0 else map(str, ROOT.rglob("*"))
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


FILES = tracked()


@pytest.fixture(scope="module")
def front() -> dict[str, Any]:
    """The front matter a Space is made from."""
    found = re.match(r"---\n(.*?)\n---\n", README, re.DOTALL)
    assert found is not None
    return yaml.safe_load(found[1])


def test_the_top_of_the_tree_is_short() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == TOP


def test_the_front_matter_is_a_space_s(front: dict[str, Any]) -> None:
    assert front["sdk"] == "gradio"
    assert front["app_file"] == "app.py"
    assert front["license"] == "apache-2.0"
    assert {front["colorFrom"], front["colorTo"]} <= COLORS
    assert front["title"]
    assert len(front["emoji"]) <= 2
    assert 0 < len(front["short_description"]) <= 60


def test_versions_agree(front: dict[str, Any]) -> None:
    required = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lowest = re.search(r"^gradio>=([\d.]+)", required, re.MULTILINE)
    assert lowest is not None
    assert str(front["sdk_version"]).startswith(lowest[1])
    assert re.fullmatch(r"3\.12\.\d+", front["python_version"])
    assert front["python_version"].startswith("3.12")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["ruff"]["target-version"] == "py311"
    assert "Python 3.11" in README


@pytest.mark.parametrize("command", COMMANDS)
def test_the_two_commands_are_there_word_for_word(command: str) -> None:
    assert command in [line.strip().strip("`") for line in README.splitlines()]


def test_every_picture_is_in_the_repository() -> None:
    named = re.findall(r"!\[[^\]]*\]\(([^)\s]+)", README) + re.findall(r"<img[^>]*src=\"([^\"]+)", README)
    assert named
    assert [name for name in named if not name.startswith(".github/images/") or not (ROOT / name).is_file()] == []


def test_every_picture_is_described() -> None:
    assert not re.findall(r"!\[\s*\]", README)


def test_links_inside_the_repository_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md"):
        links = re.findall(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        inside = [link for link in links if "://" not in link and not link.startswith("mailto:")]
        assert [link for link in inside if not (page.parent / link).exists()] == []


def test_the_models_of_the_front_matter_are_those_that_are_bundled(front: dict[str, Any]) -> None:
    from attention.models.bundled import PACKAGES

    assert set(front["models"]) == set(PACKAGES)


def test_no_file_is_large() -> None:
    assert [str(path) for path in FILES if path.stat().st_size > 10_000_000] == []


def test_nothing_is_fetched_from_elsewhere_when_the_page_is_open() -> None:
    texts = {path: path.read_bytes() for path in FILES if path.relative_to(ROOT).parts[0] == "attention"}
    assert len(texts) > 40
    assert [str(path) for path, content in texts.items() if ELSEWHERE.search(content.decode("utf-8", "ignore"))] == []


def test_no_module_postpones_its_annotations() -> None:
    postponed = "from __future__ import " + "annotations"
    found = [str(path) for path in FILES if path.suffix == ".py" and postponed in path.read_text(encoding="utf-8")]
    assert found == []


def test_files_stay_readable_in_one_sitting() -> None:
    sources = [
        path for path in FILES if path.relative_to(ROOT).parts[0] == "attention" and path.suffix in {".py", ".js"}
    ]
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {name: lines for name, lines in long.items() if lines > 320} == {}


def test_both_licenses_are_named() -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "all-MiniLM-L6-v2" in notice
    assert "multilingual-e5-small" in notice


def test_requirements_have_upper_bounds_or_are_pinned() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    loose = [line for line in lines if line and "<" not in line and "==" not in line]
    assert loose == [line for line in loose if line == "regex"]
