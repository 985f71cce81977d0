#include "write/encode.h"

#include <memory>
#include <string_view>
#include <type_traits>
#include <variant>

#include "write/wire.h"

namespace flowport::write {
namespace {

using wire::put_float;
using wire::put_header;
using wire::put_int;
using wire::put_message;
using wire::put_string;

constexpr std::int64_t kFirstIrWithNodeMetadata = 10;

// Numbers of fields and enumerators, as in onnx.proto.
enum AttributeType : std::int64_t {
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
};
constexpr std::uint32_t kModelGraph = 7;
constexpr std::uint32_t kGraphNode = 1;
constexpr std::uint32_t kNodeAttribute = 5;
constexpr std::uint32_t kAttributeGraph = 6;
constexpr std::uint32_t kAttributeType = 20;

const ir::Graph* body_of(const ir::Attribute& attribute) {
  const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&attribute.value);
  return body == nullptr ? nullptr : body->get();
}

template <typename Sink>
void put_entry(Sink& out, std::uint32_t field, std::string_view key, std::string_view value) {
  put_message(out, field, [&](auto& entry) {
    put_string(entry, 1, key);
    put_string(entry, 2, value);
  });
}

template <typename Visit>
void for_each_origin_entry(const ir::Origin& origin, const Visit& visit) {
  if (!origin.tf_node.empty()) visit("flowport.tf_node", origin.tf_node);
  if (!origin.path.empty()) visit("flowport.path", origin.path);
  if (!origin.handler.empty()) visit("flowport.handler", origin.handler);
}

std::string doc_of(const ir::Origin& origin) {
  std::string doc;
  for_each_origin_entry(origin, [&](std::string_view key, const std::string& value) {
    if (!doc.empty()) doc += '\n';
    doc.append(key).append("=").append(value);
  });
  return doc;
}

}  // namespace

Encoder::Encoder(const Contents& contents, Detail detail)
    : contents_(contents), model_(contents.model), detail_(detail) {
  const auto& graphs = contents.outline.graphs;
  for (auto graph = graphs.rbegin(); graph != graphs.rend(); ++graph) graph_sizes_[*graph] = size_of_graph(**graph);
  wire::Counter counter;
  put_model_head(counter);
  put_header(counter, kModelGraph, graph_sizes_.at(&model_.graph));
  counter.skip(graph_sizes_.at(&model_.graph));
  put_model_tail(counter);
  size_ = counter.size();
}

std::string Encoder::text() const {
  wire::StringSink out;
  out.reserve(size_);
  put_model(out);
  return out.take();
}

Result<void> Encoder::write(TemporaryFile& file, Progress* progress) const {
  wire::FileSink out(file, progress);
  put_model(out);
  if (!out.result()) return out.result();
  if (file.offset() != size_) {
    return problem(Fault::kInternal, "the model has not the size that was measured", file.target().string());
  }
  return {};
}

std::uint64_t Encoder::size_of_graph(const ir::Graph& graph) const {
  wire::Counter counter;
  for (const ir::Node& node : graph.nodes) {
    const std::uint64_t size = size_of_node(node);
    put_header(counter, kGraphNode, size);
    counter.skip(size);
  }
  put_graph_tail(counter, graph);
  return counter.size();
}

std::uint64_t Encoder::size_of_node(const ir::Node& node) const {
  wire::Counter counter;
  put_node_head(counter, node);
  for (const ir::Attribute& attribute : node.attributes) {
    put_message(counter, kNodeAttribute, [&](auto& out) { put_attribute(out, attribute); });
  }
  put_node_tail(counter, node);
  return counter.size();
}

template <typename Sink>
void Encoder::put_model(Sink& out) const {
  put_model_head(out);
  put_header(out, kModelGraph, graph_sizes_.at(&model_.graph));
  put_graph(out, model_.graph);
  put_model_tail(out);
}

template <typename Sink>
void Encoder::put_model_head(Sink& out) const {
  put_int(out, 1, model_.ir_version);
  put_string(out, 2, "flowport");
  if (!model_.producer_version.empty()) put_string(out, 3, model_.producer_version);
}

