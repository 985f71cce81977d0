#include "recognize/step.h"

#include <algorithm>
#include <limits>

namespace flowport::recognize {

namespace {

constexpr int kDeepestSum = 32;

const ir::Graph* body_of(const ir::Node& node) {
  if (node.attributes.size() != 1) return nullptr;
  const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&node.attributes.front().value);
  return body == nullptr ? nullptr : body->get();
}

bool is_last_axis(std::int64_t axis, const ir::Type& type) {
  return axis == -1 || (type.has_rank && axis == static_cast<std::int64_t>(type.dims.size()) - 1);
}

std::int64_t last_dim(const ir::Type& type) { return type.has_rank && !type.dims.empty() ? type.dims.back().size : -1; }

}  // namespace

std::optional<LoopStep> LoopStep::of(const Index& index, const ir::Node& loop) {
  if (loop.op != "Loop" || !loop.domain.empty() || loop.inputs.size() < 2) return std::nullopt;
  LoopStep step;
  step.index_ = &index;
  step.loop_ = &loop;
  step.body_ = body_of(loop);
  if (step.body_ == nullptr || loop.inputs[0] == 0 || loop.inputs[1] != 0) return std::nullopt;
  if (index.behind(step.body_->outputs[0]) != step.body_->inputs[1]) return std::nullopt;
  step.counters_.push_back(step.body_->inputs[0]);
  for (std::size_t i = 0; i < step.state_count(); ++i) {
    const auto* add = index.made_by(index.behind(step.next(i)), "Add");
    if (add == nullptr || index.number(step.start(i)) != 0.0 || index.constant(step.start(i))->rank() != 0) continue;
    for (std::size_t side = 0; side < 2; ++side) {
      const bool counts =
          index.behind(add->inputs[side]) == step.state(i) && index.number(add->inputs[1 - side]) == 1.0;
      if (!counts || index.constant(add->inputs[1 - side])->rank() != 0) continue;
      step.counters_.push_back(step.state(i));
      break;
    }
  }
  return step;
}

std::optional<std::size_t> LoopStep::state_of(ir::ValueId value) const {
  for (std::size_t i = 0; i < state_count(); ++i) {
    if (state(i) == value) return i;
  }
  return std::nullopt;
}

bool LoopStep::is_invariant(ir::ValueId value) const {
  return value != 0 && (index_->constant(value) != nullptr || index_->home(value) != body_);
}

bool LoopStep::is_counter(ir::ValueId value) const {
  value = index_->behind_casts(value);
  return std::find(counters_.begin(), counters_.end(), value) != counters_.end();
}

std::optional<Rows> LoopStep::rows(ir::ValueId value) const {
  const auto* gather = index_->made_by(index_->behind(value), "Gather");
  if (gather == nullptr || gather->int_attr("axis", 0) != 0 || !is_counter(gather->inputs[1])) return std::nullopt;
  const auto& place = index_->type(gather->inputs[1]);
  if (!place.has_rank || !place.dims.empty()) return std::nullopt;
  const auto tensor = index_->behind(gather->inputs[0]);
  if (!is_invariant(tensor)) return std::nullopt;
  return Rows{tensor};
}

bool LoopStep::has_row_each(ir::ValueId tensor) const {
  // More iterations than rows would be an error, here as in TensorFlow.
  return reaches(0, tensor);
}

bool LoopStep::is_as_long(ir::ValueId count, ir::ValueId lengths, ir::ValueId tensor, int depth) const {
  count = index_->behind_casts(count);
  const auto& rows = index_->type(tensor);
  if (rows.has_rank && !rows.dims.empty() && index_->is_number(count, rows.dims[0])) return true;
  if (const auto number = index_->number(count)) {
    if (rows.has_rank && !rows.dims.empty() && rows.dims[0].is_known() &&
        *number >= static_cast<double>(rows.dims[0].size))
      return true;
    const auto known = index_->ints(lengths);
    return known &&
           std::all_of(known->begin(), known->end(), [&](auto n) { return static_cast<double>(n) <= *number; });
  }
  const auto* node = index_->maker(count);
  if (node == nullptr || !node->domain.empty() || depth == 0) return false;
  const auto each = [&](ir::ValueId input) { return is_as_long(input, lengths, tensor, depth - 1); };
  if (node->op == "Min") return std::all_of(node->inputs.begin(), node->inputs.end(), each);
  if (node->op == "Max") return std::any_of(node->inputs.begin(), node->inputs.end(), each);
  return node->op == "ReduceMax" && index_->behind_casts(node->inputs[0]) == index_->behind_casts(lengths);
}

