"""From run folders to frozen snapshots, in threads that never touch a widget.

columns.py    numbers that only grow, as arrays that are never changed under a reader
snapshot.py   what a screen is given
story.py      events to snapshot, in bounded slices
follower.py   the threads: look, freeze, hand over
"""
