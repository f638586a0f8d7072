"""The panels of the run screen, one module each. Each is given a snapshot and draws it."""
