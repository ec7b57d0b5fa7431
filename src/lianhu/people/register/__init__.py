"""Read a village's household register as it comes: any layout, any dirt, nothing guessed.

Pure: no Django, no tables. `read.read_register(path)` gives a `findings.Register`. The rules are
those of tests/people/register/workbooks/README.md; words and headings are data in
`catalogue/register/`.
"""
