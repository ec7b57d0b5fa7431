"""Web: what all doors share - middleware, the actor behind a request, words on pages."""
