"""What loading a model that must be refused says."""

import pytest

from attention.errors import ModelError
from attention.models.loader import MODELS, load


def refusal(model: object, folders: bool = True, **options: object) -> ModelError:
    """The error of a load, which left nothing behind and fits on a page."""
    before = len(MODELS)
    with pytest.raises(ModelError) as caught:
        load(model, folders=folders, **options)  # type: ignore[arg-type]
    said = str(caught.value)
    assert not any(sign in said for sign in ("Traceback", "site-packages", "127.0.0.1", "\n")), said
    assert len(MODELS) <= before
    return caught.value
