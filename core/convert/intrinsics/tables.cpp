// Lookup tables. Like a variable, a table is known when converting: its content comes from the checkpoint, or from the op that
// fills it when TensorFlow loads the model. A lookup becomes LabelEncoder, or Gather where the keys are 0, 1, ... n - 1.
#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "convert/emission.h"
#include "convert/intrinsics/intrinsics.h"
#include "convert/intrinsics/table_file.h"
#include "convert/types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

struct TableState : StepState {
  std::optional<Problem> no_checkpoint;
  std::optional<Ref> filler;  // the handle input of the op that fills the table
  bool asked = false;
};

/// What fills a table reads beside its handle: keys and values, or a file's name.
bool reads_file(const tf::Node& node) { return node.op.starts_with("InitializeTableFromTextFile"); }

const tf::Node& node_of(const Ref& ref) { return ref.scope->graph->nodes[static_cast<std::size_t>(ref.edge.node)]; }

Result<TableContent> from_checkpoint(Engine& engine, const tf::Node& node) {
  auto saved = engine.program().table(node);
  if (!saved) return tl::make_unexpected(saved.error());
  auto keys = to_constant(saved->first);
  if (!keys) return tl::make_unexpected(keys.error());
  auto values = to_constant(saved->second);
  if (!values) return tl::make_unexpected(values.error());
  return TableContent{*keys, *values};
}

Result<ir::ConstantPtr> known_input(Engine& engine, const Ref& filler, std::size_t i) {
  auto value = engine.tensor(engine.bound({filler.scope, node_of(filler).inputs[i]}));
  if (!value) return tl::make_unexpected(value.error());
  const auto& constant = engine.model().values[*value].constant;
  if (constant == nullptr) {
    return problem(Fault::kUnsupported, fmt::format("the table is filled by '{}' with what the model's inputs decide",
                                                    node_of(filler).name));
  }
  return constant;
}

Result<TableContent> from_filler(Engine& engine, const tf::Node& table, const Ref& filler) {
  auto first = known_input(engine, filler, 1);
  if (!first) return tl::make_unexpected(first.error());
  if (reads_file(node_of(filler))) {
    if ((*first)->dtype() != ir::DType::kString || (*first)->count() != 1)
      return problem(Fault::kModel, "the name of a table's file is not one string");
    return read_table_file(engine.program(), table, node_of(filler), (*first)->strings().front());
  }
  auto values = known_input(engine, filler, 2);
  if (!values) return tl::make_unexpected(values.error());
  return TableContent{*first, *values};
}

/// The content of the table that input 0 is bound to. Nothing while it is still asked for, or where a problem was recorded.
std::optional<TableContent> content_of(Frame& frame, Step& outcome) {
  auto& engine = frame.engine();
  outcome = Step::kNeed;
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return std::nullopt;
  }
  outcome = Step::kDone;
  const Bound handle = frame.input(0);
  if (handle.kind == Bound::Kind::kNone) return std::nullopt;
  if (handle.kind != Bound::Kind::kTable) {
    frame.fail("its input is no lookup table that the model makes");
    return std::nullopt;
  }
  auto& table = engine.table(handle.id);
  if (table.content) return table.content;
  if (frame.state().state == nullptr) frame.state().state = std::make_unique<TableState>();
  auto& state = static_cast<TableState&>(*frame.state().state);
  const auto keep = [&](Result<TableContent> content) -> std::optional<TableContent> {
    if (content && (content->keys->rank() == 0 || content->values->rank() == 0 ||
                    content->keys->dims()[0] != content->values->dims()[0])) {
      content = problem(Fault::kModel, "the table has not as many values as keys");
    }
    if (!content) {
      frame.fail(content.error());
      return std::nullopt;
    }
    table.content = *std::move(content);
    return table.content;
  };

  const auto& fillers = engine.table_fillers();
  if (!state.asked) {
    state.asked = true;
    if (table.node->op.find("Mutable") != std::string_view::npos) {
      auto saved = from_checkpoint(engine, *table.node);
      if (saved) return keep(std::move(saved));
      state.no_checkpoint = saved.error();
    }
    for (const auto& filler : fillers) frame.need({filler.scope, node_of(filler).inputs[0]});
    outcome = Step::kNeed;
    return std::nullopt;
  }
  if (!state.filler) {
    const auto it = std::ranges::find_if(fillers, [&](const Ref& filler) {
      return engine.bound({filler.scope, node_of(filler).inputs[0]}) == handle;
    });
    if (it == fillers.end()) {
      frame.fail(state.no_checkpoint
                     ? sentence(*state.no_checkpoint)
                     : fmt::format("the model does not say what is in the table '{}'", table.node->name),
                 "convert the SavedModel, which has what fills its tables, instead of a frozen graph");
      return std::nullopt;
    }
    state.filler = *it;
    for (std::size_t i = 1; i < node_of(*it).inputs.size(); ++i) frame.need({it->scope, node_of(*it).inputs[i]});
    outcome = Step::kNeed;
    return std::nullopt;
  }
  return keep(from_filler(engine, *table.node, *state.filler));
}

/// LabelEncoder's attribute `prefix` ("keys", "values") with the elements of `list`; nothing for a type it does not have.
std::optional<ir::Attribute> label_list(const std::string& prefix, const ir::Constant& list) {
  switch (list.dtype()) {
    case ir::DType::kString: return ir::Attribute{prefix + "_strings", list.strings()};
    case ir::DType::kInt32:
    case ir::DType::kInt64: return ir::Attribute{prefix + "_int64s", list.as_ints()};
    case ir::DType::kFloat: {
      const auto numbers = list.as_doubles();
      return ir::Attribute{prefix + "_floats", std::vector<float>(numbers.begin(), numbers.end())};
    }
    default: return std::nullopt;
  }
}

