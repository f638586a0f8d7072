"""What this machine does in a second, against what a person would write first.

turns        contenders taken in turn, A B A B, and the medians
training     whole updates, against ``nn.LSTM`` in float32
char_rnn     whole updates as a loop over characters makes them
sampling     characters drawn, against the obvious loop
judging      c-syntax, against parsing alone
encoding     text to ids, against a dictionary
sections     which of them are measured, one after another
"""
