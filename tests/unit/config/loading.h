// Loads YAML texts in tests.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"

namespace flowport::config {

/// A text loaded as "f.yaml" into a registry of its own.
struct Case {
  explicit Case(const std::string& text, bool checked_before = false) {
    LoadOptions options;
    options.name = "f.yaml";
    options.checked_before = checked_before;
    options.flags = {"opset", "target", "external-data", "shape", "no-provenance"};
    loaded = load_config_text(text, "folder", registry, options);
  }

  /// "line:column: what" of each problem.
  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    for (const Problem& p : loaded.problems) {
      const std::string prefix = "f.yaml:";
      texts.push_back((p.where.starts_with(prefix) ? p.where.substr(prefix.size()) : p.where) + ": " + p.what);
    }
    return texts;
  }

  const registry::Row& row(const std::string& op, std::size_t index = 0) const { return *registry.rows(op).at(index); }
  const registry::Mapping& mapping(const std::string& op, std::size_t index = 0) const {
    return row(op, index).mapping->get().value();
  }

  registry::Registry registry;
  Loaded loaded;
};

/// A configuration whose `ops` section is `ops`, indented by two; the section starts in line 3.
inline Case ops_case(const std::string& ops) { return Case("flowport: 1\nops:\n" + ops); }

}  // namespace flowport::config
