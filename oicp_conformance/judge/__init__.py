"""From what was said to verdicts: rules, findings, statement. Pure."""
