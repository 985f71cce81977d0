// Undoes the compressed forms of TensorProto.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/problem.h"
#include "tensorflow/program.h"

namespace flowport::tf {

/// Number of elements of a tensor of these dims; nullopt when one is negative or the product does not fit 63 bits.
std::optional<std::int64_t> element_count(std::span<const std::int64_t> dims);

/// The tensor that `proto` stands for. `content` is its tensor_content where that lies elsewhere, else null. Errors
/// (Fault::kModel, at `where`): dims, dtype and data that do not fit each other; more than 2 GiB of one repeated value.
Result<Tensor> decode_tensor(const proto::TensorProto& proto, const Bytes* content, const std::string& where);

}  // namespace flowport::tf
