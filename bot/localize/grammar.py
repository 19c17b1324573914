"""The grammars of other languages than Python, each from a wheel of its own: what is a function, a scope, a loop there.

A grammar that is missing is an error that is raised, never a file without functions: nobody would notice the latter.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.domain.errors import Refused

if TYPE_CHECKING:
    from tree_sitter import Language, Query

_JAVASCRIPT = """
(function_declaration name: (_) @name body: (_)) @function
(generator_function_declaration name: (_) @name body: (_)) @function
(method_definition name: (_) @name body: (_)) @function
(variable_declarator name: (identifier) @name value: [CODE]) @function
(assignment_expression left: (_) @name right: [CODE]) @function
(pair key: (_) @name value: [CODE]) @function
(export_statement "default" @name value: [CODE]) @function
(class_declaration name: (_) @name) @scope
(class name: (_) @name) @scope
(variable_declarator name: (identifier) @name value: (object)) @scope
(variable_declarator name: (identifier) @name value: (class !name)) @scope
[(for_statement) (for_in_statement) (while_statement) (do_statement)] @loop
""".replace("CODE", "(arrow_function) (function_expression) (generator_function)")
_TYPESCRIPT = (
    _JAVASCRIPT
    + """
(public_field_definition name: (_) @name value: [(arrow_function) (function_expression)]) @function
(abstract_class_declaration name: (_) @name) @scope
(internal_module name: (_) @name) @scope
"""
)
_C = """
(function_definition declarator: (_) @declarator body: (_)) @function
[(for_statement) (while_statement) (do_statement)] @loop
"""
QUERIES = {
    "javascript": _JAVASCRIPT
    + "(field_definition property: (_) @name value: [(arrow_function) (function_expression)]) @function",
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "go": """
(function_declaration name: (_) @name body: (_)) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @receiver))
  name: (_) @name body: (_)) @function
(var_spec name: (identifier) @name value: (expression_list (func_literal))) @function
(for_statement) @loop
""",
    "rust": """
(function_item name: (_) @name body: (_)) @function
(impl_item type: (_) @name) @scope
(trait_item name: (_) @name) @scope
(mod_item name: (_) @name body: (_)) @scope
[(for_expression) (while_expression) (loop_expression)] @loop
""",
    "java": """
(method_declaration name: (_) @name body: (_)) @function
(constructor_declaration name: (_) @name body: (_)) @function
(compact_constructor_declaration name: (_) @name body: (_)) @function
[(class_declaration name: (_) @name) (interface_declaration name: (_) @name) (enum_declaration name: (_) @name)
  (record_declaration name: (_) @name) (annotation_type_declaration name: (_) @name)] @scope
[(for_statement) (enhanced_for_statement) (while_statement) (do_statement)] @loop
""",
    "c": _C,
    "cpp": _C
    + """
(namespace_definition name: (_) @name) @scope
[(class_specifier name: (_) @name body: (_)) (struct_specifier name: (_) @name body: (_))
  (union_specifier name: (_) @name body: (_))] @scope
(for_range_loop) @loop
""",
}
WHEELS = {
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language for the parser, and the query for its functions, scopes and loops."""

    language: "Language"
    query: "Query"


@lru_cache(maxsize=len(QUERIES))
def grammar(dialect: str, load: Callable[[str], Any] = importlib.import_module) -> Grammar:
    """Return the grammar of a dialect; Refused, with what to install, where its wheel is missing or does not fit."""
    module, function = WHEELS.get(dialect, (f"tree_sitter_{dialect}", "language"))
    try:
        from tree_sitter import Language, Query

        language = Language(getattr(load(module), function)())
        return Grammar(language, Query(language, QUERIES[dialect]))
    except (ImportError, AttributeError, ValueError) as error:
        wheel = module.replace("_", "-")
        sentence = f"the grammar for {dialect} files is missing or does not fit ({error}): install {wheel} as locked"
        raise Refused(sentence) from error
