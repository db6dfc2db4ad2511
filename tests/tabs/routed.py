"""What tests of addresses outside gradio share: two links, and what every answer must be."""

from typing import Any

from attention.models.catalog import INDUCTION
from attention.share.links import to_query
from attention.share.settings.explorer import Explorer
from attention.share.settings.softmax import Softmax

SOFTMAX = to_query("softmax", Softmax(tau=-0.5), "dark")
HEAD = to_query("explore", Explorer(model=INDUCTION, text="mat rug dog cat mat rug", layer=1, head=2))


def safe(answer: Any, status: int = 200) -> Any:
    """The answer, which no browser takes for anything else than it is."""
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    return answer


def sentence(answer: Any, status: int) -> str:
    """What a refusal says: one line of plain text, no traceback."""
    assert safe(answer, status).headers["content-type"] == "text/plain; charset=utf-8"
    assert 10 < len(answer.text) < 500
    assert "Traceback" not in answer.text
    assert "\n" not in answer.text
    return answer.text
