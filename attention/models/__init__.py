"""Where weights come from and how one forward pass becomes a Capture. The only floor that imports transformers."""
