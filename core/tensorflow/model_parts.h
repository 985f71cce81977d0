// What the readers of the several formats hand over: slices of the model file, and the small messages beside the graph.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/problem.h"
#include "tensorflow/program.h"
#include "tensorflow/wire.h"

namespace flowport::tf {

namespace proto {
class MetaGraphDef;
}

struct ModelParts {
  ModelParts();
  ~ModelParts();
  ModelParts(ModelParts&&) noexcept;
  ModelParts& operator=(ModelParts&&) noexcept;

  Format format = Format::kGraphDef;
  std::filesystem::path path;
  Bytes source;                     ///< all slices below lie in it
  std::string name;                 ///< of the source, for messages
  std::vector<ByteSpan> nodes;      ///< NodeDefs of the main graph
  std::vector<ByteSpan> functions;  ///< FunctionDefs
  std::vector<ByteSpan> op_lists;   ///< OpLists that the model brings
  std::vector<std::string> tags;
  /// All but graph and op list; of the collections, only those that name initializers. Null for a bare GraphDef.
  std::unique_ptr<proto::MetaGraphDef> rest;
  std::string checkpoint;        ///< prefix of the weights' files; empty when there are none
  std::filesystem::path assets;  ///< folder of the assets; empty when there are none
};

/// Adds the parts of the GraphDef on the wire at `graph`. False when it is malformed.
bool add_graph(ByteSpan graph, ModelParts& parts);

/// Adds the parts of a MetaGraphDef. False when it is malformed.
bool add_meta_graph(ByteSpan meta_graph, ModelParts& parts);

/// The tags of a MetaGraphDef. False when it is malformed.
bool read_tags(ByteSpan meta_graph, std::vector<std::string>& tags);

}  // namespace flowport::tf
