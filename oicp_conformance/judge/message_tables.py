"""Which messages a party writes, and in which table each field of them stands."""

from oicp_conformance.oicp.fields import Field, fields_of
from oicp_conformance.oicp.messages import Message
from oicp_conformance.oicp.operations import Operation, Party
from oicp_conformance.oicp.types import Role


def messages_sent(operation: Operation, party: Party) -> dict[str, type[Message]]:
    """The messages of an operation that the party writes: its requests, or its answer."""
    role: Role = "cpo" if party == "cpo" else "emp"
    if operation.parts[party].direction == "target-to-hub":
        return {name: forms[role] for name, forms in operation.requests.items()}
    return {operation.answer.__name__: operation.answer}


def holder_of(name: str, model: type[Message], field: Field) -> str:
    """The message or the type whose table has a field; what is no type of its own, by its place."""
    if len(field.path) == 1:
        return name
    kind = fields_of(model)[field.path[:-1]].type_name.removeprefix("list of ")
    return ".".join((name, *field.path[:-1])) if " " in kind else kind
