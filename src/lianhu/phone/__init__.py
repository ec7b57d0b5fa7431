"""The phone: letters in, parcels out."""
