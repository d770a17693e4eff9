"""A report of Acme's: one line for the chat of the team."""


def write(folder, statement):
    broken = sum(one.verdict == "fail" for one in statement.requirements)
    text = f"{statement.target.name}: {statement.verdict}, {broken} broken\n"
    (folder / "chat.txt").write_text(text, encoding="utf-8")
