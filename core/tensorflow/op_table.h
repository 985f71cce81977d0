// What ops are: their arguments, type attributes and attribute defaults.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tensorflow/wire.h"

namespace flowport::tf {

namespace proto {
class OpDef;
}

/// All ops of TensorFlow (op_table.inc, made by tools/make_op_table.py) behind those that lists add. An entry is parsed when
/// it is first asked for: making a table costs nothing. Not to be shared between threads.
class OpTable {
 public:
  OpTable();
  ~OpTable();
  OpTable(const OpTable&) = delete;
  OpTable& operator=(const OpTable&) = delete;

  /// Adds the ops of a serialised OpList, which must outlive the table; the first definition of a name wins.
  /// False when the list is malformed.
  bool add(ByteSpan op_list);

  /// The definition of `op`: an added one, else the built-in one, else null.
  const proto::OpDef* find(std::string_view op) const;
  /// TensorFlow's own definition of `op`, or null.
  const proto::OpDef* built_in(std::string_view op) const;
  /// Whether TensorFlow itself has an op of that name.
  static bool has_built_in(std::string_view op);
  /// Names of TensorFlow's own ops, sorted.
  static std::vector<std::string_view> built_in_names();

 private:
  using Parsed = std::unordered_map<std::string_view, std::unique_ptr<proto::OpDef>>;

  std::unordered_map<std::string_view, ByteSpan> added_;
  mutable Parsed parsed_;
  mutable Parsed parsed_built_in_;
};

}  // namespace flowport::tf
