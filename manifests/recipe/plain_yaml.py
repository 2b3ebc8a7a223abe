"""Read YAML of plain data in bounded time and memory: text, numbers, booleans, lists, and mappings with unique keys."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any, cast

import yaml

from bappsmith.manifests.errors import BappsmithError
from bappsmith.manifests.plain_text import printable

MAX_CHARACTERS = 1 << 20
MAX_NODES = 50_000
"""Number of values in a document. An alias counts as all values that it repeats."""
MAX_DEPTH = 64
"""Levels of nested lists and mappings. Recipes have 6, descriptions of clusters about 15."""
MAX_DIGITS = 100
"""Characters of a number. Parsing takes quadratic time, and no key needs longer numbers."""

_TAG = "tag:yaml.org,2002:"
_MERGE = f"{_TAG}merge"
_TEXT = (f"{_TAG}str", f"{_TAG}timestamp", f"{_TAG}value", _MERGE)
"""Tags that are read as text: dates (no key takes one, and 2026-99-99 is not one), and the signs = and <<."""


def load_yaml(text: str) -> Any:
    """Read plain data from YAML text. No code in it is run. Aliases (`*name`) and merge keys (`<<`) are filled in.

    Returns:
        None for an empty document; otherwise str, int, float, bool, None, list, or dict with str keys.

    Raises:
        BappsmithError: the text is not YAML or exceeds a limit; or it has a tag, number, character or key that plain
            data does not allow; or a mapping has the same key twice.
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
    """Compose the tree of nodes within the limits. An alias gives the node that it names."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._deepest = self._count = 0
        # node → (number of nodes in its tree, levels below it)
        self._measures: dict[yaml.Node | None, tuple[int, int]] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node as the base class does, and count it."""
        is_alias = self.check_event(yaml.AliasEvent)
        mark = self.peek_event().start_mark
        before, outer = self._count, self._deepest
        self._depth += 1
        self._deepest = self._depth
        self._check(mark)
        node = cast(yaml.Node, super().compose_node(parent, index))
        if is_alias:
            if node not in self._measures:
                raise _refuse(mark, "an alias is inside of the value that it names; write the value out")
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
            raise _refuse(mark, f"more than {MAX_NODES:,} values, aliases filled in; shorten the file")
        if self._deepest > MAX_DEPTH:
            raise _refuse(mark, f"more than {MAX_DEPTH} nested lists and mappings; nest fewer")


class _Builder:
    """Turn composed nodes into plain data."""

    def __init__(self, loader: _BoundedLoader) -> None:
        self._loader = loader
        self._built: dict[yaml.Node, Any] = {}

    def build(self, node: yaml.Node) -> Any:
        """Return the data of a node: the same object for every alias of it."""
        if node not in self._built:
            if isinstance(node, yaml.ScalarNode):
                self._built[node] = self._scalar(node)
            elif isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
                self._built[node] = [self.build(element) for element in node.value]
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
                    key_node.start_mark, f"a key must be text, found {printable(repr(key), 60)}; put quotes around it"
                )
            if key in keys:
                raise _refuse(key_node.start_mark, f"key '{printable(key, 60)}' occurs twice; remove one")
            keys.add(key)
            if key_node.tag == _MERGE:
                merged = self._merged(value_node)
            else:
                own[key] = self.build(value_node)
        return {**merged, **own}

    def _merged(self, node: yaml.Node) -> dict[str, Any]:
        """Return the keys that a merge key adds. The first of several mappings wins."""
        values = self.build(node)
        mappings = values if isinstance(values, list) else [values]
        if not all(isinstance(mapping, dict) for mapping in mappings):
            raise _refuse(node.start_mark, "'<<' takes a mapping or a list of mappings")
        return {key: value for mapping in reversed(mappings) for key, value in mapping.items()}

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        tag, text = node.tag, node.value
        if tag in _TEXT:
            if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
                raise _refuse(
                    node.start_mark,
                    f"text must not hold NUL or half of a surrogate pair, found '{printable(text, 60)}'; remove it",
                )
            return text
        if tag == f"{_TAG}null":
            return None
        if tag == f"{_TAG}bool" and text.lower() in self._loader.bool_values:
            return self._loader.bool_values[text.lower()]
        if tag in (f"{_TAG}int", f"{_TAG}float"):
            if len(text) > MAX_DIGITS:
                raise _refuse(
                    node.start_mark,
                    f"a number may have at most {MAX_DIGITS} characters, found {len(text):,}; shorten it",
                )
            try:
                convert = self._loader.construct_yaml_int if tag == f"{_TAG}int" else self._loader.construct_yaml_float
                return convert(node)
            except (ValueError, IndexError) as error:
                raise _refuse(node.start_mark, f"'{printable(text, 60)}' is not a number; correct it") from error
        raise _unknown_tag(node)


def _unknown_tag(node: yaml.Node) -> BappsmithError:
    tag = printable(str(node.tag).replace(_TAG, "!!"), 60)
    return _refuse(node.start_mark, f"tag {tag} is not allowed; write text, numbers, lists and mappings without tags")
