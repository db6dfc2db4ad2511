"""What the tests of the Transformer lab share: reading a figure back, and torch's own attention with a block's weights."""

import json

import torch
from torch import Tensor, nn

from attention.core.block import BlockParameters
from attention.core.scoring import draw
from attention.share.labs.transformer import picture
from attention.share.settings.transformer import Transformer

TEXTS = {
    "English": "The animal didn't cross the street because it was too tired.",
    "Arabic": "لم تعبر القطة الشارع لأنها كانت متعبة.",
    "Japanese": "猫は疲れすぎていたので道を渡らなかった。",
}


def shown(settings: Transformer) -> dict[str, dict]:
    """The panels by id, as the browser reads them."""
    return {panel["id"]: panel for panel in json.loads(json.dumps(picture(settings)))["panels"]}


def words_of(seed: int, n: int) -> Tensor:
    """The random words of the lab."""
    return draw(seed, n, 64, role="words of a sentence")


def torchs_attention(block: BlockParameters) -> nn.MultiheadAttention:
    """torch's module with the block's projections."""
    module, own = nn.MultiheadAttention(64, 4, batch_first=True, bias=False).eval(), block.projections
    module.load_state_dict(
        {
            "in_proj_weight": torch.cat([own.w_query, own.w_key, own.w_value], dim=1).T,
            "out_proj.weight": own.w_output.T,
        }
    )
    return module
