import itertools
import re

import pytest

from attention.views.palette import DARK, LIGHT, STEPS, Palette, css_variables


def linear(color: str) -> list[float]:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def luminance(color: str) -> float:
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear(color), strict=True))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lightness(color: str) -> float:
    """OKLab L, 0 to 1."""
    red, green, blue = linear(color)
    roots = [
        (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3),
        (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3),
        (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3),
    ]
    return 0.2104542553 * roots[0] + 0.7936177850 * roots[1] - 0.0040720468 * roots[2]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "accent", "query", "key", "value"])
def test_text_colors_are_readable_on_paper_and_on_a_selected_card(palette: Palette, name: str) -> None:
    assert contrast(getattr(palette, name), palette.paper) >= 4.5
    if name in ("ink", "muted", "accent"):
        assert contrast(getattr(palette, name), palette.tint) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_ramp_color_carries_readable_numbers(palette: Palette) -> None:
    assert all(max(contrast(c, palette.ink), contrast(c, palette.paper)) >= 3.9 for c in palette.ramp)


@pytest.mark.parametrize(("palette", "sign"), [(LIGHT, -1), (DARK, 1)], ids=["light", "dark"])
def test_equal_steps_of_the_ramp_look_equal(palette: Palette, sign: int) -> None:
    steps = [sign * (b - a) for a, b in itertools.pairwise(map(lightness, palette.ramp))]
    assert len(palette.ramp) == STEPS
    assert min(steps) > 0
    assert max(steps) < 1.2 * min(steps)


def test_the_ramps_start_at_the_ground_and_end_where_the_sketch_does() -> None:
    assert (LIGHT.ramp[0], DARK.ramp[0]) == (LIGHT.paper, DARK.paper)
    assert (LIGHT.ramp[-1], DARK.ramp[-1]) == ("#2D2A7B", "#E9E4FF")


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_differences_are_symmetric_around_the_ground(palette: Palette) -> None:
    ramp = palette.difference
    assert len(ramp) == STEPS
    assert ramp[STEPS // 2] == palette.paper
    pairs = list(zip(ramp, reversed(ramp), strict=True))
    assert max(abs(lightness(a) - lightness(b)) for a, b in pairs) < 0.02


def test_css_gives_every_color_to_both_themes() -> None:
    light, dark = css_variables().strip().splitlines()
    assert light.startswith(":root{")
    assert dark.startswith(".dark{")
    names = re.findall(r"--([a-z-]+):", light)
    assert names == re.findall(r"--([a-z-]+):", dark)
    assert {"paper", "ink", "accent", "query", "key", "value", "muted", "line", "ramp"} <= set(names)
    assert f"--ramp:{','.join(DARK.ramp)}" in dark
