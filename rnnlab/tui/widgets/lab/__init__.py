"""The lab's table: which columns fit, which runs are shown, in what order.

filter.py   what a person types to see fewer runs (knows summaries, no terminal)
columns.py  what each column shows and sorts by, and which of them a width has room for
table.py    the widget: a cursor, marks, the mouse
peek.py     the run under the cursor in a few lines more
"""
