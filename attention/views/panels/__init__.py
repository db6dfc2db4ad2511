"""The panels a lab figure is made of: one file per kind, each with one `render` that returns plain JSON."""
