"""One run: it plays, judges, and saves what was said."""
