"""The models the picker offers: one row each. Any other public Hub id may be typed."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from attention.models import bundled

Source = Literal["bundled", "ours", "hub", "local"]


@dataclass(frozen=True, slots=True)
class Row:
    """What a person reads before choosing a model.

    id: its Hub id, or the folder's name for a local model. megabytes: of weights on disk.
    """

    id: str
    title: str
    source: Source
    family: str
    layers: int
    heads: int
    languages: str
    license: str
    megabytes: int
    note: str = ""

    @property
    def label(self) -> str:
        """One line for the picker."""
        if self.source == "local":
            return f"{self.title} · local folder"
        origin = f"{self.megabytes:,} MB from the Hub" if self.source == "hub" else "bundled"
        return f"{self.title} · {origin}"


E5, MINILM, INDUCTION = bundled.E5, bundled.MINILM, "induction-2l"

CATALOG = (
    Row(E5, "multilingual-e5-small", "bundled", "BERT", 12, 12, "about 100 languages", "MIT", 72, "4-bit"),
    Row(MINILM, "all-MiniLM-L6-v2", "bundled", "BERT", 6, 12, "English", "Apache-2.0", 91),
    Row(INDUCTION, "induction-2l (ours)", "ours", "Llama", 2, 4, "no language: random tokens", "Apache-2.0", 1),
    Row("google-bert/bert-base-uncased", "bert-base-uncased", "hub", "BERT", 12, 12, "English", "Apache-2.0", 440),
    Row(
        "google-bert/bert-base-multilingual-cased", "bert-base-multilingual-cased", "hub", "BERT", 12, 12,
        "104 languages", "Apache-2.0", 714,
    ),
    Row("FacebookAI/xlm-roberta-base", "xlm-roberta-base", "hub", "XLM-RoBERTa", 12, 12, "100 languages", "MIT", 1115),
    Row(
        "distilbert/distilbert-base-uncased", "distilbert-base-uncased", "hub", "DistilBERT", 6, 12, "English",
        "Apache-2.0", 268,
    ),
    Row("openai-community/gpt2", "gpt2", "hub", "GPT-2", 12, 12, "English", "MIT", 548),
    Row("answerdotai/ModernBERT-base", "ModernBERT-base", "hub", "ModernBERT", 22, 12, "English", "Apache-2.0", 599),
    Row("HuggingFaceTB/SmolLM2-135M", "SmolLM2-135M", "hub", "Llama", 30, 9, "English", "Apache-2.0", 269),
)  # fmt: skip


def local_models() -> dict[str, Path]:
    """Names and folders of the models in the folder that ATTENTION_MODEL_DIR names; empty when unset."""
    root = os.environ.get("ATTENTION_MODEL_DIR")
    try:
        folders = sorted(Path(root).iterdir()) if root else []
        return {folder.name: folder for folder in folders if (folder / "config.json").is_file()}
    except OSError:
        return {}


def folders() -> dict[str, Path]:
    """Names and folders of all models that are Hugging Face folders on this machine: ours, and those of ATTENTION_MODEL_DIR."""
    return {**local_models(), INDUCTION: Path(__file__).parent.parent / "data" / INDUCTION}


def rows() -> tuple[Row, ...]:
    """Every model of the picker, bundled first (only those installed), then local folders, then the Hub."""
    here = set(bundled.available())
    listed = [row for row in CATALOG if row.source != "bundled" or row.id in here]
    local = [Row(name, name, "local", "", 0, 0, "", "", 0) for name in local_models()]
    return tuple(sorted([*listed, *local], key=lambda row: ("bundled", "ours", "local", "hub").index(row.source)))


def row(model: str) -> Row | None:
    """The row of this id, or None for a model outside the catalog."""
    return next((row for row in rows() if row.id == model), None)


def default() -> str:
    """The model the page starts with: ATTENTION_MODEL when set, else the first bundled one installed."""
    return os.environ.get("ATTENTION_MODEL") or rows()[0].id
