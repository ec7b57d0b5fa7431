"""Dividing a villagers' group into level-3 grids (两化: managed by grid).

`rules.py` says what a good division is, `engine/` finds one on plain arrays, `points.py` runs
the engine on a table of points. None of them knows a database.
"""
