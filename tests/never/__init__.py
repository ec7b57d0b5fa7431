"""Each thing that Lianhu never does, added for the length of one test, to see that test fail.

`app`, `colours`, `care` and `reports` add the things (docs/reference/never.md says what they are),
`hand` is what they add with, `watch` runs the named tests with each of them, `test_added` looks at
what came of it, and `python -m tests.never` writes the page's second column.
"""
