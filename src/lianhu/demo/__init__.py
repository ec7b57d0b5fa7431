"""Demo: builds a county of made-up people in real divisions, and opens each role to try."""
