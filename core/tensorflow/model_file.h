// One model file, whatever it holds: told by its content, as wire bytes.
#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/problem.h"
#include "tensorflow/text_model.h"

namespace flowport::tf {

struct ModelFile {
  std::string name;  ///< the path
  Bytes wire;        ///< the mapped file, or what its text stands for
  MessageKind kind = MessageKind::kGraphDef;
  bool text = false;
};

/// Errors: missing, empty, of another program (HDF5, TFLite, zip, ONNX, JSON ... named), malformed text.
Result<ModelFile> read_model_file(const std::filesystem::path& path);

}  // namespace flowport::tf
