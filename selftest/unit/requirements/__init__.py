"""For each requirement a journal that holds, one that breaks it, one that cannot say: a module an area."""
