"""A catalogue of hostile behaviours: what a partner may do to the hub, and what the suite makes of it.

`python -m tools.hostile` runs each in a process of its own: a hub and one peer that misbehaves, then the
judge and the writers of reports. It compares the verdict, who is blamed and in which words, the time and the
memory with what the catalogue expects.
"""
