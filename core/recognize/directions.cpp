#include "recognize/directions.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "recognize/sequence.h"

namespace flowport::recognize {

namespace {

constexpr std::size_t kX = 0, kW = 1, kLengths = 4, kStates = 5;  // inputs

bool is_recurrent(const ir::Node& node) {
  return node.domain.empty() && (node.op == "LSTM" || node.op == "GRU" || node.op == "RNN") && node.outputs.size() >= 2;
}

ir::ValueId input_of(const ir::Node& node, std::size_t i) { return i < node.inputs.size() ? node.inputs[i] : 0; }

class Directions {
 public:
  explicit Directions(ir::Model& model) : model_(model) {}
  void run() {
    reverse_all();
    join_all();
    drop_zero_states();
  }

 private:
  struct Insertion {
    std::size_t before = 0;  // index of a node
    ir::Node node;
  };

  void reverse_all();
  bool reverse(const Index& index, ir::Graph& graph, std::size_t at, std::vector<Insertion>& added);
  void join_all();
  void drop_zero_states();
  bool join(const Index& index, ir::Graph& graph, std::size_t forward, std::size_t backward);

  /// Are the lengths up to which `reversal` reverses those of a recurrent op over `x`?
  static bool same_lengths(const Index& index, ir::ValueId reversal, ir::ValueId op, ir::ValueId x);
  static ir::ValueId unclipped(const Index& index, ir::ValueId lengths, ir::ValueId x);
  bool depends_on(const Index& index, const ir::Node& node, const ir::Node& other) const;
  ir::ValueId joined(const Index& index, ir::ValueId a, ir::ValueId b, std::vector<ir::Node>& added);
  static void sort(ir::Graph& graph);

  ir::Model& model_;
};

/// Lengths before they were made int32 and clipped to [0, rows of x], which changes none that ReverseSequence takes.
ir::ValueId Directions::unclipped(const Index& index, ir::ValueId lengths, ir::ValueId x) {
  const auto& type = index.type(x);
  for (;;) {
    lengths = index.behind_casts(lengths);
    const auto* node = index.maker(lengths);
    if (node == nullptr || node->inputs.size() != 2) return lengths;
    const bool clips = (node->op == "Max" && index.number(node->inputs[1]) == 0.0) ||
                       (node->op == "Min" && type.has_rank && index.is_number(node->inputs[1], type.dims[0]));
    if (!clips) return lengths;
    lengths = node->inputs[0];
  }
}

bool Directions::same_lengths(const Index& index, ir::ValueId reversal, ir::ValueId op, ir::ValueId x) {
  if (reversal == 0 || op == 0) return reversal == op;
  const auto a = unclipped(index, reversal, x), b = unclipped(index, op, x);
  if (a == b) return true;
  const auto known = index.ints(a);
  return known && known == index.ints(b);
}

bool Directions::reverse(const Index& index, ir::Graph& graph, std::size_t at, std::vector<Insertion>& added) {
  auto& node = graph.nodes[at];
  Sequence x = sequence_of(index, node.inputs[kX]);
  const auto* maker = index.maker(x.base);
  const auto reversed = maker == nullptr ? std::nullopt : reversal(index, *maker, x.exchanged ? 1 : 0);
  if (!reversed || !same_lengths(index, reversed->lengths, input_of(node, kLengths), node.inputs[kX])) return false;
  x = x.exchanged ? Sequence{reversed->of, true} : sequence_of(index, reversed->of);

  // Y, if used, is squeezed: that is where its rows are put in order again.
  const ir::ValueId rows = node.outputs[0];
  std::vector<std::size_t> squeezes;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto& user = graph.nodes[i];
    if (std::find(user.inputs.begin(), user.inputs.end(), rows) == user.inputs.end()) continue;
    if (user.op != "Squeeze" || index.ints(user.inputs[1]) != std::vector{std::int64_t{1}}) return false;
    squeezes.push_back(i);
  }
  if (index.is_used(rows) && squeezes.empty()) return false;

