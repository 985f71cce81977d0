// What a plugin does when its code runs: loaded, asked, and each of its handlers and rewrites called with odd nodes. Runs in a child
// process.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "host/plugin_file.h"
#include "host/refusal.h"

namespace flowport::host {

/// The ways in which a function is called; none is a node of a real model.
enum class OddNode {
  kRefusingHost,    ///< every function of the host but node_info gives BAD_CALL
  kNoInputs,        ///< no inputs, no attributes
  kUnknownTypes,    ///< inputs of unknown element type and rank, no attributes
  kEmptyConstants,  ///< inputs that are known and have no elements, attributes that are absent
  kCount,
};

std::string_view name_of(OddNode node);

/// What probe() tells as it goes: who is about to be called, and what was wrong.
struct ProbeEvents {
  std::function<void(const std::string& what)> begins;
  std::function<void(Rule rule, const std::string& reason, const std::string& next)> finds;
};

/// Loads the code, then calls each function in each way, from call number `first` on. Gives the number of calls that there are.
/// A refusal ends it: what comes behind it cannot be reached.
Checked<std::size_t> probe(const PluginFile& file, std::size_t first, const ProbeEvents& events);

}  // namespace flowport::host
