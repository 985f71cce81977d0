// In which order TensorFlow runs nodes, as far as data and control edges tell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tensorflow/control_flow.h"
#include "tensorflow/program.h"

namespace flowport::convert {

/// One level of a graph: what is in one TF1 loop, or in none. A loop inside of it counts as one node, which its LoopCond
/// stands for.
class RunOrder {
 public:
  /// `members`: all nodes in loop `loop` (-1: in the graph), loops inside of it included.
  RunOrder(const tf::Graph& graph, const tf::ControlFlow* flow, std::int32_t loop,
           std::span<const tf::NodeIndex> members);

  /// What `node` counts as at this level; -1: it is not of this level.
  tf::NodeIndex unit(tf::NodeIndex node) const;
  /// The place of a unit in an order in which each comes behind all that it waits for.
  std::size_t place(tf::NodeIndex unit) const { return places_[number_.at(unit)]; }
  /// True where `later` runs only when `earlier` has run.
  bool waits_for(tf::NodeIndex later, tf::NodeIndex earlier);

 private:
  void link(std::span<const tf::NodeIndex> members);
  void sort();

  const tf::Graph& graph_;
  const tf::ControlFlow* flow_;
  std::int32_t loop_;
  std::unordered_map<tf::NodeIndex, std::uint32_t> number_;  // of a unit
  std::vector<std::vector<std::uint32_t>> waits_;            // by unit: what it waits for
  std::vector<std::size_t> places_;                          // by unit
  std::map<std::pair<tf::NodeIndex, tf::NodeIndex>, bool> known_;
};

}  // namespace flowport::convert
