"""Media: photos by their own hash, in resumable parts, re-encoded on arrival."""
