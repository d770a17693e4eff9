"""Shapes of SVG, as elements of XML: a report has hundreds of pictures, each with hundreds of shapes.

Names of attributes are written with underscores; text and attributes are escaped when a picture is written.
"""

from xml.etree import ElementTree as ET

Element = ET.Element
Value = str | float


def picture(width: int, height: int, **looks: Value) -> Element:
    """An empty picture."""
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    return ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **_attributes(looks)})


def written(picture: Element) -> str:
    """A picture as text, on one line."""
    return ET.tostring(picture, encoding="unicode")


def group(parent: Element, **looks: Value) -> Element:
    """A group of shapes."""
    return _put(parent, "g", looks)


def rectangle(parent: Element, x: float, y: float, width: float, height: float, **looks: Value) -> None:
    """A rectangle, from its upper left corner."""
    _put(parent, "rect", {"x": x, "y": y, "width": width, "height": height, **looks})


def circle(parent: Element, x: float, y: float, radius: float, **looks: Value) -> None:
    """A circle around a point."""
    _put(parent, "circle", {"cx": x, "cy": y, "r": radius, **looks})


def line(parent: Element, *points: float, close: bool = False, **looks: Value) -> None:
    """A line through points, given as x, y, x, y, ..., and back to the first one if it is to be closed."""
    through = " L".join(f"{_number(x)},{_number(y)}" for x, y in zip(points[::2], points[1::2], strict=True))
    _put(parent, "path", {"d": f"M{through}{' Z' if close else ''}", **looks})


def text(parent: Element, words: str, x: float, y: float, size: float, **looks: Value) -> Element:
    """A text, by the left end of its line unless it is anchored elsewhere."""
    return _put(parent, "text", {"x": x, "y": y, "font_size": size, **looks}, words)


def span(parent: Element, words: str, **looks: Value) -> None:
    """A further part of a text."""
    _put(parent, "tspan", looks, words)


def titled(picture: Element, title: str, description: str) -> None:
    """Say what is in a picture, for those who cannot see it."""
    _put(picture, "title", {}, title)
    _put(picture, "desc", {}, description)


def _put(parent: Element, tag: str, looks: dict[str, Value], words: str | None = None) -> Element:
    element = ET.SubElement(parent, tag, _attributes(looks))
    element.text = words
    return element


def _attributes(looks: dict[str, Value]) -> dict[str, str]:
    return {
        name.replace("_", "-"): value if isinstance(value, str) else _number(value)
        for name, value in looks.items()
    }


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.2f}".rstrip("0").rstrip(".")
