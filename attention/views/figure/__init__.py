"""Pictures for print: the values that browsers draw, drawn once more by matplotlib, without pyplot and without a server.

Sizes are the screen's, in CSS pixels with y downwards, so that a figure looks as the page does. `draw` is the way in.
"""
