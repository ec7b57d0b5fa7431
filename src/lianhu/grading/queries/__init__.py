"""Read colours, facts, rules, appeals and care episodes, each behind its wall."""

from lianhu.grading.queries.colours import GradeShown, colours_of_grids, grades_of_grids

__all__ = ["GradeShown", "colours_of_grids", "grades_of_grids"]
