"""The lists of heads: the same in every language, or most different, by the agreement of the whole set."""

from attention.core.patterns.agreement import MIN_GAP, NAMES, Agreement, LanguageFinding, differs_most, same_everywhere
from attention.core.patterns.ranking import MIN_KAPPA
from attention.core.patterns.table import OFFSETS
from attention.models import languages
from attention.share.settings.languages import Languages
from attention.views import language_heads

LIMIT = 8


def heads(settings: Languages) -> dict | None:
    """What the list draws; None while this model's agreement has not been computed. Nothing is computed here."""
    agreement = languages.find_agreement(settings.model)
    return None if agreement is None else listed(agreement, settings)


def listed(agreement: Agreement, settings: Languages) -> dict:
    """The list that is open."""
    same = settings.listed == "same"
    found = (same_everywhere if same else differs_most)(agreement, limit=LIMIT)
    ranked = (
        f"Ranked by the smallest score over {len(agreement.languages)} languages, from {MIN_KAPPA} up."
        if same
        else f"Ranked by the largest score less the smallest; only gaps whose interval lies above {MIN_GAP}."
    )
    how = (
        f"{agreement.meanings} meanings a language, read as one; the interval draws meanings again, each in all languages at once. "
        "One head per pattern, one pattern per head; places where heads merely rest come last."
    )
    return language_heads.render(
        [_row(agreement, one, same=same) for one in found],
        languages=agreement.languages,
        measure="smallest" if same else "gap",
        note=f"{ranked} {how}" if found else f"No head of this model is listed here. {ranked}",
        selected=(settings.layer, settings.head),
    )


def _row(agreement: Agreement, one: LanguageFinding, *, same: bool) -> language_heads.Row:
    name = next((each.name for each in OFFSETS if one.offset is not None and each.offset == one.offset), one.pattern)
    assert name in NAMES
    scores = agreement.kappa[name][:, one.layer, one.head].tolist()
    return language_heads.Row(
        one.layer, one.head, name, one.title, [None if score != score else score for score in scores],
        number=one.weakest if same else one.gap, low=one.low, high=one.high, least=one.least_in, most=one.most_in,
    )  # fmt: skip