std::optional<ir::Attribute> label_default(const ir::ConstantPtr& value) {
  if (value == nullptr || value->count() != 1) return std::nullopt;
  switch (value->dtype()) {
    case ir::DType::kString: return ir::Attribute{"default_string", value->strings().front()};
    case ir::DType::kInt64: return ir::Attribute{"default_int64", value->as_ints().front()};
    case ir::DType::kFloat: return ir::Attribute{"default_float", static_cast<float>(value->as_doubles().front())};
    default: return std::nullopt;
  }
}

/// Where key i stands, if the keys are 0, 1, ... n - 1 in some order.
std::optional<std::vector<std::int64_t>> dense_places(const ir::Constant& keys) {
  if (keys.dtype() != ir::DType::kInt32 && keys.dtype() != ir::DType::kInt64) return std::nullopt;
  const auto numbers = keys.as_ints();
  std::vector<std::int64_t> places(numbers.size(), -1);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] < 0 || static_cast<std::size_t>(numbers[i]) >= numbers.size()) return std::nullopt;
    auto& place = places[static_cast<std::size_t>(numbers[i])];
    if (place >= 0) return std::nullopt;
    place = static_cast<std::int64_t>(i);
  }
  return places;
}

/// Values at `places`, and `fallback` where a place is not one of the table's `count`.
ir::ValueId take(Emission& emit, ir::ValueId values, ir::ValueId places, std::int64_t count, ir::ValueId fallback,
                 std::size_t value_rank) {
  ir::ValueId inside =
      emit("And", {emit("GreaterOrEqual", {places, emit.scalar(0)}), emit("Less", {places, emit.scalar(count)})});
  const ir::ValueId found = emit.gather(values, emit("Where", {inside, places, emit.scalar(0)}));
  for (std::size_t i = 1; i < value_rank; ++i) {
    inside = emit("Unsqueeze", {inside, emit.ints({-1})});
  }
  return emit("Where", {inside, found, fallback});
}

ir::ValueId look_up(Emission& emit, const TableContent& table, ir::ValueId keys, ir::ValueId fallback,
                    const ir::ConstantPtr& known_fallback) {
  const std::int64_t count = table.keys->dims()[0];
  if (count == 0) return emit("Expand", {fallback, emit.concat({emit("Shape", {keys}), emit("Shape", {fallback})})});
  const bool is_string = table.keys->dtype() == ir::DType::kString;
  const ir::ValueId wanted = is_string ? keys : emit.cast(keys, ir::DType::kInt64);
  const ir::ValueId values = emit.model().add_constant(table.values);
  const std::size_t value_rank = table.values->dims().size();
  if (const auto places = dense_places(*table.keys)) {
    const ir::ValueId ordered = emit.gather(values, emit.ints(*places));
    return take(emit, ordered, wanted, count, fallback, value_rank);
  }
  const auto labels = [&](ir::Attribute to, ir::Attribute otherwise) {
    const ir::ValueId found =
        emit.ml("LabelEncoder", {wanted}, {*label_list("keys", *table.keys), std::move(to), std::move(otherwise)});
    if (found == 0) return found;
    ir::Type type = emit.type(wanted);  // which ONNX does not infer at every version
    type.dtype = emit.type(found).dtype;
    emit.type(found) = std::move(type);
    return found;
  };
  auto to = value_rank == 1 && table.values->dtype() != ir::DType::kInt32 ? label_list("values", *table.values)
                                                                          : std::nullopt;
  auto otherwise = label_default(known_fallback);
  if (to && otherwise) return labels(*std::move(to), *std::move(otherwise));
  std::vector<std::int64_t> places(static_cast<std::size_t>(count));
  std::iota(places.begin(), places.end(), 0);
  const ir::ValueId place = labels({"values_int64s", places}, {"default_int64", std::int64_t{-1}});
  return take(emit, values, place, count, fallback, value_rank);
}

}  // namespace

Step table(Frame& frame) {
  frame.bind(Bound::table(frame.engine().table_of(frame.node())));
  return Step::kDone;
}

Step table_find(Frame& frame) {
  Step outcome = Step::kDone;
  const auto content = content_of(frame, outcome);
  if (!content) return outcome;
  auto& engine = frame.engine();
  const auto keys = frame.tensor_input(1), fallback = frame.tensor_input(2);
  if (!keys || !fallback) return Step::kDone;
  const ir::DType key_type = content->keys->dtype();
  const bool is_known_type =
      key_type == ir::DType::kString || key_type == ir::DType::kInt32 || key_type == ir::DType::kInt64;
  if (!is_known_type || content->keys->rank() != 1) {
    return frame.fail(
        fmt::format("a lookup table with keys of type {} and rank {}", ir::name_of(key_type), content->keys->rank()),
        "use a table from single integers or strings");
  }
  engine.set_origin(frame.scope(), frame.node(), "core");
  Emission emit(engine.emitter(), *frame.scope().target);
  const ir::ConstantPtr known_fallback = engine.model().values[*fallback].constant;
  const ir::ValueId found = look_up(emit, *content, *keys, *fallback, known_fallback);
  if (emit.problem()) return frame.fail(*emit.problem());
  frame.bind(Bound::tensor(found));
  return Step::kDone;
}

Step table_size(Frame& frame) {
  Step outcome = Step::kDone;
  const auto content = content_of(frame, outcome);
  if (!content) return outcome;
  frame.bind(Bound::tensor(frame.engine().model().add_constant(ir::Constant::int_scalar(content->keys->dims()[0]))));
  return Step::kDone;
}

}  // namespace flowport::convert::intrinsics
