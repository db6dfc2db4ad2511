"""The Markdown beside a lab, cut at its headings."""

from pathlib import Path

import pytest

from attention.tabs._prose import SECTIONS, prose

WHOLE = "# A title\nWhat it is for.\n\n" + "\n".join(
    f"## {name}\nText of {name}." + ("\n\n- one\n- two\n" if name == "Predict" else "\n") for name in SECTIONS
)


def test_every_part_is_where_it_belongs(tmp_path: Path) -> None:
    file = tmp_path / "made.md"
    file.write_text(WHOLE, encoding="utf-8")
    found = prose(file)
    assert (found.title, found.intent) == ("A title", "What it is for.")
    assert tuple(found.sections) == SECTIONS
    assert found.sections["Takeaway"] == "Text of Takeaway."
    assert (found.question, found.choices) == ("Text of Predict.", ("one", "two"))


@pytest.mark.parametrize("name", SECTIONS)
def test_a_missing_section_is_an_error(tmp_path: Path, name: str) -> None:
    file = tmp_path / "made.md"
    file.write_text(WHOLE.replace(f"## {name}\n", "## Something else\n"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"made\.md has the sections"):
        prose(file)
