"""From run folders to frozen snapshots, in threads that never touch a widget.

columns.py       the type of a column of numbers
snapshot.py      what a screen is given
words.py         events in words, and as marks
story.py         events to snapshot, in bounded slices
follower.py      what the threads have in common; the one that watches the lab
run_follower.py  the one that follows a run
judging.py       the one that asks the evaluators
machine.py       the one that watches the machine
"""
