"""Repeatable measurements: `lianhu bench NAME`. Each prints its workload, seed and a ratio to a
baseline run in the same minute; docs/reference/performance.md holds method and figures."""
