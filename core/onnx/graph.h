// Our ONNX model: values, nodes, nested graphs. Values live in one pool per model, so that a body can use values of the graphs
// around it. A value with a constant and no producer is an initializer. Values and nodes are made through the functions below
// and by convert/'s emitter; passes in optimize/ edit nodes in place and end with Model::drop_unused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "onnx/constant.h"
#include "onnx/dtype.h"

namespace flowport::ir {

using ValueId = std::uint32_t;   ///< index into Model::values; 0 = absent
using SymbolId = std::uint32_t;  ///< index into Model::symbols; 0 = none

/// A dim: a number, a named unknown (equal symbols are equal at run time), or unknown.
struct Dim {
  std::int64_t size = -1;
  SymbolId symbol = 0;
  bool is_known() const { return size >= 0; }
  friend bool operator==(const Dim&, const Dim&) = default;
};

/// Type of a value. Sequences and optionals of tensors have the element's type here.
struct Type {
  enum class Kind : std::uint8_t { kTensor, kSequence, kOptional };
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUndefined;
  bool has_rank = false;
  std::vector<Dim> dims;

  static Type tensor(DType dtype) { return Type{Kind::kTensor, dtype, false, {}}; }
  static Type tensor(DType dtype, std::vector<Dim> dims) { return Type{Kind::kTensor, dtype, true, std::move(dims)}; }
  static Type tensor_of(const Constant& constant);
  bool is_static() const;
  friend bool operator==(const Type&, const Type&) = default;
};

/// What is known of an integer value of rank 0 or 1 whose content is not fully known.
struct Content {
  bool is_scalar = false;
  struct Element {
    bool known = false;
    std::int64_t value = 0;
    SymbolId symbol = 0;
    friend bool operator==(const Element&, const Element&) = default;
  };
  std::vector<Element> elements;
};

struct Value {
  std::string name;  ///< empty until named; the writer names the rest
  Type type;
  ConstantPtr constant;                    ///< fully known content
  std::shared_ptr<const Content> content;  ///< partly known content
};

struct Graph;

struct Attribute {
  using Storage = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>,
                               std::vector<std::string>, ConstantPtr, std::shared_ptr<Graph>>;
  std::string name;
  Storage value;
};

struct Node {
  std::string op;
  std::string domain;  ///< "" is ai.onnx
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;  ///< 0 for an output that is not asked for
  std::vector<Attribute> attributes;
  std::uint32_t origin = 0;  ///< index into Model::origins

  const Attribute* find(std::string_view name) const;
  std::int64_t int_attr(std::string_view name, std::int64_t otherwise) const;
  const std::vector<std::int64_t>* ints_attr(std::string_view name) const;
  std::string_view string_attr(std::string_view name, std::string_view otherwise) const;
  void set(std::string_view name, Attribute::Storage value);
};

/// Nodes in topological order. Inputs are values without producer and constant.
struct Graph {
  std::string name;
  std::vector<Node> nodes;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
};

/// Where a node comes from.
struct Origin {
  std::string tf_node;  ///< TF node name; empty for nodes made by passes
  std::string path;     ///< function path, '/'-joined
  std::string handler;  ///< plugin id and handler id, mapping file:line, or the pass
};

struct OpsetImport {
  std::string domain;
  std::int64_t version = 0;
};

struct Model {
  Model() : values(1), symbols(1), origins(1) {}

  std::vector<Value> values;         ///< [0] is the absent value
  std::vector<std::string> symbols;  ///< names of dims; [0] is unused
  std::vector<Origin> origins;       ///< [0]: unknown
  Graph graph;
  std::int64_t ir_version = 10;
  std::vector<OpsetImport> opsets;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< ModelProto.metadata_props
  std::string producer_version;

  std::int64_t opset(std::string_view domain = {}) const;
  ValueId add_value(Type type, std::string name = {});
  ValueId add_constant(ConstantPtr constant, std::string name = {});
  SymbolId add_symbol(std::string name);

  /// Removes nodes none of whose outputs is used (bodies included); returns how many. Linear.
  std::size_t drop_unused();

  /// Calls `visit(graph)` for `graph` and all bodies nested in its nodes, outer first. No recursion limit of its own.
  template <typename Visit>
  static void for_each_graph(Graph& graph, Visit&& visit) {
    std::vector<Graph*> todo{&graph};
    while (!todo.empty()) {
      Graph* g = todo.back();
      todo.pop_back();
      visit(*g);
      for (auto& node : g->nodes) {
        for (auto& attribute : node.attributes) {
          if (auto* body = std::get_if<std::shared_ptr<Graph>>(&attribute.value)) todo.push_back(body->get());
        }
      }
    }
  }
};

}  // namespace flowport::ir
