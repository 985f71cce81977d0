#include "optimize/layout/plan.h"

#include <algorithm>
#include <numeric>
#include <queue>
#include <utility>

namespace flowport::optimize::layout {

namespace {

constexpr std::size_t kMaxCandidates = 8;  ///< orders looked at for one region
constexpr int kMaxChanges = 8;             ///< of one region

/// Sets of values that are permuted alike.
class UnionFind {
 public:
  explicit UnionFind(std::size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), 0U); }
  std::uint32_t find(std::uint32_t item) {
    while (parent_[item] != item) item = parent_[item] = parent_[parent_[item]];
    return item;
  }
  void unite(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

/// Where two regions meet: orders that match cost nothing.
struct Edge {
  enum class Kind : std::uint8_t { kMove, kRegroup, kBroadcast };
  Kind kind;
  std::uint8_t low = 0;  ///< of a broadcast: rank of the operand
  NodeId node;
  std::uint32_t from, to;  ///< regions
  int weight;
};

struct Candidate {
  Permutation order;
  int kept = 0;   ///< weight of the edges that match
  int fixed = 0;  ///< what does not depend on the neighbours
};

struct Region {
  std::vector<std::uint32_t> edges;
  std::vector<ir::ValueId> values;
  std::vector<NodeId> special;  ///< nodes with a price or with orders that they cannot work in
  std::vector<Candidate> candidates;
  int edge_weight = 0;
  int changes = 0;
  bool workable = false;  ///< has a node that would go along
};

class Planner {
 public:
  Planner(const Editor& editor, const std::vector<NodeId>& nodes) : editor_(editor), nodes_(nodes) {}

  Plan run() {
    find_rules();
    form_regions();
    find_edges();
    solve();
    return std::move(plan_);
  }

 private:
  void find_rules() {
    plan_.rules.resize(editor_.node_limit());
    for (const NodeId id : nodes_) plan_.rules[id] = rule_of(editor_, id);
  }

  bool has_region(ir::ValueId value) const {
    return value != 0 && editor_.constant(value) == nullptr && rank_of(editor_, value).has_value();
  }

  void form_regions() {
    const std::size_t count = editor_.model().values.size();
    UnionFind sets(count);
    for (const NodeId id : nodes_) {
      auto* same = std::get_if<Same>(&plan_.rules[id]);
      if (same == nullptr) continue;
      const ir::Node& node = editor_.node(id);
      if (!outputs_have_rank(node, same->rank)) {
        plan_.rules[id] = Fixed{};
        continue;
      }
      const ir::ValueId anchor = first_output(node);
      for (const ir::ValueId output : node.outputs) {
        if (output != 0) sets.unite(anchor, output);
      }
      for (const std::uint32_t slot : same->inputs) {
        const ir::ValueId input = node.inputs[slot];
        if (has_region(input) && *rank_of(editor_, input) == same->rank) sets.unite(anchor, input);
      }
    }
    plan_.region_of.assign(count, Plan::kNoRegion);
    for (ir::ValueId value = 1; value < count; ++value) {
      if (!has_region(value)) continue;
      const std::uint32_t root = sets.find(value);
      if (plan_.region_of[root] == Plan::kNoRegion) {
        plan_.region_of[root] = static_cast<std::uint32_t>(regions_.size());
        plan_.orders.push_back(Permutation::identity(*rank_of(editor_, value)));
        regions_.emplace_back();
      }
      plan_.region_of[value] = plan_.region_of[root];
      regions_[plan_.region_of[value]].values.push_back(value);
    }
  }

  static ir::ValueId first_output(const ir::Node& node) {
    for (const ir::ValueId output : node.outputs) {
      if (output != 0) return output;
    }
    return 0;
  }

  bool outputs_have_rank(const ir::Node& node, std::size_t rank) const {
    bool any = false;
    for (const ir::ValueId output : node.outputs) {
      if (output == 0) continue;
      if (!has_region(output) || *rank_of(editor_, output) != rank) return false;
      any = true;
    }
    return any;
  }

  void find_edges() {
    for (const NodeId id : nodes_) {
      const ir::Node& node = editor_.node(id);
      if (const auto* move = std::get_if<Move>(&plan_.rules[id])) {
        const auto& type = editor_.type(node.inputs[0]);
        const bool free = moves_only_units(type.dims, move->order);
        const bool border = editor_.producer(node.inputs[0]) == kNoNode;
        const int weight =
            border ? (free ? Cost::kBorderUnits : Cost::kBorder) : (free ? Cost::kUnits : Cost::kTranspose);
        add_edge(Edge::Kind::kMove, id, node.inputs[0], node.outputs[0], weight);
      } else if (std::holds_alternative<Regroup>(plan_.rules[id])) {
        add_edge(Edge::Kind::kRegroup, id, node.inputs[0], node.outputs[0], Cost::kBorder);
      } else if (const auto* same = std::get_if<Same>(&plan_.rules[id])) {
        Region& region = regions_[plan_.region_of[first_output(node)]];
        region.workable = true;
        if (same->supports != nullptr || same->price != 0) region.special.push_back(id);
        for (const std::uint32_t slot : same->inputs) {
          const auto rank = rank_of(editor_, node.inputs[slot]);
          if (!rank || *rank < 2 || *rank == same->rank) continue;
          add_edge(Edge::Kind::kBroadcast, id, node.inputs[slot], first_output(node), Cost::kBorder, *rank);
        }
      }
    }
  }

  void add_edge(Edge::Kind kind, NodeId node, ir::ValueId from, ir::ValueId to, int weight, std::size_t low = 0) {
    const std::uint32_t a = plan_.region_of[from];
    const std::uint32_t b = plan_.region_of[to];
    if (a == Plan::kNoRegion || b == Plan::kNoRegion || a == b) return;
    const auto index = static_cast<std::uint32_t>(edges_.size());
    edges_.push_back({kind, static_cast<std::uint8_t>(low), node, a, b, weight});
    for (const std::uint32_t region : {a, b}) {
      regions_[region].edges.push_back(index);
      regions_[region].edge_weight += weight;
      if (kind != Edge::Kind::kMove) regions_[region].workable = true;
    }
  }

  bool matches(const Edge& edge, const Permutation& from, const Permutation& to) const {
    switch (edge.kind) {
      case Edge::Kind::kMove: return from == std::get<Move>(plan_.rules[edge.node]).order.then(to);
      case Edge::Kind::kRegroup: {
        if (from.is_identity() && to.is_identity()) return true;
        const auto& rule = std::get<Regroup>(plan_.rules[edge.node]);
        return agree(rule.groups, from, to) &&
               (rule.supports == nullptr || rule.supports(editor_, edge.node, from, to));
      }
      case Edge::Kind::kBroadcast: return agree(broadcast_groups(edge.low, to.rank()), from, to);
    }
    return false;
  }

  bool matches_at(const Edge& edge, std::uint32_t region, const Permutation& order) const {
    return region == edge.from ? matches(edge, order, plan_.orders[edge.to])
                               : matches(edge, plan_.orders[edge.from], order);
  }

  /// The order of `region` that would match the other side of the edge as it is.
  std::optional<Permutation> wanted(const Edge& edge, std::uint32_t region) const {
    const bool at_from = region == edge.from;
    const Permutation& other = plan_.orders[at_from ? edge.to : edge.from];
    if (edge.kind == Edge::Kind::kMove) {
      const Permutation& move = std::get<Move>(plan_.rules[edge.node]).order;
      return at_from ? move.then(other) : move.inverse().then(other);
    }
    const std::size_t rank = plan_.orders[region].rank();
    auto groups = edge.kind == Edge::Kind::kRegroup ? std::get<Regroup>(plan_.rules[edge.node]).groups
                                                    : broadcast_groups(edge.low, plan_.orders[edge.to].rank());
    if (at_from) {
      for (Group& group : groups) std::swap(group.in, group.out);
    }
    return carried(groups, other, rank);
  }

  /// What `order` costs at nodes that do not go along.
  int fixed_cost(const Region& region, const Permutation& order) const {
    if (order.is_identity()) return 0;
    int cost = 0;
    for (const ir::ValueId value : region.values) cost += fixed_cost(value, order);
    for (const NodeId id : region.special) {
      const auto& same = std::get<Same>(plan_.rules[id]);
      const bool works = same.supports == nullptr || same.supports(order);
      cost += works ? same.price : Cost::kBorder + Cost::kTranspose;
    }
    return cost;
  }

  int fixed_cost(ir::ValueId value, const Permutation& order) const {
    const NodeId producer = editor_.producer(value);
    const bool made_fixed = producer == kNoNode || std::holds_alternative<Fixed>(plan_.rules[producer]) ||
                            std::holds_alternative<Measure>(plan_.rules[producer]);
    bool used_fixed = editor_.is_output(value);
    int cost = 0;
    for (const Editor::Use& use : editor_.uses(value)) {
      const Rule& rule = plan_.rules[use.node];
      if (std::holds_alternative<Measure>(rule)) {
        cost += Cost::kMeasure;
      } else if (const auto* same = std::get_if<Same>(&rule)) {
        used_fixed |= std::find(same->inputs.begin(), same->inputs.end(), use.slot) == same->inputs.end();
      } else {
        used_fixed |= std::holds_alternative<Fixed>(rule) || use.slot != 0;
      }
    }
    if (!made_fixed && !used_fixed) return cost;
    const bool inner = made_fixed && producer != kNoNode;
    if (moves_only_units(editor_.type(value).dims, order)) return cost + (inner ? Cost::kUnits : Cost::kBorderUnits);
    return cost + (inner ? Cost::kTranspose : Cost::kBorder);
  }

  void add_candidate(std::uint32_t index, const Permutation& order) {
    Region& region = regions_[index];
    if (!region.workable || region.candidates.size() >= kMaxCandidates) return;
    for (const Candidate& candidate : region.candidates) {
      if (candidate.order == order) return;
    }
    Candidate candidate{order, 0, fixed_cost(region, order)};
    for (const std::uint32_t edge : region.edges) {
      if (matches_at(edges_[edge], index, order)) candidate.kept += edges_[edge].weight;
    }
    region.candidates.push_back(candidate);
  }

  struct Choice {
    Permutation order;
    int gain = 0;
  };

  /// The best order for a region as its neighbours are now.
  Choice best_of(std::uint32_t index) const {
    const Region& region = regions_[index];
    const auto cost = [&](const Candidate& c) { return region.edge_weight - c.kept + c.fixed; };
    const auto current = std::find_if(region.candidates.begin(), region.candidates.end(),
                                      [&](const Candidate& c) { return c.order == plan_.orders[index]; });
    const auto best = std::min_element(region.candidates.begin(), region.candidates.end(),
                                       [&](const Candidate& a, const Candidate& b) { return cost(a) < cost(b); });
    return {best->order, cost(*current) - cost(*best)};
  }

  void ask(std::uint32_t region) {
    if (regions_[region].candidates.size() < 2 || regions_[region].changes >= kMaxChanges) return;
    const int gain = best_of(region).gain;
    if (gain > 0) queue_.push({gain, ~region});
  }

  void solve() {
    for (std::uint32_t region = 0; region < regions_.size(); ++region) {
      add_candidate(region, plan_.orders[region]);
      for (const std::uint32_t edge : regions_[region].edges) {
        if (regions_[region].candidates.size() >= kMaxCandidates) break;
        if (const auto order = wanted(edges_[edge], region)) add_candidate(region, *order);
      }
      ask(region);
    }
    // Those that win most first; what was won when a region was queued may have changed since.
    while (!queue_.empty()) {
      const auto [gain, key] = queue_.top();
      queue_.pop();
      const std::uint32_t region = ~key;
      if (regions_[region].changes >= kMaxChanges) continue;
      const Choice choice = best_of(region);
      if (choice.gain == gain) {
        change(region, choice.order);
      } else {
        ask(region);
      }
    }
  }

  void change(std::uint32_t index, const Permutation order) {
    const Permutation old = plan_.orders[index];
    ++regions_[index].changes;
    for (const std::uint32_t e : regions_[index].edges) {
      const Edge& edge = edges_[e];
      const bool at_from = edge.from == index;
      const std::uint32_t other = at_from ? edge.to : edge.from;
      for (Candidate& candidate : regions_[other].candidates) {
        const auto weight = [&](const Permutation& here) {
          const bool match = at_from ? matches(edge, here, candidate.order) : matches(edge, candidate.order, here);
          return match ? edge.weight : 0;
        };
        candidate.kept += weight(order) - weight(old);
      }
    }
    plan_.orders[index] = order;
    for (const std::uint32_t e : regions_[index].edges) {
      const Edge& edge = edges_[e];
      const std::uint32_t other = edge.from == index ? edge.to : edge.from;
      if (const auto order_there = wanted(edge, other)) add_candidate(other, *order_there);
      ask(other);
    }
  }

  const Editor& editor_;
  const std::vector<NodeId>& nodes_;
  Plan plan_;
  std::vector<Region> regions_;
  std::vector<Edge> edges_;
  std::priority_queue<std::pair<int, std::uint32_t>> queue_;  // gain, and the region's complement: equal gains by index
};

}  // namespace

Plan make_plan(const Editor& editor, const std::vector<NodeId>& nodes) { return Planner(editor, nodes).run(); }

}  // namespace flowport::optimize::layout
