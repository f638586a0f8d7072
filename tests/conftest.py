"""What holds for every test."""

from __future__ import annotations

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Where the tests are started in the background, Ctrl-C is ignored by them and by all that they start;
    # tests that press it in programs of their own need it as it is in a terminal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
