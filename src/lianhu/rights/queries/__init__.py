"""Read what is held of a household, for itself and for who answers it."""
