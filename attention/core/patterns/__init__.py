"""Named head patterns: what is scored (table), how (score), and which heads are worth a look (ranking)."""

from attention.core.patterns.ranking import Finding, Scorer, find, rank
from attention.core.patterns.table import PATTERNS, Pattern

__all__ = ["PATTERNS", "Finding", "Pattern", "Scorer", "find", "rank"]
