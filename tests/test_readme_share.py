"""README's examples for other programs run as they stand there, but on a port of the test's own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from attention.share.endpoints import ENDPOINTS
from tests.models.bundled_models import needs_e5
from tests.tabs.agent import as_an_agent
from tests.tabs.api_page import served

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
THERE = "http://127.0.0.1:7860"


def blocks(language: str, holding: str) -> list[str]:
    """The fenced blocks in this language that hold these words; at least one."""
    text = README.read_text(encoding="utf-8")
    found = [block for block in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) if holding in block]
    assert found, f"README has no {language} block with {holding}"
    return found


def shell(script: str, folder: Path) -> str:
    """What a script says on stdout; every line of it must succeed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as address:
        yield address


@needs_e5
def test_its_commands_run_and_write_what_they_name(tmp_path: Path) -> None:
    for script in blocks("sh", "python -m attention"):
        said = shell(script, tmp_path)
        for name in re.findall(r"-o (\S+)", script):
            assert (tmp_path / name).stat().st_size > 500, name
            assert name in said


@needs_e5
def test_its_curl_gets_an_answer(url: str, tmp_path: Path) -> None:
    for script in blocks("sh", "curl"):
        said = shell(script.replace(THERE, url), tmp_path)
        assert "event: complete" in said
        assert '"version": 1' in said


@needs_e5
def test_its_python_client_prints_findings(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    for script in blocks("python", "gradio_client"):
        exec(compile(script.replace(THERE, url), "README.md", "exec"), {})
        assert re.search(r"L\d+H\d+", capsys.readouterr().out)


def test_its_agent_settings_lead_to_our_tools(url: str) -> None:
    for block in blocks("json", "mcpServers"):
        (server,) = json.loads(block.replace(THERE, url))["mcpServers"].values()
        tools, _ = as_an_agent(server["url"], {})
        assert [tool.name for tool in tools] == [one.__name__ for one in ENDPOINTS]
