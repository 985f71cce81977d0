#include "tensorflow/model_parts.h"

#include <algorithm>

#include "tensorflow/initializers.h"
#include "tensorflow/node_store.h"
#include "tensorflow/protos/saved_model.pb.h"

namespace flowport::tf {
namespace {

constexpr std::uint32_t kGraphNode = 1, kGraphLibrary = 2, kLibraryFunction = 1;
constexpr std::uint32_t kMetaInfo = 1, kMetaGraph = 2, kMetaSaver = 3, kMetaCollection = 4, kMetaSignature = 5,
                        kMetaAsset = 6;
constexpr std::uint32_t kInfoOpList = 2, kInfoTags = 4;
constexpr std::uint32_t kEntryKey = 1;

bool add_library(ByteSpan library, ModelParts& parts) {
  WireReader reader(library);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.number == kLibraryFunction && field.type == WireType::kBytes) parts.functions.push_back(field.bytes);
  }
  return !reader.failed();
}

bool add_info(ByteSpan info, ModelParts& parts) {
  WireReader reader(info);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.type != WireType::kBytes) continue;
    if (field.number == kInfoOpList) parts.op_lists.push_back(field.bytes);
    if (field.number == kInfoTags) parts.tags.emplace_back(as_text(field.bytes));
  }
  return !reader.failed();
}

bool names_initializers(ByteSpan collection) {
  WireReader reader(collection);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.number == kEntryKey && field.type == WireType::kBytes) {
      return std::ranges::find(kInitializerCollections, as_text(field.bytes)) != kInitializerCollections.end();
    }
  }
  return false;
}

}  // namespace

ModelParts::ModelParts() = default;
ModelParts::~ModelParts() = default;
ModelParts::ModelParts(ModelParts&&) noexcept = default;
ModelParts& ModelParts::operator=(ModelParts&&) noexcept = default;

bool add_graph(ByteSpan graph, ModelParts& parts) {
  WireReader reader(graph);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.type != WireType::kBytes) continue;
    if (field.number == kGraphNode) parts.nodes.push_back(field.bytes);
    if (field.number == kGraphLibrary && !add_library(field.bytes, parts)) return false;
  }
  return !reader.failed();
}

bool add_meta_graph(ByteSpan meta_graph, ModelParts& parts) {
  std::string rest;
  WireReader reader(meta_graph);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.type != WireType::kBytes) continue;
    switch (field.number) {
      case kMetaInfo:
        if (!add_info(field.bytes, parts)) return false;
        break;
      case kMetaGraph:
        if (!add_graph(field.bytes, parts)) return false;
        break;
      case kMetaCollection:
        if (names_initializers(field.bytes)) rest.append(as_text(field.whole));
        break;
      case kMetaSaver:
      case kMetaSignature:
      case kMetaAsset: rest.append(as_text(field.whole)); break;
      default: break;
    }
  }
  parts.rest = std::make_unique<proto::MetaGraphDef>();
  return !reader.failed() && parse_message(std::as_bytes(std::span(rest)), *parts.rest);
}

bool read_tags(ByteSpan meta_graph, std::vector<std::string>& tags) {
  ModelParts parts;
  WireReader reader(meta_graph);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.number == kMetaInfo && field.type == WireType::kBytes && !add_info(field.bytes, parts)) return false;
  }
  tags = std::move(parts.tags);
  return !reader.failed();
}

}  // namespace flowport::tf
