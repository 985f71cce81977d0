// Rows of the registry from the entries of `ops:`.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/compile.h"
#include "config/document.h"
#include "config/entry.h"
#include "registry/registry.h"

namespace flowport::config {

/// What rows share and keep for compiling later.
struct File {
  File(std::string name, std::string text) : source(std::move(name), std::move(text)) {}
  Source source;
  std::string declared_ops;  ///< serialised OpList, which `ops` refers to
  tf::OpTable ops;           ///< TensorFlow's, those declared in the file, and those declared before
};

/// The rows of one TF op's entries, in the file's order, without owner. With `checked_before` they are compiled when they are
/// first used; otherwise now, and what is wrong is reported, overlapping entries included.
std::vector<registry::Row> make_rows(const std::shared_ptr<const File>& file, const std::vector<Entry>& entries,
                                     bool checked_before, Diagnostics& diagnostics);

/// Schemas of the custom ops that entries with `runtime` declare, one for each (domain, op, version); rows[i] is of entries[i].
std::vector<registry::CustomSchema> make_schemas(const std::vector<registry::Row>& rows,
                                                 const std::vector<Entry>& entries, const tf::OpTable& ops);

}  // namespace flowport::config
