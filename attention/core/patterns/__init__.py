"""Named head patterns: what is scored (table), how (plan, steps, tally, score), what it is called (labels), and which heads
are worth a look (ranking), over many texts (sums, card)."""

from attention.core.patterns.capture_scores import CaptureScores, score_capture
from attention.core.patterns.card import Card, Surprise, pool, surprising
from attention.core.patterns.ranking import Finding, cells_of, find, rank, unexplained
from attention.core.patterns.score import NAMES, PatternScores, score_heads
from attention.core.patterns.table import LISTED, PATTERNS, Pattern

__all__ = [
    "LISTED",
    "NAMES",
    "PATTERNS",
    "CaptureScores",
    "Card",
    "Finding",
    "Pattern",
    "PatternScores",
    "Surprise",
    "cells_of",
    "find",
    "pool",
    "rank",
    "score_capture",
    "score_heads",
    "surprising",
    "unexplained",
]