  if (x.exchanged) {
    ir::Node transpose;
    transpose.op = "Transpose";
    transpose.origin = node.origin;
    transpose.inputs = {x.base};
    transpose.outputs = {model_.add_value(model_.values[node.inputs[kX]].type)};
    const std::size_t rank = model_.values[x.base].type.dims.size();
    std::vector<std::int64_t> perm;
    for (std::size_t i = 0; i < rank; ++i) perm.push_back(static_cast<std::int64_t>(i));
    std::swap(perm[0], perm[1]);
    transpose.attributes.push_back({"perm", std::move(perm)});
    node.inputs[kX] = transpose.outputs[0];
    added.push_back({at, std::move(transpose)});
  } else {
    node.inputs[kX] = x.base;
  }
  node.set("direction", std::string("reverse"));
  node.outputs[0] = model_.add_value(model_.values[rows].type);

  for (const std::size_t i : squeezes) {
    auto& squeeze = graph.nodes[i];
    const ir::ValueId old = squeeze.outputs[0];
    const ir::ValueId ordered = model_.add_value(model_.values[old].type);
    squeeze.inputs[0] = node.outputs[0];
    squeeze.outputs[0] = ordered;
    // What reverses the rows once more has them in order at once, and the last of them is the first.
    for (auto& user : graph.nodes) {
      if (user.inputs.empty() || &user == &squeeze) continue;
      if (reversed->lengths == 0 && is_last_row(index, user, old)) {
        const std::int64_t first = 0;
        user.inputs = {ordered, model_.add_constant(ir::Constant::int_scalar(first))};
        continue;
      }
      for (const std::int64_t axis : {0, 1}) {
        const auto again = reversal(index, user, axis);
        if (!again || !same_lengths(index, again->lengths, input_of(node, kLengths), node.inputs[kX])) continue;
        if (sequence_of(index, again->of) != Sequence{old, axis == 1}) continue;
        if (axis == 1) {
          const auto* transpose = index.made_by(again->of, "Transpose");
          auto attributes = transpose->attributes;
          user.op = "Transpose";
          user.attributes = std::move(attributes);
        } else {
          user.op = "Identity";
          user.attributes.clear();
        }
        user.inputs = {ordered};
        break;
      }
    }
    ir::Node back;
    back.origin = squeeze.origin;
    back.outputs = {old};
    if (reversed->lengths != 0) {
      back.op = "ReverseSequence";
      back.inputs = {ordered, reversed->lengths};
      back.attributes.push_back({"time_axis", std::int64_t{0}});
      back.attributes.push_back({"batch_axis", std::int64_t{1}});
    } else {
      back.op = "Slice";
      back.inputs = {ordered};
      for (const std::int64_t number :
           {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min() + 1, std::int64_t{0}, std::int64_t{-1}})
        back.inputs.push_back(model_.add_constant(ir::Constant::ints({&number, 1})));
    }
    added.push_back({i + 1, std::move(back)});
  }
  return true;
}

void Directions::reverse_all() {
  std::vector<ir::Graph*> graphs;
  ir::Model::for_each_graph(model_.graph, [&](ir::Graph& graph) { graphs.push_back(&graph); });
  std::optional<Index> index;
  for (ir::Graph* graph : graphs) {
    for (std::size_t i = 0; i < graph->nodes.size(); ++i) {
      if (!is_recurrent(graph->nodes[i]) || graph->nodes[i].string_attr("direction", "forward") != "forward") continue;
      if (!index) index.emplace(model_);
      std::vector<Insertion> added;
      if (!reverse(*index, *graph, i, added)) continue;
      index.reset();
      std::stable_sort(added.begin(), added.end(), [](const auto& a, const auto& b) { return a.before > b.before; });
      for (auto& each : added) {
        graph->nodes.insert(graph->nodes.begin() + static_cast<std::ptrdiff_t>(each.before), std::move(each.node));
        if (each.before <= i) ++i;
      }
    }
  }
  model_.drop_unused();
}

bool Directions::depends_on(const Index& index, const ir::Node& node, const ir::Node& other) const {
  const std::unordered_set<ir::ValueId> made(other.outputs.begin(), other.outputs.end());
  std::vector<ir::ValueId> todo(node.inputs);
  std::unordered_set<ir::ValueId> seen;
  while (!todo.empty()) {
    const ir::ValueId value = todo.back();
    todo.pop_back();
    if (value == 0 || !seen.insert(value).second) continue;
    if (made.contains(value)) return true;
    const auto* maker = index.maker(value);
    if (maker == nullptr) continue;
    todo.insert(todo.end(), maker->inputs.begin(), maker->inputs.end());
    for (const auto& attribute : maker->attributes) {
      const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&attribute.value);
      if (body == nullptr) continue;
      // What a body takes from outside counts: all that its nodes use.
      ir::Model::for_each_graph(**body, [&](ir::Graph& graph) {
        for (const auto& inner : graph.nodes) todo.insert(todo.end(), inner.inputs.begin(), inner.inputs.end());
        todo.insert(todo.end(), graph.outputs.begin(), graph.outputs.end());
      });
    }
  }
  return false;
}

