"""SQL expressions: read, evaluated over Arrow arrays, and turned into what columns may hold.

Everything here is pure, and knows an expression exactly or says that it does not (`ExpressionUnknown`).
"""

from app.generator.expressions.alternatives import ModeGroup
from app.generator.expressions.evaluate import (
    DEFAULT_REFERENCE,
    HORIZON,
    Predicate,
    ValueExpr,
    compile_predicate,
    compile_value,
)
from app.generator.expressions.inference import Inference, Residual, Unknown, infer
from app.generator.expressions.nodes import Expr, ExpressionUnknown, columns_of, rename
from app.generator.expressions.parser import parse_expression
from app.generator.expressions.relations import Equation

__all__ = [
    "DEFAULT_REFERENCE",
    "HORIZON",
    "Equation",
    "Expr",
    "ExpressionUnknown",
    "Inference",
    "ModeGroup",
    "Predicate",
    "Residual",
    "Unknown",
    "ValueExpr",
    "columns_of",
    "compile_predicate",
    "compile_value",
    "infer",
    "parse_expression",
    "rename",
]
