"""Named head patterns: what is scored (table), how (plan, steps, tally, score), what it is called (labels), and which heads
are worth a look (ranking)."""

from attention.core.patterns.ranking import CaptureScores, Finding, find, rank, score_capture, unexplained
from attention.core.patterns.score import NAMES, PatternScores, score_heads
from attention.core.patterns.table import LISTED, PATTERNS, Pattern

__all__ = [
    "LISTED",
    "NAMES",
    "PATTERNS",
    "CaptureScores",
    "Finding",
    "Pattern",
    "PatternScores",
    "find",
    "rank",
    "score_capture",
    "score_heads",
    "unexplained",
]
