// A model while passes edit it: nodes in linked lists, users of every value at hand, bodies included. Every edit is O(1) in the
// size of the model (replacing a value: in the number of its users). The nodes are the editor's from construction to
// destruction; in between the graphs of the model are empty of nodes.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "onnx/graph.h"

namespace flowport::optimize {

using NodeId = std::uint32_t;
inline constexpr NodeId kNoNode = UINT32_MAX;

using GraphIndex = std::uint32_t;  ///< 0 is the main graph

class Editor {
 public:
  struct Use {
    NodeId node;
    std::uint32_t slot;
  };

  /// The uses of one value, for a range-for.
  class Uses {
   public:
    class Iterator {
     public:
      Iterator(const Editor& editor, std::uint32_t at) : editor_(&editor), at_(at) {}
      const Use& operator*() const { return editor_->use_links_[at_].use; }
      Iterator& operator++() {
        at_ = editor_->use_links_[at_].next;
        return *this;
      }
      bool operator!=(const Iterator& other) const { return at_ != other.at_; }

     private:
      const Editor* editor_;
      std::uint32_t at_;
    };

    Uses(const Editor& editor, ir::ValueId value) : editor_(editor), value_(value) {}
    Iterator begin() const { return {editor_, editor_.first_use_[value_]}; }
    Iterator end() const { return {editor_, kNoLink}; }
    bool empty() const { return editor_.first_use_[value_] == kNoLink; }
    /// Counts: linear.
    std::size_t size() const;

   private:
    const Editor& editor_;
    ir::ValueId value_;
  };

  /// Does the target take an op of ai.onnx for an element type (that of its first input)?
  using Takes = std::function<bool(std::string_view op, ir::DType dtype)>;

  /// `takes` empty: it takes everything.
  explicit Editor(ir::Model& model, Takes takes = {});
  ~Editor();
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  ir::Model& model() { return model_; }
  const ir::Model& model() const { return model_; }
  /// For passes that make an op of others.
  bool takes(std::string_view op, ir::DType dtype) const { return !takes_ || takes_(op, dtype); }
  /// Grows with every edit of nodes.
  std::uint64_t revision() const { return revision_; }

  // ---- values

  const ir::Value& value(ir::ValueId id) const { return model_.values[id]; }
  const ir::Type& type(ir::ValueId id) const { return model_.values[id].type; }
  /// Null when the content is not known. A value with a producer may have known content too.
  const ir::ConstantPtr& constant(ir::ValueId id) const { return model_.values[id].constant; }
  ir::ValueId add_value(ir::Type type);
  ir::ValueId add_constant(ir::ConstantPtr constant);

  /// kNoNode for inputs of graphs, initializers and the absent value.
  NodeId producer(ir::ValueId id) const { return producer_[id]; }
  /// Inputs of live nodes that are this value, in no particular order. Valid until the next edit.
  Uses uses(ir::ValueId id) const { return {*this, id}; }
  /// Is it an output of a graph, the main one or a body?
  bool is_output(ir::ValueId id) const { return outputs_of_[id] != 0; }
  /// The graph that it is an output of, where is_output().
  GraphIndex output_graph(ir::ValueId id) const { return output_graph_[id]; }
  /// The only node that uses the value, in one slot, when nothing else does; else kNoNode.
  NodeId only_user(ir::ValueId id) const;
  /// By nodes; being an output does not count.
  bool is_used_once(ir::ValueId id) const {
    return first_use_[id] != kNoLink && use_links_[first_use_[id]].next == kNoLink;
  }
  bool is_unused(ir::ValueId id) const { return first_use_[id] == kNoLink && outputs_of_[id] == 0; }
  /// The graph whose node or input the value is; 0 for initializers.
  GraphIndex graph_of(ir::ValueId id) const;
  bool is_graph_input(ir::ValueId id) const { return input_of_[id] != UINT32_MAX; }

  /// Everything that uses `from` uses `to` instead, which must be defined before and visible there. When `from` is an output of a
  /// graph it keeps its id and name: the producer of `to` produces it from now on, and what used `to` uses it. Gives the
  /// value that all use now, `to` or `from`; 0 when an output cannot be had in this way and keeps its definition (everything
  /// else uses `to` even then).
  ir::ValueId replace(ir::ValueId from, ir::ValueId to);

