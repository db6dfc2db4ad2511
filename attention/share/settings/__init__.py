"""What each lab can be set to: one frozen dataclass per lab, whose fields say what they may be. No torch, no gradio.

Controls, checks of what a browser sends, and links are made from the fields.
"""
