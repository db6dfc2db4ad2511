"""The mathematics of attention: torch in, torch out. Nothing here knows models, files or pictures."""
