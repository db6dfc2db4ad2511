"""The app's colors as matplotlib takes them: roles by name, and ramps in steps that eight bits of a color cannot tell apart."""

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import to_rgb

from attention.views.figure.real import Real
from attention.views.palette import DARK, LIGHT, Palette

STEPS = 4096  # the screen has 256, which alone would cost up to 0.4% of a weight


@dataclass(frozen=True, eq=False, slots=True)
class Ramp:
    """rgb: STEPS colors, uint8. text: for each, ink or paper, whichever is read more easily on it."""

    rgb: np.ndarray
    text: tuple[str, ...]

    def at(self, tone: Real) -> str:
        """The color at 0 to 1 as "#RRGGBB"."""
        return "#{:02X}{:02X}{:02X}".format(*self.rgb[step(tone)])

    def text_on(self, tone: Real) -> str:
        """The color of a number on it."""
        return self.text[step(tone)]


@dataclass(frozen=True, eq=False, slots=True)
class Colors:
    """One theme. weights, signed: its two ramps."""

    palette: Palette
    weights: Ramp
    signed: Ramp

    def __getitem__(self, role: str) -> str:
        """The color of a role ("ink", "query" ...); "none" and "#RRGGBB" are colors already."""
        return role if role == "none" or role.startswith("#") else getattr(self.palette, role)

    @property
    def tone(self) -> str:
        """What bars are filled with."""
        return self.weights.at(150 / 255)


def colors_of(*, dark: bool) -> Colors:
    """The colors of the light or the dark theme."""
    palette = DARK if dark else LIGHT
    return Colors(palette, _ramp(palette.ramp, palette), _ramp(palette.difference, palette))


def step(tone: Real) -> int:
    """Which step a tone from 0 to 1 is."""
    return round((STEPS - 1) * min(max(tone, 0.0), 1.0))


def _ramp(stops: tuple[str, ...], palette: Palette) -> Ramp:
    """Colors on straight lines between the stops, as static/draw.js makes them."""
    known = 255 * np.array([to_rgb(stop) for stop in stops])
    at = np.linspace(0, len(stops) - 1, STEPS)
    rgb = np.stack([np.interp(at, range(len(stops)), known[:, channel]) for channel in range(3)], axis=-1).round()
    light = _luminance(rgb)
    ink, paper = _luminance(255 * np.array([to_rgb(color) for color in (palette.ink, palette.paper)])).tolist()
    text = tuple(
        palette.ink if _contrast(one, ink) > _contrast(one, paper) else palette.paper for one in light.tolist()
    )
    return Ramp(rgb.astype(np.uint8), text)


def _luminance(rgb: np.ndarray) -> np.ndarray:
    return ((rgb / 255) ** 2.2) @ np.array([0.2126, 0.7152, 0.0722])


def _contrast(one: Real, other: Real) -> Real:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
