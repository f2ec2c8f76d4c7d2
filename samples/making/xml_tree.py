"""A short way to write XML: `node("ram:Name", "…")` with prefixes as they will stand in the file."""

from xml.etree import ElementTree as ET


def node(tag: str, *content: "ET.Element | str | None", **attributes: str) -> ET.Element:
    """An element with text or children; children that are `None` are left out."""
    element = ET.Element(tag, attributes)
    for part in content:
        if isinstance(part, str):
            element.text = part
        elif part is not None:
            element.append(part)
    return element


def written(root: ET.Element, namespaces: dict[str, str]) -> bytes:
    """The document as indented UTF-8, with `namespaces` (prefix → URI) declared at the root."""
    for prefix, uri in namespaces.items():
        root.set(f"xmlns:{prefix}" if prefix else "xmlns", uri)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def unit_code(unit: str | None) -> str:
    """The UN/ECE code of a printed unit."""
    return {"Stk.": "H87", "pcs": "H87", "Kart.": "CT", "Std.": "HUR", "h": "HUR"}.get(unit or "", "C62")
