"""What a backup is on disk: a manifest, the database, and a shared pool of media."""
