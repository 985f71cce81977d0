#include "tensorflow/node_store.h"

#include <climits>

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/stubs/logging.h>

#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

// Smaller tensor contents are cheaper to copy than to keep track of.
constexpr std::size_t kLeaveInFile = 1024;

constexpr std::uint32_t kNodeName = 1, kNodeOp = 2, kNodeInput = 3, kNodeAttr = 5;
constexpr std::uint32_t kEntryKey = 1, kEntryValue = 2;
constexpr std::uint32_t kAttrTensor = 8;
constexpr std::uint32_t kTensorContent = 4;
constexpr std::uint32_t kFunctionNode = 3;

google::protobuf::ArenaOptions arena_options() {
  google::protobuf::ArenaOptions options;
  options.start_block_size = 64 * 1024;
  options.max_block_size = 1024 * 1024;
  return options;
}

}  // namespace

bool parse_message(ByteSpan bytes, google::protobuf::MessageLite& message) {
  const google::protobuf::LogSilencer silence;
  return bytes.size() <= INT_MAX && message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

NodeStore::NodeStore(Bytes source, std::string name)
    : source_(std::move(source)),
      name_(std::move(name)),
      arena_(std::make_unique<google::protobuf::Arena>(arena_options())) {}

NodeStore::~NodeStore() = default;

Result<const proto::NodeDef*> NodeStore::parse_node(ByteSpan node) {
  auto* out = make_node();
  WireReader reader(node);
  bool good = true;
  while (good && reader.next()) {
    const WireField& field = reader.field();
    if (field.type != WireType::kBytes) continue;
    switch (field.number) {
      case kNodeName: out->set_name(std::string(as_text(field.bytes))); break;
      case kNodeOp: out->set_op(std::string(as_text(field.bytes))); break;
      case kNodeInput: out->add_input(std::string(as_text(field.bytes))); break;
      case kNodeAttr: good = parse_attr(field.bytes, *out); break;
      default: break;
    }
  }
  if (!good || reader.failed()) {
    return tl::make_unexpected(malformed(fmt::format("the node '{}' is malformed", out->name()), node));
  }
  return out;
}

bool NodeStore::parse_attr(ByteSpan entry, proto::NodeDef& node) {
  WireReader reader(entry);
  std::string_view key;
  ByteSpan value;
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.type != WireType::kBytes) continue;
    if (field.number == kEntryKey) key = as_text(field.bytes);
    if (field.number == kEntryValue) value = field.bytes;
  }
  return !reader.failed() && parse_value(value, (*node.mutable_attr())[std::string(key)]);
}

bool NodeStore::parse_value(ByteSpan value, proto::AttrValue& out) {
  if (value.size() >= kLeaveInFile) {
    WireReader reader(value);
    if (reader.next() && reader.field().number == kAttrTensor && reader.field().type == WireType::kBytes &&
        reader.field().whole.size() == value.size()) {
      return parse_tensor(reader.field().bytes, *out.mutable_tensor());
    }
  }
  return parse_message(value, out);
}

bool NodeStore::parse_tensor(ByteSpan tensor, proto::TensorProto& out) {
  std::string rest;
  WireReader reader(tensor);
  contents_.erase(&out);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.number == kTensorContent && field.bytes.size() >= kLeaveInFile) {
      contents_[&out] =
          source_.slice(static_cast<std::size_t>(field.bytes.data() - source_.data()), field.bytes.size());
    } else {
      rest.append(as_text(field.whole));
    }
  }
  return !reader.failed() && parse_message(std::as_bytes(std::span(rest)), out);
}

Result<const proto::FunctionDef*> NodeStore::parse_function(ByteSpan function) {
  std::string rest;
  WireReader reader(function);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.number != kFunctionNode) rest.append(as_text(field.whole));
  }
  auto* out = google::protobuf::Arena::CreateMessage<proto::FunctionDef>(arena_.get());
  if (reader.failed() || !parse_message(std::as_bytes(std::span(rest)), *out)) {
    return tl::make_unexpected(malformed("a function is malformed", function));
  }
  return out;
}

proto::NodeDef* NodeStore::make_node() { return google::protobuf::Arena::CreateMessage<proto::NodeDef>(arena_.get()); }

const Bytes* NodeStore::content_of(const proto::TensorProto& tensor) const {
  const auto it = contents_.find(&tensor);
  return it == contents_.end() ? nullptr : &it->second;
}

Problem NodeStore::malformed(std::string what, ByteSpan place) const {
  return Problem{Fault::kModel, std::move(what), fmt::format("{}, byte {}", name_, place.data() - source_.data()),
                 "the file is damaged or cut short: save the model again"};
}

}  // namespace flowport::tf
