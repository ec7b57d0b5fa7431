"""Break things on purpose: real servers, real databases, phones with the app's own code, then look."""
