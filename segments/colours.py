"""The colours of segments, on every page the same."""

from __future__ import annotations

# Okabe & Ito's palette: told apart by colour-blind eyes, on light and on dark ground
COLOURS = [
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B8A800",
    "#8C6BB1",
    "#66A61E",
    "#A0522D",
    "#117733",
    "#882255",
    "#44AA99",
    "#332288",
]
NEUTRAL = "#9AA3B5"  # everybody, and whoever is in no segment
BOTH = "#5B6B8C"  # the overlap of two segments
ACCENT = "#4F46E5"  # a series that is no segment
