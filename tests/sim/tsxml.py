"""Tableau REST bodies in XML, from and to the shape that the JSON form has.

Tableau's JSON is its XML with attributes as members, so one small rule turns
either into the other: scalars are attributes, save the few elements below
that carry text.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

NAMESPACE = "http://tableau.com/api"
TEXT_ELEMENTS = {"summary", "detail", "restApiVersion"}
OWN_TEXT = "value"


def render(body: dict[str, Any]) -> bytes:
    root = ET.Element("tsResponse", {"xmlns": NAMESPACE})
    _fill(root, body)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _fill(element: ET.Element, members: dict[str, Any]) -> None:
    for name, value in members.items():
        if isinstance(value, dict):
            _fill(ET.SubElement(element, name), value)
        elif isinstance(value, list):
            for item in value:
                _fill(ET.SubElement(element, name), item)
        elif name in TEXT_ELEMENTS:
            ET.SubElement(element, name).text = str(value)
        elif name == OWN_TEXT:
            element.text = str(value)
        else:
            element.set(name, str(value))


def parse(body: bytes) -> dict[str, Any]:
    """What is inside <tsRequest>, with or without its namespace."""
    if b"<!" in body:
        raise ValueError("a document type or CDATA has no place here")
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise ValueError(str(error)) from None
    if _local(root.tag) != "tsRequest":
        raise ValueError("the root is not tsRequest")
    return {_local(child.tag): _members(child) for child in root}


def _members(element: ET.Element) -> dict[str, Any]:
    children = {_local(child.tag): _members(child) for child in element}
    return {**element.attrib, **children}


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