/// `a` and `b` joined along axis 0.
ir::ValueId Directions::joined(const Index& index, ir::ValueId a, ir::ValueId b, std::vector<ir::Node>& added) {
  const auto first = index.constant(a), second = index.constant(b);
  std::vector<std::int64_t> dims;
  ir::Type type = model_.values[a].type;
  type.dims[0] = {2, 0};
  if (first != nullptr && second != nullptr) {
    std::vector<std::byte> bytes;
    for (const auto& each : {first->bytes(), second->bytes()})
      bytes.insert(bytes.end(), each.data(), each.data() + each.size());
    for (const auto& dim : type.dims) dims.push_back(dim.size);
    return model_.add_constant(ir::Constant::make(first->dtype(), std::move(dims), Bytes(std::move(bytes))));
  }
  ir::Node concat;
  concat.op = "Concat";
  concat.inputs = {a, b};
  concat.outputs = {model_.add_value(std::move(type))};
  concat.attributes.push_back({"axis", std::int64_t{0}});
  added.push_back(std::move(concat));
  return added.back().outputs[0];
}

/// Puts what list attribute `name` of `behind` has behind that of `node`.
template <typename T>
void join_list(ir::Node& node, const char* name, const ir::Node& behind) {
  std::vector<T> items;
  for (const auto* each : {static_cast<const ir::Node*>(&node), &behind}) {
    const auto* attribute = each->find(name);
    if (attribute == nullptr) continue;
    const auto& more = std::get<std::vector<T>>(attribute->value);
    items.insert(items.end(), more.begin(), more.end());
  }
  if (!items.empty()) node.set(name, std::move(items));
}

bool Directions::join(const Index& index, ir::Graph& graph, std::size_t forward, std::size_t backward) {
  auto& f = graph.nodes[forward];
  auto& b = graph.nodes[backward];
  const auto x = f.inputs[kX];
  if (f.op != b.op || f.outputs.size() != b.outputs.size() || f.inputs.size() != b.inputs.size()) return false;
  if (sequence_of(index, x) != sequence_of(index, b.inputs[kX])) return false;
  if (!same_lengths(index, input_of(f, kLengths), input_of(b, kLengths), x)) return false;
  for (const auto* name : {"hidden_size", "linear_before_reset", "layout", "input_forget"}) {
    if (f.int_attr(name, 0) != b.int_attr(name, 0)) return false;
  }
  for (const auto* each : {&f, &b}) {
    if (each->find("activations") == nullptr || each->find("clip") != nullptr) return false;
  }
  for (std::size_t i = kW; i < f.inputs.size(); ++i) {
    if (i == kLengths) continue;
    const auto own = f.inputs[i], other = b.inputs[i];
    if ((own == 0) != (other == 0) || (own != 0 && !index.type(own).has_rank)) return false;
  }
  if (depends_on(index, f, b) || depends_on(index, b, f)) return false;

  ir::Node both;
  both.op = f.op;
  both.origin = f.origin;
  both.inputs = f.inputs;
  std::vector<ir::Node> added;
  for (std::size_t i = kW; i < f.inputs.size(); ++i) {
    if (i != kLengths && f.inputs[i] != 0) both.inputs[i] = joined(index, f.inputs[i], b.inputs[i], added);
  }
  both.attributes = f.attributes;
  both.set("direction", std::string("bidirectional"));
  join_list<std::string>(both, "activations", b);
  join_list<float>(both, "activation_alpha", b);
  join_list<float>(both, "activation_beta", b);
  std::vector<ir::Node> after;
  const std::int64_t ones[] = {1, 1};
  const auto sizes = model_.add_constant(ir::Constant::ints(ones));
  for (std::size_t i = 0; i < f.outputs.size(); ++i) {
    ir::Type type = model_.values[f.outputs[i]].type;
    const std::int64_t axis = i == 0 ? 1 : 0;
    if (type.has_rank) type.dims[static_cast<std::size_t>(axis)] = {2, 0};
    both.outputs.push_back(model_.add_value(std::move(type)));
    ir::Node split;
    split.op = "Split";
    split.origin = f.origin;
    split.inputs = {both.outputs[i], sizes};
    split.outputs = {f.outputs[i], b.outputs[i]};
    split.attributes.push_back({"axis", axis});
    after.push_back(std::move(split));
  }
  for (auto& each : added) each.origin = both.origin;
  // The two are gone: what they made is made by the splits.
  const auto first = std::min(forward, backward), second = std::max(forward, backward);
  std::vector<ir::Node> nodes = std::move(added);
  nodes.push_back(std::move(both));
  nodes.insert(nodes.end(), std::make_move_iterator(after.begin()), std::make_move_iterator(after.end()));
  graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(second));
  graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(first));
  graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(second - 1),
                     std::make_move_iterator(nodes.begin()), std::make_move_iterator(nodes.end()));
  sort(graph);
  return true;
}

