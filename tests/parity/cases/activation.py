"""Activations and what is said by mappings of the nn family."""
from cases import F, case, const, feed

WIDE = [-30.0, -6.5, -1.0, -0.0, 0.0, 0.5, 5.9, 6.1, 30.0]
for op in ("Relu", "Relu6", "Elu", "Selu", "Softplus", "Softsign"):
    case(op, features=feed(WIDE, "float32"))
    case(op, features=F(2, 3, dtype="float64"))
case("Relu", features=feed([-3, 0, 4], "int32"))
case("LeakyRelu", features=feed(WIDE, "float32"))
case("LeakyRelu", features=F(2, 3), alpha=0.35)
case("Softmax", logits=F(2, 3, 4))
case("Softmax", logits=feed([[1000.0, 0.0], [-1000.0, 3.0]], "float32"))
case("LogSoftmax", logits=F(3, 4))
case("L2Loss", t=F(3, 4))
case("Einsum", inputs=[F(2, 3, 4), F(2, 4, 5)], equation="bij,bjk->bik")
case("Einsum", inputs=[F(2, 3), F(3, 4)], equation="ab,bc->ca")
case("StaticRegexFullMatch", input=const(["abc", "xbc"], "S"), pattern="a.*", _opsets=(21, 28))
case("RegexFullMatch", input=const(["abc", "xbc"], "S"), pattern=const(b"a.*"), _opsets=(21, 28))
