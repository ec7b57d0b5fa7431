"""Division into grids: rules, engine, plain tables."""
