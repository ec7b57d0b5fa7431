"""Read matters. Every function takes the actor first and returns only what they may see."""
