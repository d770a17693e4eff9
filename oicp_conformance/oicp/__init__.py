"""OICP 2.3 itself: types, messages, operations, requirements, errata. No I/O."""