bool LoopStep::reaches(ir::ValueId lengths, ir::ValueId tensor) const {
  constexpr int kDeepestBound = 8;
  return is_as_long(trip_count(), lengths, tensor, kDeepestBound);
}

/// The lengths, of the outside, where `ended` is true for lanes of which the iteration's number has reached them.
ir::ValueId LoopStep::lengths(ir::ValueId ended) const {
  bool is_column = false;
  for (;;) {
    const auto* node = index_->maker(ended);
    if (node == nullptr || !node->domain.empty()) return 0;
    if (node->op == "Identity" || node->op == "Unsqueeze" || node->op == "Expand") {
      // One truth value for each lane, as a column.
      const auto axes = node->op == "Unsqueeze" ? index_->ints(node->inputs[1]) : std::nullopt;
      if (node->op == "Unsqueeze" &&
          (is_column || !axes || axes->size() != 1 || (axes->front() != 1 && axes->front() != -1)))
        return 0;
      is_column = is_column || axes.has_value();
      ended = node->inputs[0];
      continue;
    }
    if (!is_column) return 0;
    bool negated = node->op == "Not";
    if (negated) node = index_->maker(index_->behind(node->inputs[0]));
    if (node == nullptr || node->inputs.size() != 2) return 0;
    // Reached: counter >= length, in one of four ways.
    ir::ValueId counter = 0, length = 0;
    if (node->op == (negated ? "Less" : "GreaterOrEqual")) {
      counter = node->inputs[0];
      length = node->inputs[1];
    } else if (node->op == (negated ? "Greater" : "LessOrEqual")) {
      counter = node->inputs[1];
      length = node->inputs[0];
    }
    if (counter == 0 || !is_counter(counter) || !is_invariant(length)) return 0;
    const auto& type = index_->type(length);
    return type.has_rank && type.dims.size() == 1 ? index_->behind(length) : 0;
  }
}

/// The mask of which `counts` is a row, as a column.
ir::ValueId LoopStep::mask(ir::ValueId counts) const {
  constexpr std::int64_t kColumn = 1;
  std::size_t rank = 3;
  for (;;) {
    const auto* node = index_->maker(counts);
    if (node == nullptr || !node->domain.empty()) return 0;
    if (node->op == "Unsqueeze") {
      const auto axes = index_->ints(node->inputs[1]);
      if (rank == 2 || !axes || axes->size() != 1 || (axes->front() != 1 && axes->front() != -1)) return 0;
      rank = 2;
    } else if (node->op != "Identity" && node->op != "Expand" && node->op != "Tile") {
      break;
    }
    counts = node->inputs[0];
  }
  const auto all = rows(counts);
  if (!all) return 0;
  const auto& type = index_->type(all->tensor);
  if (type.dtype != ir::DType::kBool || !type.has_rank || type.dims.size() != rank) return 0;
  return rank == 2 || type.dims[2].size == kColumn ? all->tensor : 0;
}

std::optional<LoopStep::Held> LoopStep::held(ir::ValueId value) const {
  const auto* where = index_->made_by(index_->behind(value), "Where");
  if (where == nullptr) return std::nullopt;
  const auto yes = index_->behind(where->inputs[1]), no = index_->behind(where->inputs[2]);
  if (const auto lens = lengths(where->inputs[0])) return Held{{lens, 0}, yes, no};
  if (const auto rows = mask(where->inputs[0])) return Held{{0, rows}, no, yes};
  return std::nullopt;
}

std::int64_t LoopStep::width(const Part& part) const {
  return part.is_whole() ? last_dim(index_->type(part.value)) : part.end - part.begin;
}

