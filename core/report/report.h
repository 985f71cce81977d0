// What a conversion did and what it could not do, as plain data; told as JSON (docs/report.md) and as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/problem.h"
#include "onnx/graph.h"

namespace flowport::report {

/// Version of the JSON: raised when a key changes its meaning or goes away, not when one is added.
inline constexpr int kSchemaVersion = 1;

/// An input or output of the model.
struct Endpoint {
  std::string name;
  std::string type;  ///< see type_text
};

struct Plugin {
  std::string id, version, path;
};

/// Nodes of `op` that one handler or mapping converted.
struct HandlerUse {
  std::string op;
  std::string handler;  ///< plugin id and handler id, or mapping file:line
  std::size_t count = 0;
};

/// A row that won over rows of lower layers.
struct Override {
  std::string op, winner, loser;  ///< handler ids with their layers
};

/// An op of a domain that is not ONNX's own in the result, and what a runtime needs to run it.
struct RuntimeNeed {
  std::string domain, op;
  std::int64_t version = 0;  ///< of the domain in the file
  std::string library, registration;
};

struct Warning {
  std::string text, where;
};

/// A node that could not be converted.
struct UnsupportedNode {
  std::string op, node;
  std::string path;  ///< function path; empty in the main graph
  std::string reason, next;
};

/// All nodes of one op that could not be converted for the same reason.
struct OpProblem {
  struct Place {
    std::string node, path;
  };
  std::string op, reason, next;
  std::size_t count = 0;
  std::vector<Place> places;  ///< the first kMostPlaces
};

inline constexpr std::size_t kMostPlaces = 3;

struct OutputFile {
  std::string path;
  std::uint64_t bytes = 0;
};

struct Phase {
  std::string name;
  double ms = 0;
};

struct Report {
  std::string version;  ///< of the program
  std::string model, format, signature;
  std::vector<std::string> tags;
  std::vector<Endpoint> inputs, outputs;
  std::string target;
  std::map<std::string, std::int64_t> opsets;  ///< by domain, "" is ai.onnx
  std::int64_t ir_version = 0;
  std::vector<Plugin> plugins;

  std::map<std::string, std::size_t> tf_ops;    ///< nodes met in the run
  std::map<std::string, std::size_t> onnx_ops;  ///< nodes written, bodies included
  std::map<std::string, std::size_t> dropped;   ///< control-only nodes left out, by op
  std::vector<HandlerUse> handlers;
  std::vector<Override> overrides;
  std::vector<RuntimeNeed> runtime_needs;

  std::vector<Warning> warnings;
  std::vector<OpProblem> unsupported;
  Problems problems;  ///< without those that `unsupported` tells
  std::vector<OutputFile> files;

  std::vector<Phase> phases;  ///< in order
  std::uint64_t peak_memory = 0;
};

/// "float[N,224,224,3]", "int64[]" (scalar), "float[?,3]" (unknown dim), "float" (unknown rank), "sequence(float[3])".
std::string type_text(const ir::Model& model, const ir::Type& type);

/// Groups by op, reason and next step; most frequent first, then by name.
std::vector<OpProblem> group_by_op(std::span<const UnsupportedNode> nodes);

/// The report as JSON with stable keys in a fixed order. Everything that differs between two equal runs is under "measured".
std::string to_json(const Report& report);

/// A few lines: what was read, what came out, what was left out.
std::string summary_text(const Report& report);

/// Problems as a user reads them, equal ones told once with the places where they occur; empty where there are none.
std::string problems_text(const Problems& problems);
/// The same for what is no error.
std::string warnings_text(const Problems& warnings);

/// The ops that cannot be converted, each with count, first nodes, reason and next step; empty where there are none.
std::string problems_text(std::span<const OpProblem> problems);

}  // namespace flowport::report
