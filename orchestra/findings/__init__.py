"""Findings become one curated list: read, anchored, merged, ranked and named. Pure functions over frozen values.

`curate.py` is the way through; `finding.py` holds the words.
"""
