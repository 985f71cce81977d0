// The Program of all formats: they differ only in the parts that their readers found.
#pragma once

#include <memory>
#include <string>

#include "base/problem.h"
#include "tensorflow/model_parts.h"
#include "tensorflow/program.h"

namespace flowport::tf {

/// Builds the main graph; functions and weights follow when asked for. `extra_ops` as in ReadOptions.
Result<std::unique_ptr<Program>> make_program(ModelParts parts, std::string extra_ops);

}  // namespace flowport::tf
