// The functions and the ops of one model: what a node's op may name.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/problem.h"
#include "tensorflow/node_store.h"
#include "tensorflow/op_table.h"
#include "tensorflow/program.h"

namespace flowport::tf {

/// Functions are parsed and built when they are first asked for. Not to be shared between threads.
class Library {
 public:
  explicit Library(NodeStore& store) : store_(store) {}
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  /// Adds the FunctionDef on the wire at `function`; the first of a name counts.
  Result<void> add(ByteSpan function);
  /// Ops that the model or a plugin lists itself.
  OpTable& ops() { return ops_; }
  const OpTable& ops() const { return ops_; }

  std::vector<std::string_view> names() const { return names_; }
  /// Of all functions.
  std::size_t node_count() const { return node_count_; }
  bool has(std::string_view name) const { return functions_.contains(name); }
  Result<const Graph*> function(std::string_view name) const;

  /// The signature of the function, or the definition of the op, of that name; null when there is none.
  const proto::OpDef* op_def(std::string_view op) const;

  /// What a node does beside computing its outputs, itself or through the functions that it names.
  struct Effects {
    bool writes_state = false;  ///< of a variable or a table
    bool uses_stacks = false;
    /// Takes those of `other` in; true where one is new.
    bool add(Effects other);
  };
  /// Those of a node on the wire.
  Effects effects_of(ByteSpan node) const;

 private:
  struct Function {
    ByteSpan bytes;
    std::vector<ByteSpan> nodes;
    const proto::FunctionDef* def = nullptr;
    std::unique_ptr<Graph> graph;
  };

  Result<const proto::FunctionDef*> parse(Function& function) const;
  void find_effects() const;

  NodeStore& store_;
  OpTable ops_;
  std::vector<std::string_view> names_;
  std::size_t node_count_ = 0;
  mutable std::unordered_map<std::string_view, Function> functions_;
  mutable std::unordered_map<std::string_view, Effects> effects_;  // of functions that have any
  mutable bool effects_known_ = false;
};

}  // namespace flowport::tf
