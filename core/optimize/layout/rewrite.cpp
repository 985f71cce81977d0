#include "optimize/layout/rewrite.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace flowport::optimize::layout {

namespace {

/// A value said as another one whose axes are permuted.
struct Form {
  ir::ValueId value = 0;
  Permutation order;
};

class Rewriter {
 public:
  Rewriter(Editor& editor, const Plan& plan) : editor_(editor), plan_(plan) {}

  void run(const std::vector<NodeId>& nodes) {
    for (const NodeId id : nodes) {
      origin_ = editor_.node(id).origin;
      std::visit([&](const auto& rule) { visit(id, rule); }, plan_.rules[id]);
    }
    define_outputs();
    pass_on_names();
  }

 private:
  // ---- one visit for each kind of rule

  void visit(NodeId id, const Fixed&) { take_original_inputs(id); }

  void visit(NodeId id, const Move& move) {
    const ir::ValueId input = editor_.node(id).inputs[0];
    const ir::ValueId output = editor_.node(id).outputs[0];
    const Form form = form_of(input);
    forms_[output] = {form.value, form.order.then(move.order)};
    editor_.remove(id);
  }

  void visit(NodeId id, const Same& same) {
    const ir::ValueId output = *std::find_if(editor_.node(id).outputs.begin(), editor_.node(id).outputs.end(),
                                             [](ir::ValueId v) { return v != 0; });
    const Permutation order = plan_.order_of(output);
    if (order.is_identity() || (same.supports != nullptr && !same.supports(order))) return take_original_inputs(id);
    if (same.remap != nullptr) same.remap(editor_, id, order);
    for (std::uint32_t slot = 0; slot < editor_.node(id).inputs.size(); ++slot) {
      const ir::ValueId input = editor_.node(id).inputs[slot];
      if (input == 0) continue;
      const bool goes_along = std::find(same.inputs.begin(), same.inputs.end(), slot) != same.inputs.end();
      editor_.set_input(id, slot, goes_along ? broadcast(input, order) : permuted_value(input));
    }
    for (std::size_t slot = 0; slot < editor_.node(id).outputs.size(); ++slot) define_permuted(id, slot, order);
  }

  void visit(NodeId id, const Regroup& rule) {
    const ir::ValueId input = editor_.node(id).inputs[0];
    const ir::ValueId output = editor_.node(id).outputs[0];
    const bool planned =
        plan_.region_of[input] != Plan::kNoRegion && output != 0 && plan_.region_of[output] != Plan::kNoRegion;
    if (!planned) return take_original_inputs(id);
    const Permutation in = plan_.order_of(input);
    std::optional<Permutation> out = plan_.order_of(output);
    // Where the orders do not match, the smaller side gets the Transpose.
    if (!agree(rule.groups, in, *out) && rule.out_rank < rule.in_rank) out = carried(rule.groups, in, rule.out_rank);
    const bool works = out && !(in.is_identity() && out->is_identity()) && agree(rule.groups, in, *out) &&
                       (rule.supports == nullptr || rule.supports(editor_, id, in, *out));
    if (!works) return take_original_inputs(id);
    rule.remap(editor_, id, in, *out);
    editor_.set_input(id, 0, permuted_value(input, in));
    for (std::size_t slot = 1; slot < editor_.node(id).inputs.size(); ++slot) {
      if (editor_.node(id).inputs[slot] != 0)
        editor_.set_input(id, slot, permuted_value(editor_.node(id).inputs[slot]));
    }
    define_permuted(id, 0, *out);
  }

