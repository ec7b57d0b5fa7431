"""The desk: pages for village, town and county staff."""
