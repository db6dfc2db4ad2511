"""Every error the package raises on purpose, and the one table of sentences people see."""

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    # text
    "empty_text": "There is nothing to read yet: type a sentence, then press Read.",
    "text_not_string": "The text must be a string, not {got}.",
    "too_many_characters": "This text has {got:,} characters and at most {limit:,} are counted here; shorten it and read again.",
    "too_many_tokens": "This text is {got:,} tokens and {model} reads at most {limit:,}; shorten it and read again.",
    "too_long_for_lab": "This sentence is {got:,} tokens and a lab shows at most {limit:,}; shorten it, or open it in Explore.",
    "too_long_for_comparison": "This sentence is {got:,} tokens and at most {limit:,} are compared side by side; shorten it, or open it in Explore.",
    "no_words": "There is no word to look at: type a sentence.",
    "too_many_words": "These are {got:,} words and at most {limit:,} are shown with made-up numbers; shorten the sentence.",
    "half_character": "Character {position:,} of the {which} is half a character (a lone surrogate), which no tokenizer can read; delete it and read again.",
    "no_tokens": "{model} finds no token in this text, only characters it ignores; type a word and read again.",
    "unreadable_text": "{model}'s tokenizer could not read this text ({reason}); change it and read again.",
    "empty_number": "There is no number to spell yet: type up to six digits, such as 407.",
    "bad_number": "“{got}” is not a whole number from 0 to 999,999; type up to six digits, such as 407.",
    "unknown_number_word": "The speller has no word “{got}”; write words such as four, fifteen, twenty, hundred and thousand.",
    "too_many_number_words": "These are {got:,} words and no number up to 999,999 has more than {limit}; leave some out.",
    # model
    "bad_model_id": "“{got}” is not a model id; expected a name from the list or a Hub id such as google-bert/bert-base-uncased.",
    "unknown_model": "No public model is called “{got}” on the Hub; check the spelling or pick one from the list.",
    "gated_model": "“{got}” is gated or private: its owner must grant access first; pick an open model.",
    "hub_unreachable": "“{got}” is not on this machine and the Hub cannot be reached; pick a bundled model or try again when online.",
    "no_safetensors": "“{got}” has no safetensors weights, and pickled weights are never opened here; pick a model with a .safetensors file.",
    "remote_code": "“{got}” needs its author's code to run, which is never done here; pick a model that transformers knows.",
    "model_too_large": "“{got}” is {size} and at most {limit} is loaded here; pick a smaller model.",
    "unsupported_family": "“{got}” is a {family} model, a kind whose attention cannot be read faithfully here; supported: {supported}.",
    "broken_model": "“{got}” could not be loaded: {reason}. Nothing of it was kept; repair or replace its files.",
    "missing_package": "“{got}” could not be loaded: it needs a package that is not installed here, or not completely; pick another model.",
    "wrong_checksum": "The files of “{got}” are not the published ones (sha256 differs), so it was not loaded; reinstall its package.",
    "failed_self_check": "“{got}” was refused: its attention could not be reproduced ({reason}), so no picture of it could be trusted.",
    "not_bundled": "“{got}” comes with the package {package}, which is not installed here; pick another model or install it.",
    "card_too_few_texts": "“{got}” reads only {read} of the {texts} texts of a model card; pick a model that reads longer texts.",
    "too_few_meanings": "“{got}” reads only {read} of the {meanings} meanings in every language; pick a model that reads longer texts.",
    "load_cancelled": "Loading “{got}” was cancelled; nothing of it was kept.",
    "no_translator": "There is no folder “{got}” among this machine's own models (ATTENTION_MODEL_DIR); leave this empty for the speller.",
    "not_checkable": "“{got}” cannot be checked on repeated tokens: {reason}. Pick a decoder such as induction-2l (ours).",
    "no_positions": "“{got}” adds no positions to its tokens and turns none: it weighs distances inside its scores. Pick another model for this view.",
    "no_position_table": "“{got}” has no table of positions that could be added to its word vectors; pick a BERT or GPT-2, or another view.",
    "check_cancelled": "The check of “{got}” was cancelled; nothing of it was kept. Start it again for an answer.",
    # selection
    "bad_layer": "Layer {got} does not exist: {model} has layers 0 to {last}.",
    "bad_head": "Head {got} does not exist: each layer of {model} has heads 0 to {last}.",
    "bad_query": "Row {got} does not exist: this text has rows 0 to {last}.",
    "bad_choice": "{name} must be one of {choices}, not {got}.",
    "no_example": "That example does not exist; pick one from the list.",
    "nothing_read": "Nothing has been read yet: type a sentence, then press Read.",
    "bad_scores": "“{got}” is not a number; type scores as numbers with spaces or commas between them, such as 2, 1, 0.5.",
    "score_too_large": "“{got}” is too large; type scores from −1,000,000 to 1,000,000.",
    "too_many_scores": "Between {low} and {high} scores can be shown, not {got}; type a few numbers.",
    "bad_position": "“{got}” is not a position; type whole numbers from 0 to {last} with spaces or commas between them, such as 0, 1, 10.",
    "too_many_positions": "Between 1 and {high} positions can be shown as curves, not {got}; type a few.",
    # sharing
    "bad_link": "This link has more parts than any view has; copy a link from the page instead.",
    "link_not_understood": "Nothing is made of a link that is understood only in part: {notice} Open the link, and save the view from the page.",
    "link_too_long": "A link to this view would have {got:,} characters and servers take at most {limit:,}; shorten the text, or save the page.",
    "too_many_heads_cells": "All heads of this text are {got:,} weights and a page holds at most {limit:,}; save one head, or shorten the text.",
    "no_heads_of_rollout": "Rollout is one picture per layer, not per head; choose another measure for a page of all heads.",
    "no_language": "There are no words in the language “{got}” here; pick one of {choices}, or English.",
    "embed_model": "“{got}” is not shown in embeds, which use only models that come with the app: {choices}.",
    "bad_file_type": "“{got}” is no kind of file that can be made here; expected a name that ends in {choices}.",
    "nothing_to_draw": "No head follows a named pattern on this text, so there is no picture of them; save the page (.html), or show one head.",
    "too_busy": "Too many pictures are being made right now; try again in a few seconds.",
    "no_uploads": "Nothing on this page takes a file; type or paste your text instead.",
    # what programs ask
    "no_text": "There is no text to read: give one with at least one word.",
    "no_endpoint": "There is no endpoint “{got}”; ask one of {choices}.",
    "bad_call": "The body must be JSON: {expected}.",
    "unknown_argument": "{endpoint} has no argument “{name}”; it takes {choices}.",
    "call_too_long": "This call has more than {limit:,} bytes; shorten its texts.",
    "bad_argument": "{name} must be {expected}, not {got}.",
    "too_many_rows": "This text has {got:,} {what} and at most {limit:,} rows are sent at once; shorten it, or ask top_attended for one row.",
    "bad_text_count": "Between 2 and {limit} languages are compared at once, not {got:,}.",
    # the command line
    "file_exists": "“{got}” is already there; choose another name, or say --force to replace it.",
    "file_not_written": "“{got}” could not be written ({reason}); choose another place.",
    "input_not_text": "What came in is not text in UTF-8; send plain text.",
    "input_too_long": "More than {limit:,} bytes came in, which no model here reads; send a shorter text.",
    "no_input": "Nothing can come in on stdin, which is closed; write the text after --text.",
    "answer_not_written": "The answer could not be written ({reason}); send it somewhere else.",
    # mathematics
    "shape": "{name} has shape {got}; expected {expected}.",
    "bad_rows": "Row {row} of head {head} sums to {got:.4g}, not 1; weights must be a softmax.",
    # last resort
    "unexpected": "Something went wrong while answering; nothing was lost, try again.",
}


def printable(text: str, most: int | None = None) -> str:
    """Fit for one line: the text, or its first `most` characters, with a dot for what does not print."""
    return "".join(character if character.isprintable() else "·" for character in text[:most])


class AttentionError(ValueError):
    """An error with one clear sentence: what was expected, what came, what to do.

    `key` names a row of MESSAGES; `values` fill its gaps. `str(error)` is the sentence.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(MESSAGES[key].format(**values))


class TextError(AttentionError):
    """The text cannot be read as it is."""


class ModelError(AttentionError):
    """The model cannot be found, loaded, trusted or used."""


class SelectionError(AttentionError):
    """The layer, head, row or option asked for does not exist."""


class ShapeError(AttentionError):
    """Arrays whose shapes or rows do not fit together."""