  void visit(NodeId id, const Measure&) {
    const ir::ValueId input = editor_.node(id).inputs[0];
    const Form form = form_of(input);
    const Form made = made_as(form.value);
    const Permutation rest = made.order.inverse().then(form.order);
    if (editor_.constant(form.value) != nullptr || rest.is_identity()) return take_original_inputs(id);
    editor_.set_input(id, 0, made.value);
    if (editor_.node(id).op == "Size") return;
    const auto rank = static_cast<std::int64_t>(rest.rank());
    const auto bound = [&](std::string_view name, std::int64_t otherwise) {
      const std::int64_t given = editor_.node(id).int_attr(name, otherwise);
      return std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
    };
    const std::int64_t start = bound("start", 0);
    const std::int64_t end = std::max(start, bound("end", rank));
    const auto all = rest.to_ints();
    const std::vector<std::int64_t> picked(all.begin() + start, all.begin() + end);
    const ir::ValueId output = editor_.node(id).outputs[0];
    editor_.clear_attributes(id);
    editor_.set_output(id, 0, editor_.add_value(ir::Type::tensor(ir::DType::kInt64, {ir::Dim{rank, 0}})));
    ir::Node gather;
    gather.op = "Gather";
    gather.inputs = {editor_.node(id).outputs[0], editor_.add_constant(ir::Constant::ints(picked))};
    gather.outputs = {output};
    gather.origin = origin_;
    editor_.insert_after(id, std::move(gather));
  }

  void take_original_inputs(NodeId id) {
    for (std::size_t slot = 0; slot < editor_.node(id).inputs.size(); ++slot) {
      const ir::ValueId input = editor_.node(id).inputs[slot];
      if (input != 0) editor_.set_input(id, slot, permuted_value(input));
    }
  }

  // ---- forms of values

  /// What a value is, through the Transposes above it.
  Form form_of(ir::ValueId value) const {
    const auto found = forms_.find(value);
    return found != forms_.end() ? found->second : Form{value, identity_for(value)};
  }

  /// How a value that is no Transpose's is there: as it was, or permuted by the node that makes it.
  Form made_as(ir::ValueId value) const {
    const auto found = made_.find(value);
    return found != made_.end() ? found->second : Form{value, identity_for(value)};
  }

  Permutation identity_for(ir::ValueId value) const {
    return Permutation::identity(rank_of(editor_, value).value_or(0));
  }

  void define_permuted(NodeId id, std::size_t slot, const Permutation& order) {
    const ir::ValueId output = editor_.node(id).outputs[slot];
    if (output == 0 || order.is_identity()) return;
    const ir::ValueId now = editor_.add_value(permuted(editor_.type(output), order));
    editor_.set_output(id, slot, now);
    made_[output] = {now, order};
    replaced_.push_back(output);
  }

  /// `value` as it was before the pass.
  ir::ValueId permuted_value(ir::ValueId value) {
    if (!forms_.contains(value) && !made_.contains(value)) return value;
    return permuted_value(value, identity_for(value));
  }

  /// `value` with its axes in `order`: something that is there, or a new Transpose.
  ir::ValueId permuted_value(ir::ValueId value, const Permutation& order) {
    const Form form = form_of(value);
    const Permutation total = form.order.then(order);
    const Form made = made_as(form.value);
    if (total == made.order) return made.value;
    auto& known = views_[{form.value, total.to_ints()}];
    if (known != 0) return known;
    if (const auto& constant = editor_.constant(form.value)) {
      return known = editor_.add_constant(constant->transposed(total.to_ints()));
    }
    ir::ValueId result = 0;
    if (order.is_identity() && may_define(value, made.value)) {
      result = value;
    } else {
      result = editor_.add_value(permuted(editor_.type(value), order));
    }
    known = result;
    insert_move(made.value, made.order.inverse().then(total), result);
    return result;
  }

  /// Has `value` lost its definition, and may it get a new one next to that of `source`?
  bool may_define(ir::ValueId value, ir::ValueId source) const {
    if (editor_.producer(value) != kNoNode || editor_.is_graph_input(value)) return false;
    return !editor_.is_output(value) || editor_.output_graph(value) == editor_.graph_of(source);
  }

  void insert_move(ir::ValueId source, const Permutation& order, ir::ValueId result) {
    ir::Node node;
    node.inputs = {source};
    node.outputs = {result};
    node.origin = origin_;
    const auto& dims = editor_.type(source).dims;
    const auto unknown = std::count_if(dims.begin(), dims.end(), [](const ir::Dim& dim) { return !dim.is_known(); });
    const bool empty = std::any_of(dims.begin(), dims.end(), [](const ir::Dim& dim) { return dim.size == 0; });
    if (moves_only_units(dims, order) && unknown <= 1 && !empty) {
      std::vector<std::int64_t> shape;
      for (std::size_t i = 0; i < order.rank(); ++i) shape.push_back(dims[order[i]].size);
      node.op = "Reshape";
      node.inputs.push_back(editor_.add_constant(ir::Constant::ints(shape)));
    } else {
      node.op = "Transpose";
      node.set("perm", order.to_ints());
    }
    editor_.insert_after_definition(source, std::move(node));
  }

