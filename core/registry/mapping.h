// A YAML mapping, compiled: how a TF op is said by a fixed list of ONNX nodes. Made by config/, carried out by convert/.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "onnx/graph.h"

namespace flowport::registry {

/// Where an input of a body node, or an output of the TF node, comes from.
struct Operand {
  enum class Kind {
    kAbsent,    ///< optional input left out
    kInput,     ///< flat TF input `index`
    kArgument,  ///< every TF input of the op's argument `argument` (a list argument gives several)
    kAllInputs, ///< every TF input in order
    kLocal,     ///< output `output` of body node `index`
    kConstant,  ///< `constant`
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
    kValue,  ///< `value`
    kTfAttr, ///< TF attribute `tf_attr`: int, bool (0/1), float, string, their lists; a type becomes its ONNX number
    kInput,  ///< content of TF input `input`, which must be known: the attribute's kind by the ONNX schema
  };
  std::string name;  ///< ONNX name
  Source source = Source::kValue;
  ir::Attribute::Storage value;
  std::string tf_attr;
  int input = 0;
  std::map<std::string, ir::Attribute::Storage> choices;  ///< kTfAttr: value by the TF attribute's text; empty: as it is
};

struct BodyNode {
  std::string op;
  std::string domain;
  std::vector<Operand> inputs;
  std::vector<AttrRule> attrs;
  int num_outputs = 1;
};

struct Mapping {
  std::vector<BodyNode> body;      ///< in order; later nodes use earlier ones
  std::vector<Operand> outputs;    ///< TF output i
  std::string library;             ///< run-time library of a custom domain's op, for the report
};

}  // namespace flowport::registry
