"""Territory: the tree of places, and reach(), the one scope gate."""
