"""One module per screen; what a screen is made of lies in ``widgets``."""
