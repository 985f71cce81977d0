// Text files that fill lookup tables (InitializeTableFromTextFile).
#pragma once

#include <string>

#include "convert/engine.h"

namespace flowport::convert::intrinsics {

/// What `filler` puts into the table that `table` makes, from the file that the graph calls `name`. Errors: no such file, and what
/// TensorFlow refuses in one: an empty line, a missing column, a text that is no number, fewer lines than vocab_size.
Result<TableContent> read_table_file(const tf::Program& program, const tf::Node& table, const tf::Node& filler,
                                     const std::string& name);

}  // namespace flowport::convert::intrinsics
