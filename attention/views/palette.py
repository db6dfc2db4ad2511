"""The one source of colors, light and dark: text, roles, the weights ramp and the difference ramp."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

STEPS = 17  # stops of a ramp: enough that straight lines between them stay within one 8-bit step of the curve


@dataclass(frozen=True, slots=True)
class Palette:
    """The colors of one theme as "#RRGGBB".

    tint: the ground of a selected card. ramp: weight 0 first, 1 last. difference: -1 first, 0 in the middle, 1 last.
    """

    paper: str
    ink: str
    muted: str
    line: str
    accent: str
    tint: str
    query: str
    key: str
    value: str
    ramp: tuple[str, ...] = field(repr=False)
    difference: tuple[str, ...] = field(repr=False)


def hex_of(lightness: float, a: float, b: float) -> str:
    """The sRGB color "#RRGGBB" of an OKLab point; a channel outside the gamut is clipped.

    Source: Björn Ottosson, "A perceptual color space for image processing" (2020).
    """
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    coded = (12.92 * c if c <= 0.0031308 else 1.055 * max(c, 0.0) ** (1 / 2.4) - 0.055 for c in linear)
    return "#" + "".join(f"{round(255 * min(max(c, 0.0), 1.0)):02X}" for c in coded)


def ramp(lightness: tuple[float, float], stops: Sequence[tuple[float, float, float]]) -> tuple[str, ...]:
    """STEPS colors whose OKLab lightness runs evenly from one end to the other.

    stops: (position 0 to 1, chroma, hue in degrees); between them the hue's plane is crossed in a straight line,
    so that a stop of no chroma (the paper) brings no hue of its own.
    """
    colors = []
    for step in range(STEPS):
        t = step / (STEPS - 1)
        low, high = next(pair for pair in itertools.pairwise(stops) if t <= pair[1][0])
        share = (t - low[0]) / (high[0] - low[0])
        a, b = (
            (1 - share) * low[1] * turn(math.radians(low[2])) + share * high[1] * turn(math.radians(high[2]))
            for turn in (math.cos, math.sin)
        )
        colors.append(hex_of(lightness[0] + t * (lightness[1] - lightness[0]), a, b))
    return tuple(colors)


def _two_sided(ground: tuple[float, float, float], end: float, chroma: float) -> tuple[str, ...]:
    """Blue, the ground (lightness, chroma, hue), orange: both arms equally light at equal distance from zero."""
    zero, grey, tinge = ground
    arms = [
        ramp((zero, end), [(0.0, grey, tinge), (0.6, 0.8 * chroma, hue), (1.0, chroma, hue)]) for hue in (250.0, 55.0)
    ]
    return (*arms[0][:0:-2], *arms[1][::2])


LIGHT = Palette(
    paper="#FBFAF7",
    ink="#1B1B1F",
    muted="#66635E",
    line="#E3E0D9",
    accent="#B45309",
    tint="#FCF1E2",
    query="#0067A5",
    key="#9B2F7F",
    value="#00705A",
    # paper to deep indigo (#2D2A7B)
    ramp=ramp((0.985, 0.343), [(0.0, 0.0041, 91.4), (0.5, 0.088, 284.0), (1.0, 0.133, 278.4)]),
    difference=_two_sided((0.985, 0.0041, 91.4), 0.5, 0.115),
)

DARK = Palette(
    paper="#121214",
    ink="#ECEAE4",
    muted="#A29E96",
    line="#2C2C31",
    accent="#F2A900",
    tint="#2A2112",
    query="#56B4E9",
    key="#E58AC9",
    value="#2FC79A",
    # near-black through indigo to pale lavender (#E9E4FF)
    ramp=ramp((0.183, 0.931), [(0.0, 0.004, 286.0), (0.4, 0.115, 283.0), (0.7, 0.105, 287.0), (1.0, 0.037, 294.0)]),
    difference=_two_sided((0.183, 0.004, 286.0), 0.8, 0.115),
)


def css_variables() -> str:
    """The style sheet that gives every page and picture its colors: `:root` is light, `.dark` dark."""
    return "".join(f"{scope}{{{_declarations(palette)}}}\n" for scope, palette in ((":root", LIGHT), (".dark", DARK)))


def _declarations(palette: Palette) -> str:
    names = ("paper", "ink", "muted", "line", "accent", "tint", "query", "key", "value")
    single = [f"--{name}:{getattr(palette, name)}" for name in names]
    return ";".join([*single, f"--ramp:{','.join(palette.ramp)}", f"--ramp-difference:{','.join(palette.difference)}"])
