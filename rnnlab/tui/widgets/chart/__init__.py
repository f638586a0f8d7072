"""A chart for terminals: bands in the background, lines in braille, a cursor that reads exact values.

From figure to picture, one module per idea:

    figure.py     what is drawn: series, marks, names (knows no terminal)
    scale.py      numbers to places along an axis, linear and logarithmic
    ticks.py      where an axis is labelled, and with what words
    view.py       which part is looked at: zoom, pan, fit, follow
    smoothing.py  the running mean of the train loss
    binning.py    many points to few columns, without losing an extreme
    braille.py    lines as dots, 2 x 4 in a cell
    band.py       from lowest to highest as cell backgrounds
    canvas.py     a grid of cells, and the grid as strips
    plot.py       all of the above: figure + view + size = canvas
    widget.py     keys, mouse, cursor; sends only the cells that changed
"""

from rnnlab.tui.widgets.chart.figure import Figure, Mark, Series
from rnnlab.tui.widgets.chart.view import View
from rnnlab.tui.widgets.chart.widget import Chart

__all__ = ["Chart", "Figure", "Mark", "Series", "View"]
