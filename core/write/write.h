// From our model to model.onnx: names and initializers settled, checked by onnx's own checker, streamed under a temporary name
// and renamed when whole. Weights go from where they lie to the file without being held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/problem.h"
#include "base/progress.h"
#include "onnx/graph.h"

namespace flowport::write {

/// The size that no protobuf message can exceed.
inline constexpr std::uint64_t kOneFileLimit = (std::uint64_t{1} << 31) - 1;

struct WriteOptions {
  enum class ExternalData {
    kAuto,    ///< when one file would exceed one_file_limit
    kAlways,  ///< for every tensor of at least 1 KiB
    kNever,   ///< a model over one_file_limit is refused
  };
  ExternalData external_data = ExternalData::kAuto;
  /// The origin of each node in its metadata_props ("flowport.tf_node", "flowport.path", "flowport.handler"), which exist from
  /// IR 10 on; the same in its doc_string, one line each, for lower IR versions.
  bool provenance = true;
  bool check = true;
  std::uint64_t one_file_limit = kOneFileLimit;  ///< lower only in tests
  Progress* progress = nullptr;                  ///< counts bytes
};

struct WriteSummary {
  std::uint64_t bytes = 0;           ///< of the model file
  std::uint64_t external_bytes = 0;  ///< of the data file; 0 where there is none
  std::filesystem::path data_path;   ///< empty where there is none
  std::size_t nodes = 0;             ///< bodies included
  std::size_t initializers = 0;
  std::map<std::string, std::size_t> ops;  ///< nodes by op, "domain.Op" outside ai.onnx
};

/// Writes `model` to `path`, and weights to `path` + ".data" where `options` ask for it. The model is finished in place:
/// every value and node gets a unique name, and outputs which no node of their graph makes get an Identity. Names of the main
/// graph's inputs and outputs stay; an output that is also an input, or listed twice, has a name of the caller's only where it is
/// a value of its own, and is called "Identity", "Identity_1", ... otherwise.
/// Equal models give equal bytes. Errors: Fault::kCheck where onnx's checker refuses the model (the node and its origin in
/// `where`), where it is too large for one file, or where it cannot be written; Fault::kInternal for a malformed Model.
/// After an error what was at `path` before is still there, and nothing else; of two files, an older data file is lost where
/// everything has been written and only the model's own rename fails.
Result<WriteSummary> write_model(ir::Model& model, const std::filesystem::path& path, const WriteOptions& options = {});

}  // namespace flowport::write
