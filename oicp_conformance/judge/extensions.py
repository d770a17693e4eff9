"""Rules that an installed package brings: entry points name modules, which define requirements as ours do."""

from importlib.metadata import EntryPoint, entry_points

GROUP = "oicp_conformance.rules"


class ExtensionError(ImportError):
    """A package's rules cannot be used; the text names the package and the reason."""


def load() -> tuple[str, ...]:
    """Import the rules of all installed packages, and return these packages with their versions.

    Raises:
        ExtensionError: a module cannot be imported, or defines a requirement that cannot be.
    """
    packages = set()
    for one in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        try:
            one.load()
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            raise ExtensionError(
                f"the rules of {package(one)} ({one.value}) cannot be used: {reason}"
            ) from error
        packages.add(package(one))
    return tuple(sorted(packages))


def package(entry: EntryPoint) -> str:
    """Return the package that registers an entry point, with its version, such as `acme-rules 1.0`."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
