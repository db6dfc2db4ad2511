"""The arcs of a short text. They are drawn from the head figure's own payload, so one value serves both pictures."""

from attention.views.heatmap import render

LONGEST = 40  # tokens on either side; above, arcs smear and the matrix stays (static/figure.js keeps the same number)

__all__ = ["LONGEST", "render"]
