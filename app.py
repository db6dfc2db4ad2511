"""Headlight: build the page, launch it. Everything else is in attention/."""

from attention.tabs import launch, page

demo = page()

if __name__ == "__main__":
    launch(demo)
