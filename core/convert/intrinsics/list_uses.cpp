#include "convert/intrinsics/list_uses.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "convert/functions.h"

namespace flowport::convert::intrinsics {

namespace {

constexpr std::array<std::string_view, 6> kApart = {"TensorListConcat",  "TensorListConcatV2",  "TensorListGetItem",
                                                    "TensorListPopBack", "TensorArrayConcatV3", "TensorArrayReadV3"};
/// Their first output is the list that an input of theirs is, or a changed one.
constexpr std::array<std::string_view, 12> kHandOn = {"Enter",
                                                      "Exit",
                                                      "Identity",
                                                      "Merge",
                                                      "NextIteration",
                                                      "TensorArrayWriteV3",
                                                      "TensorListConcatLists",
                                                      "TensorListPushBack",
                                                      "TensorListResize",
                                                      "TensorListScatterIntoExistingList",
                                                      "TensorListSetItem",
                                                      "TensorArrayScatterV3"};

/// One activation of a graph: where its results go.
struct Activation {
  const tf::Graph* graph = nullptr;
  const Activation* caller = nullptr;
  tf::NodeIndex call = -1;
};

class Walk {
 public:
  explicit Walk(Engine& engine) : engine_(engine) {}

  const Activation* activation(const Scope& scope) {
    std::vector<const Scope*> inwards;
    for (const Scope* each = &scope; each != nullptr; each = each->caller) inwards.push_back(each);
    const Activation* at = nullptr;
    for (std::size_t i = inwards.size(); i-- > 0;) at = enter(inwards[i]->graph, at, inwards[i]->call);
    return at;
  }

  bool finds_parting(const Activation* in, tf::Edge list) {
    add(in, list);
    while (!todo_.empty()) {
      const auto [at, edge] = todo_.back();
      todo_.pop_back();
      for (std::size_t i = 0; i < at->graph->rets.size(); ++i) {
        if (at->graph->rets[i] == edge) leave(*at, static_cast<std::int32_t>(i));
      }
      for (const auto& [node, input] : engine_.takers().of(*at->graph, edge)) {
        if (std::find(kApart.begin(), kApart.end(), at->graph->nodes[static_cast<std::size_t>(node)].op) !=
            kApart.end())
          return true;
        follow(at, node, input);
      }
    }
    return false;
  }

 private:
  const Activation* enter(const tf::Graph* graph, const Activation* caller, tf::NodeIndex call) {
    auto& place = activations_[{graph, caller, call}];
    if (place == nullptr) place = std::make_unique<Activation>(Activation{graph, caller, call});
    return place.get();
  }

  void add(const Activation* at, tf::Edge edge) {
    if (seen_.emplace(at, Scope::edge_key(edge)).second) todo_.emplace_back(at, edge);
  }

  /// Result `i` of a function's activation is the list.
  void leave(const Activation& from, std::int32_t i) {
    if (from.caller == nullptr) return;
    const auto& node = from.caller->graph->nodes[static_cast<std::size_t>(from.call)];
    add(from.caller, {from.call, i});
    // What a loop's body gives, it takes the next time.
    if (node.op.ends_with("While") || node.op == "For") {
      follow(from.caller, from.call, static_cast<std::size_t>(i) + (node.op == "For" ? 3 : 0));
    }
  }

  /// Input `input` of `node` is the list.
  void follow(const Activation* at, tf::NodeIndex index, std::size_t input) {
    const auto& node = at->graph->nodes[static_cast<std::size_t>(index)];
    if (std::find(kHandOn.begin(), kHandOn.end(), node.op) != kHandOn.end()) return add(at, {index, 0});
    if (node.op.ends_with("Switch")) {
      add(at, {index, 0});
      return add(at, {index, 1});
    }
    std::size_t first = 0;           // input that is an argument
    std::size_t first_argument = 0;  // and which one
    if (node.op == "RemoteCall" || node.op.ends_with("If") || node.op.ends_with("Case")) first = 1;
    if (node.op == "For") {
      first = 3;
      first_argument = 1;
    }
    if (input < first) return;
    for (const auto& name : functions_of(engine_.program(), node)) {
      const auto graph = engine_.program().function(name);
      const auto argument = input - first + first_argument;
      if (graph && argument < (*graph)->args.size()) add(enter(*graph, at, index), {(*graph)->args[argument], 0});
    }
    if (node.op.ends_with("While") || node.op == "For") add(at, {index, static_cast<std::int32_t>(input - first)});
  }

  Engine& engine_;
  std::map<std::tuple<const tf::Graph*, const Activation*, tf::NodeIndex>, std::unique_ptr<Activation>> activations_;
  std::set<std::pair<const Activation*, std::uint64_t>> seen_;
  std::vector<std::pair<const Activation*, tf::Edge>> todo_;
};

}  // namespace

bool is_taken_apart(Engine& engine, const Scope& scope, tf::Edge list) {
  Walk walk(engine);
  return walk.finds_parting(walk.activation(scope), list);
}

}  // namespace flowport::convert::intrinsics
