"""The hub on a desk: it runs until it is stopped, shows what is said and judged, and takes requests."""
