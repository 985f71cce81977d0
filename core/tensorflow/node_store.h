// Owns the messages of one model. Nodes are parsed from the wire field by field: what Flowport does not read is never
// copied, and large constants stay where they lie in the file.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/problem.h"
#include "tensorflow/wire.h"

namespace google::protobuf {
class Arena;
class MessageLite;
}  // namespace google::protobuf

namespace flowport::tf {

namespace proto {
class AttrValue;
class NodeDef;
class OpDef;
class FunctionDef;
class TensorProto;
}  // namespace proto

class NodeStore {
 public:
  /// `source` is the model file that all slices given to `parse_*` lie in; `name` is what messages call it.
  NodeStore(Bytes source, std::string name);
  ~NodeStore();
  NodeStore(const NodeStore&) = delete;
  NodeStore& operator=(const NodeStore&) = delete;

  /// Parses the NodeDef on the wire at `node`. Tensor contents of 1 KiB and more stay in the file (`content_of`).
  Result<const proto::NodeDef*> parse_node(ByteSpan node);
  /// Parses all of the FunctionDef at `function` but its nodes.
  Result<const proto::FunctionDef*> parse_function(ByteSpan function);
  proto::NodeDef* make_node();

  /// The tensor_content that was left in the file, or null when `tensor` has its own.
  const Bytes* content_of(const proto::TensorProto& tensor) const;

  const std::string& name() const { return name_; }
  /// A Problem for something malformed at `place`.
  Problem malformed(std::string what, ByteSpan place) const;

 private:
  bool parse_attr(ByteSpan entry, proto::NodeDef& node);
  bool parse_value(ByteSpan value, proto::AttrValue& out);
  bool parse_tensor(ByteSpan tensor, proto::TensorProto& out);

  Bytes source_;
  std::string name_;
  std::unique_ptr<google::protobuf::Arena> arena_;
  std::unordered_map<const proto::TensorProto*, Bytes> contents_;
};

/// Parses `bytes` into `message` without a word on stderr. False when they are malformed.
bool parse_message(ByteSpan bytes, google::protobuf::MessageLite& message);

}  // namespace flowport::tf
