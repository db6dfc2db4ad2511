"""The command line: `python -m attention figure`, `page`, `rank`, `tokenize`, `models`. A thin face over share and models."""
