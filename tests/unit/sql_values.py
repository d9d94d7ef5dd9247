"""Finds SQL that is put together out of text, in which a value could become a command."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Methods that send SQL to a database, which is their first argument, and functions of ours that hand it on.
SENDING = {"execute", "executemany", "copy", "exec_driver_sql", "mogrify", "stream", "exec_", "send_query"}
HANDING_ON = {"read_frame": 1, "_copy_out": 1}
# The project's SQL is in lower case, its sentences are not.
_SQL = re.compile(
    r"\s*(select|insert into|update|delete from|with \w+ as|create|alter|drop|copy|truncate|grant|revoke|set local)\s"
)


@dataclass(frozen=True)
class Find:
    """One place.

    Attributes:
        line: Where.
        code: The expression.
    """

    line: int
    code: str


def find_built_sql(source: str) -> list[Find]:
    """The places of a module in which SQL is sent, or made, that is neither a literal, nor a file read by `read_sql`,
    nor composed by psycopg.sql."""
    tree = ast.parse(source)
    return sorted(
        {Find(node.lineno, ast.unparse(node)) for node in _Module(tree).suspects()}, key=lambda find: find.line
    )


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._scope_of: dict[ast.AST, ast.AST] = {}
        self._note_scopes(tree, tree)

    def suspects(self) -> Iterator[ast.expr]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                sent = self._sent(node)
                if sent is not None and not self._is_fixed(sent):
                    yield sent
                # psycopg takes what stands in SQL(…) as it is.
                if ast.unparse(node.func) in {"sql.SQL", "SQL"} and not (node.args and self._is_fixed(node.args[0])):
                    yield node
            if isinstance(node, ast.expr) and _starts_like_sql(node) and not self._is_fixed(node):
                yield node

    def _note_scopes(self, node: ast.AST, scope: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self._scope_of[child] = scope
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            self._note_scopes(child, child if is_function else scope)

    def _sent(self, call: ast.Call) -> ast.expr | None:
        if isinstance(call.func, ast.Attribute) and call.func.attr in SENDING:
            sent = [*call.args, *(word.value for word in call.keywords if word.arg in {"query", "statement"})]
            return sent[0] if sent and ast.unparse(call.func) != "shutil.copy" else None
        place = HANDING_ON.get(call.func.id) if isinstance(call.func, ast.Name) else None
        return call.args[place] if place is not None and len(call.args) > place else None

    def _is_fixed(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> bool:
        """Whether nothing that comes from outside stands in it as text."""
        match node:
            case ast.Constant() | ast.Call(func=ast.Name(id="read_sql")):
                parts = []
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                parts = [left, right]
            case ast.IfExp(body=body, orelse=orelse):
                parts = [body, orelse]
            case ast.Call(func=ast.Attribute(attr="encode"), args=[]):
                parts = [node.func.value]
            case ast.Call(func=func, args=[argument]) if ast.unparse(func) in {"sql.SQL", "SQL", "text"}:
                parts = [argument]
            case ast.JoinedStr():
                # Only constants of the module, such as a number of seconds.
                filled = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
                return all(self._is_module_constant(part) for part in filled)
            case ast.Call(func=ast.Attribute(attr="format" | "join", value=value)):
                return self._is_composed(value, seen)
            case ast.Name():
                return self._is_name_fixed(node, seen)
            case _:
                return False
        return all(self._is_fixed(part, seen) for part in parts)

    def _is_composed(self, node: ast.expr, seen: frozenset[str]) -> bool:
        """Whether it is SQL(…), whose format() quotes what is put in."""
        if isinstance(node, ast.Call):
            return ast.unparse(node.func) in {"sql.SQL", "SQL"} and self._is_fixed(node.args[0], seen)
        values = self._assigned(node) if isinstance(node, ast.Name) else []
        return bool(values) and all(isinstance(value, ast.Call) and self._is_composed(value, seen) for value in values)

    def _is_name_fixed(self, node: ast.Name, seen: frozenset[str]) -> bool:
        if node.id in seen:
            return True
        values = self._assigned(node)
        return bool(values) and all(self._is_fixed(value, seen | {node.id}) for value in values)

    def _is_module_constant(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name) or node.id != node.id.upper():
            return False
        values = self._values(node.id, self._tree)
        return bool(values) and all(isinstance(value, ast.Constant) for value in values)

    def _assigned(self, node: ast.Name) -> list[ast.expr]:
        """What a name is given in its function, else in its module; none where it comes from outside of both."""
        scope = self._scope_of.get(node, self._tree)
        return self._values(node.id, scope) or self._values(node.id, self._tree)

    def _values(self, name: str, scope: ast.AST) -> list[ast.expr]:
        found: list[ast.expr] = []
        for node in ast.walk(scope):
            if self._scope_of.get(node, self._tree) is not scope:
                continue
            match node:
                case ast.Assign(targets=targets, value=value):
                    found += [value for target in targets if isinstance(target, ast.Name) and target.id == name]
                case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value) if target == name:
                    found.append(value)
                case ast.For(target=ast.Name(id=target), iter=ast.Tuple(elts=values) | ast.List(elts=values)) if (
                    target == name
                ):
                    found += values
        return found


def _starts_like_sql(node: ast.expr) -> bool:
    """Whether a text that is put together begins as SQL does."""
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str() as text), *_]):
            return bool(_SQL.match(text))
        case ast.BinOp(op=ast.Add() | ast.Mod(), left=left):
            return _starts_like_sql(left) or _is_sql_text(left)
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "replace", value=value)):
            return _is_sql_text(value)
    return False


def _is_sql_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_SQL.match(node.value))
