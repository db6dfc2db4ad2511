"""Facts about model families: one row per architecture whose attention can be read faithfully."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """How one architecture is read.

    model_type: transformers' own name in config.json.
    attention: how the names of its attention modules end; projection: the output projection of the same layer.
    causal: no row may attend to what comes after it.
    hooked: its scores are more than q.k, so finished weights are taken from the module's own output.
    value: for hooked families, the module that makes the values (None: value norms are not available).
    position_offset: positions its table spends before the first token.
    """

    model_type: str
    title: str
    attention: str
    projection: str
    causal: bool = False
    hooked: bool = False
    value: str | None = None
    position_offset: int = 0


_BERT_LIKE = ("attention.self", "attention.output.dense")
_LLAMA_LIKE = ("self_attn", "self_attn.o_proj")
_MPNET = ("attention.attn", "attention.attn.o")

FAMILIES = {
    row.model_type: row
    for row in (
        Family("bert", "BERT", *_BERT_LIKE),
        Family("roberta", "RoBERTa", *_BERT_LIKE, position_offset=2),
        Family("xlm-roberta", "XLM-RoBERTa", *_BERT_LIKE, position_offset=2),
        Family("camembert", "CamemBERT", *_BERT_LIKE, position_offset=2),
        Family("electra", "ELECTRA", *_BERT_LIKE),
        Family("distilbert", "DistilBERT", "attention", "attention.out_lin"),
        Family("albert", "ALBERT", "attention", "attention.dense"),
        Family("modernbert", "ModernBERT", "attn", "attn.Wo"),
        Family("gpt2", "GPT-2", "attn", "attn.c_proj", causal=True),
        Family("gpt_neox", "GPT-NeoX", "attention", "attention.dense", causal=True),
        Family("opt", "OPT", "self_attn", "self_attn.out_proj", causal=True),
        Family("llama", "Llama", *_LLAMA_LIKE, causal=True),
        Family("mistral", "Mistral", *_LLAMA_LIKE, causal=True),
        Family("qwen2", "Qwen2", *_LLAMA_LIKE, causal=True),
        Family("qwen3", "Qwen3", *_LLAMA_LIKE, causal=True),
        Family("deberta", "DeBERTa", *_BERT_LIKE, hooked=True),
        Family("deberta-v2", "DeBERTa v2/v3", *_BERT_LIKE, hooked=True, value="attention.self.value_proj"),
        Family("mpnet", "MPNet", *_MPNET, hooked=True, value="attention.attn.v", position_offset=2),
    )
}


def supported() -> str:
    """The titles of all families, for a sentence."""
    return ", ".join(row.title for row in FAMILIES.values())
