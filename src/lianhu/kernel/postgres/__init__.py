"""Django's PostgreSQL, telling the database in each transaction what it may show."""
