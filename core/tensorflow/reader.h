// One door to all formats: the kind of `path` is detected from what lies there.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/problem.h"
#include "tensorflow/program.h"

namespace flowport::tf {

struct ReadOptions {
  /// Tags of the wanted MetaGraph ("serve" where empty and several exist). Other formats ignore it.
  std::vector<std::string> tags;
  /// OpDefs of ops that a plugin or a configuration file declares, serialised flowport.tf.proto.OpList; used after the model's own list.
  std::string extra_ops;
};

/// Reads a SavedModel folder, a frozen GraphDef (.pb, or text .pbtxt), or a checkpoint (prefix, or its .meta or .index file).
/// Errors have Fault::kModel and name the file, what was expected, and near names.
Result<std::unique_ptr<Program>> read_model(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace flowport::tf
