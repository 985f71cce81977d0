// A YAML mapping, compiled: how a TF op is said by a fixed list of ONNX nodes. Made by config/, carried out by convert/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "onnx/graph.h"

namespace flowport::registry {

// TF attributes as text, in `choices` and in guards: a type by its TF name ("float32", "string"), a bool as "true" or "false",
// an int in decimal, a string as it is.

/// A row is for nodes whose TF attribute `tf_attr` has one of the texts in `values`; for others it declines.
struct Guard {
  std::string tf_attr;
  std::vector<std::string> values;
  std::string text;  ///< the values as the file says them ("real or bool"), for messages
  friend bool operator==(const Guard&, const Guard&) = default;
};

/// Where an input of a body node, or an output of the TF node, comes from.
struct Operand {
  enum class Kind {
    kAbsent,     ///< optional input left out
    kInput,      ///< flat TF input `index`
    kArgument,   ///< every TF input of the op's argument `argument` (a list argument gives several)
    kAllInputs,  ///< every TF input in order
    kLocal,      ///< output `output` of body node `index`
    kConstant,   ///< `constant`
    kTfAttr,  ///< TF attribute `argument` as a constant: int64 for int, bool and type, float, string; rank 1 for lists
  };
  Kind kind = Kind::kAbsent;
  int index = 0;
  int output = 0;
  std::string argument;
  ir::ConstantPtr constant;
};

/// Where an ONNX attribute comes from.
struct AttrRule {
  enum class Source {
    kValue,   ///< `value`
    kTfAttr,  ///< TF attribute `tf_attr`: int, bool (0/1), float, string, their lists; a type becomes its ONNX number
    kInput,   ///< content of TF input `input`, which must be known: the attribute's kind by the ONNX schema
  };
  std::string name;  ///< ONNX name
  Source source = Source::kValue;
  ir::Attribute::Storage value;
  std::string tf_attr;
  int input = 0;
  std::map<std::string, ir::Attribute::Storage>
      choices;  ///< kTfAttr: value by the TF attribute's text; empty: as it is
  // What kTfAttr and kInput give is made `scale * value + offset`, then of kind `kind`.
  double scale = 1;
  double offset = 0;
  std::optional<std::size_t> kind;  ///< index of Attribute::Storage; nullopt: the kind that it has
};

/// The element type of an output, where the op's schema does not give it.
struct OutputType {
  ir::DType dtype = ir::DType::kUndefined;
  std::string tf_attr;  ///< not empty: what this TF attribute says
};

struct BodyNode {
  std::string op;
  std::string domain;
  std::vector<Operand> inputs;
  std::vector<AttrRule> attrs;
  int num_outputs = 1;
  /// TF attributes that are not passed on under their own name; nullopt: none is. For ops that TensorFlow does not know.
  std::optional<std::set<std::string, std::less<>>> dropped = std::nullopt;
  std::vector<OutputType> output_types = {};  ///< of an op of a custom domain; may be empty
};

/// Whether a row is for nodes with complex tensors (core/convert/complex.h).
enum class Complex {
  kNone,   ///< not for them
  kPairs,  ///< for them only, as real tensors with a last dim of 2
  kParts,  ///< for them too, called once with the real and once with the imaginary parts
};

/// `CastLike` may stand in a body at every opset: convert/ says it as Cast to the second input's element type.
struct Mapping {
  std::vector<BodyNode> body;    ///< in order; later nodes use earlier ones
  std::vector<Operand> outputs;  ///< TF output i
  std::string library;           ///< run-time library of a custom domain's op, for the report
};

/// A mapping that is compiled when it is first asked for, once.
class LazyMapping {
 public:
  explicit LazyMapping(std::function<Result<Mapping>()> compile) : compile_(std::move(compile)) {}
  LazyMapping(const LazyMapping&) = delete;
  LazyMapping& operator=(const LazyMapping&) = delete;

  /// The same answer every time. Error: what is wrong with the entry (Fault::kPlugin, where: file:line:column).
  const Result<Mapping>& get() const {
    std::call_once(once_, [this] { result_ = compile_(); });
    return *result_;
  }

 private:
  std::function<Result<Mapping>()> compile_;
  mutable std::once_flag once_;
  mutable std::optional<Result<Mapping>> result_;
};

}  // namespace flowport::registry