  /// `value` as an operand of a node of the rank of `order`, which broadcasts it.
  ir::ValueId broadcast(ir::ValueId value, const Permutation& order) {
    const std::size_t low = *rank_of(editor_, value);
    const std::size_t missing = order.rank() - low;
    if (missing == 0) return permuted_value(value, order);
    std::vector<std::int64_t> sequence, added;
    std::vector<std::int64_t> dims;
    for (std::size_t i = 0; i < order.rank(); ++i) {
      if (order[i] >= missing) {
        sequence.push_back(static_cast<std::int64_t>(order[i] - missing));
        dims.push_back(-1);
      } else if (!sequence.empty()) {
        added.push_back(static_cast<std::int64_t>(dims.size()));
        dims.push_back(1);
      }
    }
    const ir::ValueId operand = permuted_value(value, *Permutation::of(sequence));
    if (added.empty()) return operand;
    auto& known = unsqueezed_[{operand, added}];
    if (known != 0) return known;
    ir::Type type = editor_.type(operand);
    std::vector<ir::Dim> type_dims;
    for (std::size_t i = 0, next = 0; i < dims.size(); ++i) {
      type_dims.push_back(dims[i] == 1 ? ir::Dim{1, 0} : type.dims[next++]);
    }
    if (const auto& constant = editor_.constant(operand)) {
      std::vector<std::int64_t> sizes;
      for (const ir::Dim& dim : type_dims) sizes.push_back(dim.size);
      return known = editor_.add_constant(constant->reshaped(std::move(sizes)));
    }
    type.dims = std::move(type_dims);
    ir::Node node;
    node.op = "Unsqueeze";
    node.inputs = {operand, editor_.add_constant(ir::Constant::ints(added))};
    known = editor_.add_value(std::move(type));
    node.outputs = {known};
    node.origin = origin_;
    editor_.insert_after_definition(operand, std::move(node));
    return known;
  }

  // ---- the end

  /// Outputs of graphs that are still without a definition get one.
  void define_outputs() {
    for (GraphIndex graph = 0; graph < editor_.graphs().size(); ++graph) {
      const std::vector<ir::ValueId> outputs = editor_.graphs()[graph]->outputs;
      for (const ir::ValueId output : outputs) {
        if (!forms_.contains(output) && !made_.contains(output)) continue;
        const ir::ValueId now = permuted_value(output);
        if (now == output || editor_.producer(output) != kNoNode) continue;
        ir::Node node;
        node.op = "Identity";
        node.inputs = {now};
        node.outputs = {output};
        node.origin = origin_;
        editor_.append(graph, std::move(node));
      }
    }
  }

  /// A permuted value has the name of the one that it stands for, where that is gone.
  void pass_on_names() {
    for (const ir::ValueId value : replaced_) {
      if (editor_.producer(value) != kNoNode) continue;
      auto& values = editor_.model().values;
      values[made_.at(value).value].name = std::exchange(values[value].name, {});
    }
  }

  Editor& editor_;
  const Plan& plan_;
  std::uint32_t origin_ = 0;
  std::unordered_map<ir::ValueId, Form> forms_;  // outputs of dissolved Transposes
  std::unordered_map<ir::ValueId, Form> made_;   // outputs of nodes that work on permuted values
  std::vector<ir::ValueId> replaced_;
  std::map<std::pair<ir::ValueId, std::vector<std::int64_t>>, ir::ValueId> views_, unsqueezed_;
};

}  // namespace

void rewrite(Editor& editor, const std::vector<NodeId>& nodes, const Plan& plan) { Rewriter(editor, plan).run(nodes); }

}  // namespace flowport::optimize::layout
