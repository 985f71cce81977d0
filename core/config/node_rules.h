// `nodes:`: what holds for some nodes of a model only.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "config/rows.h"

namespace flowport::config {

/// A rule, and the entry that its mapping was made from.
struct ReadRule {
  registry::NodeRule rule;
  std::optional<Entry> entry;
};

/// The rules of the list `node`, in its order; the rows of mappings have no owner yet. Good only when nothing was reported.
std::vector<ReadRule> read_node_rules(const std::shared_ptr<const File>& file, const YamlNode& node,
                                      Diagnostics& diagnostics);

}  // namespace flowport::config
