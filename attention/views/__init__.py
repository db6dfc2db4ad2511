"""Pictures: plain data in, plain data for a canvas out. Nothing here knows models or gradio."""
