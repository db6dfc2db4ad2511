"""Which words of the sentences answer each other."""

from attention.models import correspondence
from attention.share.languages_comparison import key, read
from attention.share.settings.languages import Languages
from attention.views import side_by_side


def links(settings: Languages) -> dict:
    """What the comparison's `links` hold. Raises: as languages_comparison.read."""
    sentences = read(settings)
    place = [{word.first: at for at, word in enumerate(one.words)} for one in sentences]
    texts = [one.capture.text.text for one in sentences]
    found = correspondence.correspond_all(settings.model, texts, folders=False)
    pairs = {
        (one, other): [
            (place[one][link.first.first], place[other][link.second.first], link.similarity) for link in some
        ]
        for (one, other), some in found.items()
    }
    return side_by_side.render_links(key(settings), pairs)
