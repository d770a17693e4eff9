"""What was said in a run: exchanges, notes, sessions, and what an answer means."""