Part LoopStep::canonical(Part part) const {
  for (;;) {
    const auto* node = index_->maker(part.value);
    const auto& type = index_->type(part.value);
    if (!part.is_whole() && part.begin == 0 && part.end == last_dim(type)) part.end = -1;
    if (node == nullptr || !node->domain.empty() || is_invariant(part.value)) return part;
    std::int64_t begin = 0, end = 0;
    if (node->op == "Identity") {
      part.value = node->inputs[0];
      continue;
    }
    if (node->op == "Split") {
      const auto sizes = node->inputs.size() > 1 ? index_->ints(node->inputs[1]) : std::nullopt;
      if (!sizes || !is_last_axis(node->int_attr("axis", 0), index_->type(node->inputs[0]))) return part;
      for (std::size_t i = 0; node->outputs[i] != part.value; ++i) begin += (*sizes)[i];
      end = begin + last_dim(type);
      if (last_dim(type) < 0) return part;
    } else if (node->op == "Slice") {
      const auto starts = index_->ints(node->inputs[1]);
      const auto ends = index_->ints(node->inputs[2]);
      const auto axes = node->inputs.size() > 3 ? index_->ints(node->inputs[3]) : std::nullopt;
      const auto steps = node->inputs.size() > 4 && node->inputs[4] != 0 ? index_->ints(node->inputs[4]) : std::nullopt;
      const std::int64_t size = last_dim(index_->type(node->inputs[0]));
      if (!starts || !ends || !axes || size < 0 || (node->inputs.size() > 4 && !steps)) return part;
      end = size;
      for (std::size_t i = 0; i < axes->size(); ++i) {
        if (steps && (*steps)[i] != 1) return part;
        if (!is_last_axis((*axes)[i], index_->type(node->inputs[0]))) {
          if ((*starts)[i] != 0 || (*ends)[i] != std::numeric_limits<std::int64_t>::max()) return part;
          continue;
        }
        const auto place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
        begin = place((*starts)[i]);
        end = std::max(begin, place((*ends)[i]));
      }
    } else if (node->op == "Concat" && !part.is_whole() && is_last_axis(node->int_attr("axis", 0), type)) {
      bool inside = false;
      for (const auto input : node->inputs) {
        const std::int64_t size = last_dim(index_->type(input));
        if (size < 0) return part;
        inside = part.begin >= begin && part.end <= begin + size;
        if (inside) {
          part = {input, part.begin - begin, part.end - begin};
          break;
        }
        begin += size;
      }
      if (!inside) return part;
      continue;
    } else {
      return part;
    }
    part = {node->inputs[0], begin + part.begin, part.is_whole() ? end : begin + part.end};
  }
}

std::optional<Part> LoopStep::operand(const ir::Node& node, std::size_t i, const Part& part) const {
  Part result{node.inputs[i], part.begin, part.end};
  if (part.is_whole()) return canonical(result);
  const std::int64_t wide = last_dim(index_->type(part.value));
  const std::int64_t own = last_dim(index_->type(node.inputs[i]));
  if (index_->number(node.inputs[i])) return Part{node.inputs[i]};
  if (wide < 0 || own != wide) return std::nullopt;
  return canonical(result);
}

LinearForm LoopStep::linear(const Part& part) const {
  LinearForm form;
  add_linear(canonical(part), 1, kDeepestSum, form);
  return form;
}

bool LoopStep::add_product(const Part& left, const Part& weight, int sign, LinearForm& form) const {
  if (!is_invariant(weight.value)) return false;
  const auto& type = index_->type(weight.value);
  if (!type.has_rank || type.dims.size() != 2) return false;
  const auto* joined = left.is_whole() ? index_->made_by(left.value, "Concat") : nullptr;
  if (joined == nullptr || !is_last_axis(joined->int_attr("axis", 0), index_->type(left.value))) {
    form.addends.push_back({sign, left, weight, 0, -1});
    return true;
  }
  std::vector<Addend> addends;
  std::int64_t row = 0;
  for (const auto input : joined->inputs) {
    const Part atom = canonical({input});
    const std::int64_t rows = width(atom);
    if (rows < 0) return false;
    addends.push_back({sign, atom, weight, row, row + rows});
    row += rows;
  }
  form.addends.insert(form.addends.end(), addends.begin(), addends.end());
  return true;
}

void LoopStep::add_linear(const Part& part, int sign, int depth, LinearForm& form) const {
  const auto atom = [&] { form.addends.push_back({sign, part, {}, 0, -1}); };
  if (is_invariant(part.value)) {
    form.constants.push_back({sign, part});
    return;
  }
  const auto* node = index_->maker(part.value);
  if (node == nullptr || !node->domain.empty() || depth == 0) return atom();
  if (node->op == "MatMul") {
    if (!add_product(canonical({node->inputs[0]}), {node->inputs[1], part.begin, part.end}, sign, form)) atom();
    return;
  }
  if (node->op != "Add" && node->op != "Sub" && node->op != "Neg") return atom();
  std::vector<Part> operands;
  for (std::size_t i = 0; i < node->inputs.size(); ++i) {
    const auto each = operand(*node, i, part);
    if (!each) return atom();
    operands.push_back(*each);
  }
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const bool negated = node->op == "Neg" || (node->op == "Sub" && i == 1);
    add_linear(operands[i], negated ? -sign : sign, depth - 1, form);
  }
}

}  // namespace flowport::recognize
