// The sorted-table file that is a checkpoint's index: a footer, an index block, data blocks with prefix-compressed keys.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/mapped_file.h"
#include "base/problem.h"
#include "tensorflow/wire.h"

namespace flowport::tf {

/// Calls `use` with every entry in the order of the file; both arguments live only during the call. `use` gives false to
/// stop. Block checksums are compared. Errors: no sorted table, offsets or sizes outside of the file, malformed blocks, keys
/// that do not ascend.
Result<void> read_sorted_table(const MappedFile& file,
                               const std::function<bool(std::string_view key, ByteSpan value)>& use);

}  // namespace flowport::tf