template <typename Sink>
void Encoder::put_model_tail(Sink& out) const {
  for (const ir::OpsetImport& import : model_.opsets) {
    put_message(out, 8, [&](auto& entry) {
      if (!import.domain.empty()) put_string(entry, 1, import.domain);
      put_int(entry, 2, import.version);
    });
  }
  for (const auto& [key, value] : model_.metadata) put_entry(out, 14, key, value);
}

/// The content of `main`, with the bodies within it: on a stack of our own, as they may be nested to any depth.
template <typename Sink>
void Encoder::put_graph(Sink& out, const ir::Graph& main) const {
  struct Frame {
    const ir::Graph* graph;
    std::size_t node = 0;
    std::size_t attribute = 0;
  };
  std::vector<Frame> stack{{&main}};
  while (!stack.empty()) {
    Frame& frame = stack.back();
    if (frame.node == frame.graph->nodes.size()) {
      put_graph_tail(out, *frame.graph);
      stack.pop_back();
      if (!stack.empty()) put_int(out, kAttributeType, kGraph);
      continue;
    }
    const ir::Node& node = frame.graph->nodes[frame.node];
    if (frame.attribute == 0) {
      put_header(out, kGraphNode, size_of_node(node));
      put_node_head(out, node);
    }
    const ir::Graph* body = nullptr;
    while (body == nullptr && frame.attribute < node.attributes.size()) {
      const ir::Attribute& attribute = node.attributes[frame.attribute++];
      body = body_of(attribute);
      if (body == nullptr) {
        put_message(out, kNodeAttribute, [&](auto& inner) { put_attribute(inner, attribute); });
        continue;
      }
      wire::Counter counter;
      put_attribute(counter, attribute);
      put_header(out, kNodeAttribute, counter.size());
      put_string(out, 1, attribute.name);
      put_header(out, kAttributeGraph, graph_sizes_.at(body));
    }
    if (body != nullptr) {
      stack.push_back({body});
      continue;
    }
    put_node_tail(out, node);
    ++frame.node;
    frame.attribute = 0;
  }
}

template <typename Sink>
void Encoder::put_graph_tail(Sink& out, const ir::Graph& graph) const {
  const bool is_main = &graph == &model_.graph;
  put_string(out, 2, graph.name);
  if (is_main) {
    for (const Initializer& each : contents_.initializers) {
      put_message(out, 5, [&](auto& tensor) { put_initializer(tensor, each); });
    }
  }
  for (const ir::ValueId id : graph.inputs) put_message(out, 11, [&](auto& info) { put_value(info, id, is_main); });
  for (const ir::ValueId id : graph.outputs) put_message(out, 12, [&](auto& info) { put_value(info, id, is_main); });
}

template <typename Sink>
void Encoder::put_node_head(Sink& out, const ir::Node& node) const {
  for (const ir::ValueId id : node.inputs) put_string(out, 1, model_.values[id].name);
  for (const ir::ValueId id : node.outputs) put_string(out, 2, model_.values[id].name);
  put_string(out, 3, name_of(model_, node));
  put_string(out, 4, node.op);
}

template <typename Sink>
void Encoder::put_node_tail(Sink& out, const ir::Node& node) const {
  const bool has_provenance = contents_.provenance && detail_ == Detail::kWhole;
  const bool in_metadata = model_.ir_version >= kFirstIrWithNodeMetadata;
  const ir::Origin& origin = model_.origins[node.origin];
  if (has_provenance && !in_metadata) {
    if (const std::string doc = doc_of(origin); !doc.empty()) put_string(out, 6, doc);
  }
  if (!node.domain.empty()) put_string(out, 7, node.domain);
  if (has_provenance && in_metadata) {
    for_each_origin_entry(origin,
                          [&](std::string_view key, const std::string& value) { put_entry(out, 9, key, value); });
  }
}

