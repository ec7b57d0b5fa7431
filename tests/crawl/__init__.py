"""The canary crawl: every route as every caller, and not one byte of another's."""
