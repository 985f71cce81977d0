// The body of a mapping: node statements of ONNX's text syntax,
//
//   half = Mul(x, 0.5)
//   y = Softmax <axis = -1> (half)
//
// and three things beyond it: a call may stand where an input is expected, and so may a literal (it takes the element type of
// the inputs that the schema ties it to) and `@name`, a TF attribute as a constant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/problem.h"
#include "onnx/constant.h"

namespace flowport::config {

using Literal = std::variant<std::int64_t, double, bool, std::string, std::vector<std::int64_t>, std::vector<double>,
                             std::vector<std::string>>;

/// A TF attribute by name.
struct AttrRef {
  std::string name;
};

struct TextAttr {
  std::string name;
  std::size_t at = 0;  ///< offset in the body
  std::string kind;    ///< "int", "floats", ...: the annotation after the name; empty where there is none
  std::variant<Literal, AttrRef, ir::ConstantPtr> value;
};

struct TextArg {
  enum class Kind { kAbsent, kName, kLiteral, kAttr, kCall };
  Kind kind = Kind::kAbsent;
  std::size_t at = 0;
  std::string name;  ///< kName, kAttr
  Literal literal;
  std::size_t call = 0;  ///< index of the statement that this nested call became
};

struct TextOutput {
  std::string name;
  std::size_t at = 0;
};

/// A node. Nested calls come before the node that uses them and have no named output.
struct Statement {
  std::vector<TextOutput> outputs;
  std::string domain;
  std::string op;
  std::size_t at = 0;  ///< of the op
  std::vector<TextArg> args;
  std::vector<TextAttr> attrs;
};

struct SyntaxError {
  std::size_t at = 0;
  std::string what;
};

struct Body {
  std::vector<Statement> statements;
  std::vector<SyntaxError> errors;  ///< at most one a line; statements are good only when there is none
};

/// Linear in the text; nesting is bounded.
Body parse_body(std::string_view text);

}  // namespace flowport::config