/// On a Counter also attributes with bodies, whose size has been measured before.
template <typename Sink>
void Encoder::put_attribute(Sink& out, const ir::Attribute& attribute) const {
  put_string(out, 1, attribute.name);
  const auto type = std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          put_int(out, 3, value);
          return kInt;
        } else if constexpr (std::is_same_v<T, float>) {
          put_float(out, 2, value);
          return kFloat;
        } else if constexpr (std::is_same_v<T, std::string>) {
          put_string(out, 4, value);
          return kString;
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          for (const std::int64_t each : value) put_int(out, 8, each);
          return kInts;
        } else if constexpr (std::is_same_v<T, std::vector<float>>) {
          for (const float each : value) put_float(out, 7, each);
          return kFloats;
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          for (const std::string& each : value) put_string(out, 9, each);
          return kStrings;
        } else if constexpr (std::is_same_v<T, ir::ConstantPtr>) {
          put_message(out, 5, [&](auto& tensor) { put_tensor(tensor, *value, {}); });
          return kTensor;
        } else {
          if constexpr (std::is_same_v<Sink, wire::Counter>) {
            put_header(out, kAttributeGraph, graph_sizes_.at(value.get()));
            out.skip(graph_sizes_.at(value.get()));
          }
          return kGraph;
        }
      },
      attribute.value);
  put_int(out, kAttributeType, type);
}

template <typename Sink>
void Encoder::put_initializer(Sink& out, const Initializer& initializer) const {
  const std::string& name = model_.values[initializer.value].name;
  if (!initializer.external || detail_ == Detail::kSkeleton) {
    put_tensor(out, *initializer.constant, name);
    return;
  }
  for (const std::int64_t dim : initializer.constant->dims()) put_int(out, 1, dim);
  put_int(out, 2, static_cast<std::int64_t>(initializer.constant->dtype()));
  put_string(out, 8, name);
  put_entry(out, 13, "location", contents_.data_name);
  put_entry(out, 13, "offset", std::to_string(initializer.offset));
  put_entry(out, 13, "length", std::to_string(written_size(*initializer.constant)));
  put_int(out, 14, 1);
}

template <typename Sink>
void Encoder::put_tensor(Sink& out, const ir::Constant& constant, const std::string& name) const {
  const std::uint64_t size = written_size(constant);
  const bool is_left_out = detail_ == Detail::kSkeleton && size >= kSmallTensor;
  const bool has_strings = constant.dtype() == ir::DType::kString;
  if (is_left_out) {
    put_int(out, 1, 0);
  } else {
    for (const std::int64_t dim : constant.dims()) put_int(out, 1, dim);
  }
  put_int(out, 2, static_cast<std::int64_t>(constant.dtype()));
  if (has_strings && !is_left_out) {
    for (const std::string& each : constant.strings()) put_string(out, 6, each);
  }
  if (!name.empty()) put_string(out, 8, name);
  if (!has_strings && !is_left_out) {
    put_header(out, 9, size);
    out.put_tensor(constant);
  }
}

template <typename Sink>
void Encoder::put_value(Sink& out, ir::ValueId id, bool is_main) const {
  const ir::Value& value = model_.values[id];
  put_string(out, 1, value.name);
  if (value.type.dtype == ir::DType::kUndefined) return;
  put_message(out, 2, [&](auto& type) { put_type(type, value.type, is_main); });
}

template <typename Sink>
void Encoder::put_type(Sink& out, const ir::Type& type, bool is_main) const {
  const auto put_tensor_alternative = [&](auto& to) {
    put_message(to, 1, [&](auto& tensor) { put_tensor_type(tensor, type, is_main); });
  };
  if (type.kind == ir::Type::Kind::kTensor) return put_tensor_alternative(out);
  const std::uint32_t field = type.kind == ir::Type::Kind::kSequence ? 4 : 9;
  put_message(out, field,
              [&](auto& holder) { put_message(holder, 1, [&](auto& element) { put_tensor_alternative(element); }); });
}

template <typename Sink>
void Encoder::put_tensor_type(Sink& out, const ir::Type& type, bool is_main) const {
  put_int(out, 1, static_cast<std::int64_t>(type.dtype));
  if (!type.has_rank && !(is_main && detail_ == Detail::kSkeleton)) return;
  put_message(out, 2, [&](auto& shape) {
    for (const ir::Dim& dim : type.dims) {
      put_message(shape, 1, [&](auto& to) {
        if (dim.is_known()) {
          put_int(to, 1, dim.size);
        } else if (dim.symbol != 0) {
          put_string(to, 2, model_.symbols[dim.symbol]);
        }
      });
    }
  });
}

}  // namespace flowport::write
