"""The dashboard: the only place that knows Textual."""

import os

# Textual reads both when it is imported. What others set stays.
os.environ.setdefault("TEXTUAL_FPS", "120")  # the picture after a key waits for the next frame: 8 ms, not 17
os.environ.setdefault("ESCDELAY", "40")  # milliseconds after which Escape is a key and not the start of another's code