/// Definitions before uses again; nodes that may stay where they are do.
void Directions::sort(ir::Graph& graph) {
  std::unordered_map<ir::ValueId, std::size_t> maker;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const auto output : graph.nodes[i].outputs) maker[output] = i;
  }
  std::vector<std::vector<std::size_t>> users(graph.nodes.size());
  std::vector<std::size_t> waits(graph.nodes.size(), 0);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto uses = [&](const std::vector<ir::ValueId>& values) {
      for (const auto value : values) {
        const auto it = value == 0 ? maker.end() : maker.find(value);
        if (it == maker.end()) continue;
        users[it->second].push_back(i);
        ++waits[i];
      }
    };
    uses(graph.nodes[i].inputs);
    for (const auto& attribute : graph.nodes[i].attributes) {
      const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&attribute.value);
      if (body == nullptr) continue;
      ir::Model::for_each_graph(**body, [&](ir::Graph& inner) {
        for (const auto& node : inner.nodes) uses(node.inputs);
        uses(inner.outputs);
      });
    }
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < waits.size(); ++i) {
    if (waits[i] == 0) ready.push(i);
  }
  std::vector<ir::Node> sorted;
  while (!ready.empty()) {
    const std::size_t i = ready.top();
    ready.pop();
    sorted.push_back(std::move(graph.nodes[i]));
    for (const auto user : users[i]) {
      if (--waits[user] == 0) ready.push(user);
    }
  }
  graph.nodes = std::move(sorted);
}

void Directions::join_all() {
  std::vector<ir::Graph*> graphs;
  ir::Model::for_each_graph(model_.graph, [&](ir::Graph& graph) { graphs.push_back(&graph); });
  for (ir::Graph* graph : graphs) {
    const auto one = [&] {
      const Index index(model_);
      std::map<ir::ValueId, std::vector<std::size_t>> forwards, backwards;  // by sequence
      for (std::size_t i = 0; i < graph->nodes.size(); ++i) {
        const auto& node = graph->nodes[i];
        if (!is_recurrent(node)) continue;
        const auto direction = node.string_attr("direction", "forward");
        if (direction == "forward") forwards[sequence_of(index, node.inputs[kX]).base].push_back(i);
        if (direction == "reverse") backwards[sequence_of(index, node.inputs[kX]).base].push_back(i);
      }
      for (const auto& [base, nodes] : backwards) {
        for (const auto backward : nodes) {
          for (const auto forward : forwards[base]) {
            if (join(index, *graph, forward, backward)) return true;
          }
        }
      }
      return false;
    };
    while (one()) {
    }
  }
}

/// Zeros are what the ops start with by themselves.
void Directions::drop_zero_states() {
  const Index index(model_);
  ir::Model::for_each_graph(model_.graph, [&](ir::Graph& graph) {
    for (auto& node : graph.nodes) {
      if (!is_recurrent(node)) continue;
      for (std::size_t i = kStates; i < node.inputs.size() && i < kStates + 2; ++i) {
        if (index.is_zero(node.inputs[i])) node.inputs[i] = 0;
      }
      while (node.inputs.back() == 0) node.inputs.pop_back();
    }
  });
}

}  // namespace

void join_directions(ir::Model& model) { Directions(model).run(); }

}  // namespace flowport::recognize
