"""What the app takes out of transformers, imported by one thread.

transformers imports its parts as they are asked for, and of two threads that ask at once one may find half a module. Python
lets one thread run this module while the others wait for it, so nothing else imports transformers while the app runs.
"""

from transformers import (
    AttentionInterface,
    AttentionMaskInterface,
    AutoConfig,
    AutoModel,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BertConfig,
    BertModel,
    BertTokenizer,
    XLMRobertaTokenizer,
)
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask
from transformers.utils import logging

__all__ = [
    "AttentionInterface",
    "AttentionMaskInterface",
    "AutoConfig",
    "AutoModel",
    "AutoModelForSeq2SeqLM",
    "AutoTokenizer",
    "BertConfig",
    "BertModel",
    "BertTokenizer",
    "XLMRobertaTokenizer",
    "logging",
    "sdpa_attention_forward",
    "sdpa_mask",
]
