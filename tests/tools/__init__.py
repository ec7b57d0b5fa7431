"""Tests of the house's own tools."""
