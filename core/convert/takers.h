// Which nodes of a graph take an output. A graph is looked through once, when it is first asked about.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tensorflow/program.h"

namespace flowport::convert {

class Takers {
 public:
  struct Taker {
    tf::NodeIndex node;
    std::size_t input;
  };
  /// Takers of `edge`, an output in `graph`, in the order of the nodes.
  const std::vector<Taker>& of(const tf::Graph& graph, tf::Edge edge);

 private:
  using ByEdge = std::unordered_map<std::uint64_t, std::vector<Taker>>;
  std::unordered_map<const tf::Graph*, ByEdge> graphs_;
};

}  // namespace flowport::convert
