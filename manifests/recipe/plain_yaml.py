"""YAML of plain data, in bounded time and memory: text, numbers, truth values, lists and mappings; a key stands once."""

from __future__ import annotations

from typing import Any, cast

import yaml

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

MAX_CHARACTERS = 1 << 20
MAX_NODES = 50_000
"""Values in a document, each alias counted as all that it stands for."""
MAX_DEPTH = 64
"""Lists and mappings inside each other. Recipes have 6, descriptions of clusters about 15."""
MAX_DIGITS = 100
"""Characters of a number. Longer ones take quadratic time, and no key needs them."""

_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_TEXT = (f"{_TAG}str", f"{_TAG}timestamp", f"{_TAG}value", _MERGE)
"""Dates stay text: no key takes one, and some (2026-99-99) are none. So do the signs = and, where it is no key, <<."""


def load_yaml(text: str) -> Any:
    """Plain data from YAML text; no code in it is run. Aliases (`*name`) and merge keys (`<<`) are filled in.

    Returns:
        None for an empty document; otherwise str, int, float, bool, None, list, or dict with str keys.

    Raises:
        BappsmithError: not YAML, too much of it, a tag, number, character or key that plain data does not have, or a
            key that stands twice in one mapping.
    """
    if len(text) > MAX_CHARACTERS:
        raise BappsmithError(f"longer than {MAX_CHARACTERS:,} characters")
    try:
        loader = _BoundedLoader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise BappsmithError(f"not YAML: {where}{printable(problem, 300)}") from error
    except yaml.YAMLError as error:
        raise BappsmithError(f"not YAML: {printable(' '.join(str(error).split()), 300)}") from error
    return None if node is None else _Builder(loader).build(node)


def _refuse(mark: yaml.Mark, problem: str) -> BappsmithError:
    return BappsmithError(f"line {mark.line + 1}: {problem}")


class _BoundedLoader(yaml.SafeLoader):
    """Composes the tree of nodes within the bounds; an alias is the node that it names, again."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._deepest = self._count = 0
        self._measures: dict[
            yaml.Node | None, tuple[int, int]
        ] = {}  # node → (nodes with all below it, levels below it)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """As in the base class, counted."""
        is_alias = self.check_event(yaml.AliasEvent)
        mark = self.peek_event().start_mark
        before, outer = self._count, self._deepest
        self._depth += 1
        self._deepest = self._depth
        self._check(mark)
        node = cast(yaml.Node, super().compose_node(parent, index))
        if is_alias:
            if node not in self._measures:
                raise _refuse(mark, "an alias stands inside of what it names")
            count, levels = self._measures[node]
            self._count += count
            self._deepest = self._depth + levels
        else:
            self._count += 1
            self._measures[node] = self._count - before, self._deepest - self._depth
        self._check(mark)
        self._deepest = max(outer, self._deepest)
        self._depth -= 1
        return node

    def _check(self, mark: yaml.Mark) -> None:
        if self._count > MAX_NODES:
            raise _refuse(mark, f"more than {MAX_NODES:,} values, aliases filled in")
        if self._deepest > MAX_DEPTH:
            raise _refuse(mark, f"more than {MAX_DEPTH} lists and mappings inside each other")


class _Builder:
    """Makes plain data of nodes, within the bounds that they were composed in."""

    def __init__(self, loader: _BoundedLoader) -> None:
        self._loader = loader
        self._built: dict[yaml.Node, Any] = {}

    def build(self, node: yaml.Node) -> Any:
        """The data of a node; the same object for every alias of it."""
        if node not in self._built:
            if isinstance(node, yaml.ScalarNode):
                self._built[node] = self._scalar(node)
            elif isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
                self._built[node] = [self.build(one) for one in node.value]
            elif isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
                self._built[node] = self._mapping(node)
            else:
                raise _unknown_tag(node)
        return self._built[node]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        keys: set[str] = set()
        for key_node, value_node in node.value:
            key = self.build(key_node)
            if not isinstance(key, str):
                raise _refuse(
                    key_node.start_mark, f"a key is text, found {printable(repr(key), 60)}; put quotes around it"
                )
            if key in keys:
                raise _refuse(key_node.start_mark, f"key '{printable(key, 60)}' stands twice")
            keys.add(key)
            if key_node.tag == _MERGE:
                merged = self._merged(value_node)
            else:
                own[key] = self.build(value_node)
        return {**merged, **own}

    def _merged(self, node: yaml.Node) -> dict[str, Any]:
        """What a merge key brings: of several mappings, the first that has a key gives its value."""
        values = self.build(node)
        mappings = values if isinstance(values, list) else [values]
        if not all(isinstance(one, dict) for one in mappings):
            raise _refuse(node.start_mark, "'<<' takes a mapping or a list of mappings")
        return {key: value for one in reversed(mappings) for key, value in one.items()}

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        tag, text = node.tag, node.value
        if tag in _TEXT:
            if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
                raise _refuse(
                    node.start_mark, f"text holds no NUL and no half of a surrogate pair, found '{printable(text, 60)}'"
                )
            return text
        if tag == f"{_TAG}null":
            return None
        if tag == f"{_TAG}bool" and text.lower() in self._loader.bool_values:
            return self._loader.bool_values[text.lower()]
        if tag in (f"{_TAG}int", f"{_TAG}float"):
            if len(text) > MAX_DIGITS:
                raise _refuse(node.start_mark, f"a number has at most {MAX_DIGITS} characters, found {len(text):,}")
            try:
                convert = self._loader.construct_yaml_int if tag == f"{_TAG}int" else self._loader.construct_yaml_float
                return convert(node)
            except (ValueError, IndexError) as error:
                raise _refuse(node.start_mark, f"'{printable(text, 60)}' is no number") from error
        raise _unknown_tag(node)


def _unknown_tag(node: yaml.Node) -> BappsmithError:
    tag = printable(str(node.tag).replace(_TAG, "!!"), 60)
    return _refuse(node.start_mark, f"tag {tag} does not fit; expected text, numbers, lists and mappings without tags")