  // ---- nodes

  const ir::Node& node(NodeId id) const { return slots_[id].node; }
  bool is_live(NodeId id) const { return slots_[id].live; }
  /// For code that remembers what it knew of a node by NodeId: ids are below this.
  std::size_t node_limit() const { return slots_.size(); }
  GraphIndex graph_of_node(NodeId id) const { return slots_[id].graph; }
  /// Live nodes, definitions before uses; the nodes of a body come before the node that has it. A snapshot.
  std::vector<NodeId> order() const;
  std::span<ir::Graph* const> graphs() const { return graphs_; }

  void set_op(NodeId id, std::string_view op);
  void set_attribute(NodeId id, std::string_view name, ir::Attribute::Storage storage);
  void remove_attribute(NodeId id, std::string_view name);
  /// Not for nodes with bodies.
  void clear_attributes(NodeId id);
  void set_input(NodeId id, std::size_t slot, ir::ValueId value);
  void set_inputs(NodeId id, std::vector<ir::ValueId> inputs);
  /// The node defines `value` from now on; what it defined before is left without a definition.
  void set_output(NodeId id, std::size_t slot, ir::ValueId value);

  NodeId insert_before(NodeId anchor, ir::Node node);
  NodeId insert_after(NodeId anchor, ir::Node node);
  /// Right after the definition of `value`: at the beginning of a graph for its inputs and for initializers.
  NodeId insert_after_definition(ir::ValueId value, ir::Node node);
  /// At the end of a graph.
  NodeId append(GraphIndex graph, ir::Node node);
  /// Takes the node out, with its bodies. Values that it defined must be unused, or get another definition.
  void remove(NodeId id);
  /// Removes the nodes none of whose outputs is used; returns how many. Linear.
  std::size_t drop_unused();

 private:
  static constexpr std::uint32_t kNoLink = UINT32_MAX;

  struct Slot {
    ir::Node node;
    std::uint32_t first_link = 0;  // in use_links_, one for each input
    bool has_bodies = false;
    NodeId previous = kNoNode, next = kNoNode;
    GraphIndex graph = 0;
    bool live = false;
  };
  struct UseLink {
    Use use;
    std::uint32_t previous = kNoLink, next = kNoLink;  // among the uses of one value
  };
  struct Ends {
    NodeId first = kNoNode, last = kNoNode;
  };

  NodeId add_node(ir::Node node, GraphIndex graph, NodeId previous, NodeId next);
  void take_nodes(GraphIndex index);
  void add_uses(NodeId id);
  void add_use(NodeId id, std::size_t slot);
  void remove_use(NodeId id, std::size_t slot);
  void remove_one(NodeId id);
  void grow();

  ir::Model& model_;
  Takes takes_;
  std::uint64_t revision_ = 0;
  std::deque<Slot> slots_;
  std::vector<ir::Graph*> graphs_;
  std::unordered_map<const ir::Graph*, GraphIndex> index_of_;
  std::vector<Ends> ends_;
  std::vector<NodeId> producer_;
  std::vector<UseLink> use_links_;
  std::vector<std::uint32_t> first_use_;     // by value, in use_links_
  std::vector<std::uint32_t> outputs_of_;    // how many graph outputs are this value
  std::vector<std::uint32_t> output_graph_;  // a graph that it is an output of
  std::vector<std::uint32_t> input_of_;      // graph index, UINT32_MAX: no graph input
};

/// Bodies among the attributes of `node`.
std::vector<ir::Graph*> bodies_of(const ir::Node& node);

/// The one element of a floating tensor constant, or nullopt.
std::optional<double> scalar_of(const ir::ConstantPtr& constant);

/// The elements of a known integer value of rank 0 or 1, or nullopt.
std::optional<std::vector<std::int64_t>> ints_of(const Editor& editor, ir::ValueId value);

/// `axis` counted from the front; nullopt when it is not an axis of a tensor of rank `rank`.
std::optional<std::size_t> normal_axis(std::int64_t axis, std::size_t rank);

}  // namespace flowport::optimize
