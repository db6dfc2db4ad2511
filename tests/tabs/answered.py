"""Calling the answers of the Explore tab, and reading what they give back."""

import json
from typing import Any

import gradio as gr
from starlette.datastructures import QueryParams

from attention.models.catalog import MINILM
from attention.share.selection import Selection
from attention.tabs import _answers
from attention.tabs._updates import Answer, Asked, Look, Reading, values

TEXT = "The cat that the dog chased sat on the mat."
READING = Reading(MINILM, TEXT, None)


def event(data: Any) -> gr.EventData:
    """As gradio builds it from what a browser sent."""
    return gr.EventData(None, data)


def visit(*several: tuple[str, str], **query: str) -> gr.Request:
    """As gradio tells of a visitor whose address holds this query. several: the same, where a name is there more than once."""
    return gr.Request(query_params=QueryParams([*several, *query.items()]))


def read(
    model: Any, text: Any, pair: Any = None, reading: Reading | None = None, selection: Selection | None = None
) -> Answer:
    """The last answer of a reading, whether its model had to be loaded or not."""
    asked, chosen = Asked(), selection or Selection()
    answer = _answers.on_read(model, text, pair, reading, chosen, asked)
    return answer if asked.wanted is None else list(_answers.on_wanted(reading, chosen, asked))[-1]


def status(answer: Answer) -> tuple[str, str]:
    """Kind and words of the status line."""
    return answer.status["kind"], " ".join(text for text, _ in answer.status["parts"])


def value(update: Any) -> Any:
    """The picture in an update."""
    return json.loads(update if isinstance(update, str) else update.value)


def drawn(update: Any) -> Any:
    """The picture in an update, as views.render makes it; what it adds is a link that opens to what is shown (test_opened)."""
    return {name: part for name, part in value(update).items() if name != "address"}


def on_page(before: Selection, look: Look) -> Look:
    """What the page says after this answer: what was not sent is as it was."""
    return look._replace(**{name: old for name, old in values(before).items() if untouched(getattr(look, name))})


def shown(update: Any) -> Any:
    """The head that a picture marks; the figure tells the others."""
    return value(update)["selected"]


def untouched(answer: Any) -> bool:
    return answer == gr.skip()
