"""The two sides as scenarios use them."""
