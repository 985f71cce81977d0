// The function table of FakeHost, and how it runs a plugin's rows.
#pragma once

#include <flowport/testing/call.hpp>
#include <flowport/testing/complex.hpp>

namespace flowport::testing {

/// The host whose functions are being called without a node: option() in init(), and interface_of().
inline thread_local FakeHost* current_host = nullptr;

/// The functions; each answers as abi.h says.
struct FakeFunctions {
  static flowport_status node_info(flowport_node* node, flowport_node_info* out) {
    const auto& given = Call::subject(node).node->data();
    out->num_inputs = static_cast<std::uint32_t>(given.inputs.size());
    out->num_outputs = static_cast<std::uint32_t>(given.outputs.size());
    out->reserved = 0;
    out->op = to_str(given.op);
    out->name = to_str(given.name);
    out->path = to_str(given.path);
    return FLOWPORT_OK;
  }
  static flowport_status node_arity(flowport_node* node, flowport_str arg, std::uint32_t* first, std::uint32_t* count) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto& given = Call::subject(node).node->data();
    *count = 0;
    for (std::size_t i = 0; i < given.inputs.size(); ++i) {
      if (given.inputs[i].arg.empty() || given.inputs[i].arg != to_view(arg)) continue;
      if (*count == 0) *first = static_cast<std::uint32_t>(i);
      ++*count;
    }
    if (*count != 0) return FLOWPORT_OK;
    for (const auto& [name, at] : given.empty_lists) {
      if (name != to_view(arg)) continue;
      *first = static_cast<std::uint32_t>(at);
      return FLOWPORT_OK;
    }
    return call.decline(given.op + " has no argument '" + std::string(to_view(arg)) + "'");
  }
  static flowport_status node_input(flowport_node* node, std::uint32_t i, flowport_value* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto& inputs = Call::subject(node).node->data().inputs;
    if (i >= inputs.size()) {
      return call.bad("input " + std::to_string(i) + " was asked for; the node has " + std::to_string(inputs.size()));
    }
    if (inputs[i].is_opaque) return call.fail(FLOWPORT_UNSUPPORTED, "input " + std::to_string(i) + " is not a tensor");
    if (inputs[i].is_absent) {
      *out = 0;
      return FLOWPORT_OK;
    }
    const bool is_own = node == call.handle();
    const std::string name = (is_own ? "x" : Call::subject(node).node->data().name + ".x") + std::to_string(i);
    *out = call.give(name + inputs[i].tensor.part, carried(inputs[i].tensor));
    call.origins()[call.values().size() - 1] = &inputs[i];
    return FLOWPORT_OK;
  }
  static flowport_status node_output_type(flowport_node* node, std::uint32_t i, flowport_type* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto& outputs = Call::subject(node).node->data().outputs;
    if (i >= outputs.size()) {
      return call.bad("output " + std::to_string(i) + " was asked for; the node has " + std::to_string(outputs.size()));
    }
    *out = call.view(outputs[i]);
    return FLOWPORT_OK;
  }
  static flowport_status node_attr(flowport_node* node, flowport_str name, flowport_attr* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto& attrs = Call::subject(node).node->data().attrs;
    const auto at = attrs.find(to_view(name));
    *out = at == attrs.end() ? flowport_attr{name, FLOWPORT_ATTR_NONE, 0, nullptr} : call.view(at->first, at->second);
    return FLOWPORT_OK;
  }
  static flowport_status value_type(flowport_node* node, flowport_value handle, flowport_type* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto value = call.find(handle, "value_type");
    if (!value) return FLOWPORT_BAD_CALL;
    *out = call.view(call.values()[*value]);
    return FLOWPORT_OK;
  }
  static flowport_status value_const(flowport_node* node, flowport_value handle, flowport_tensor* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto value = call.find(handle, "value_const");
    if (!value) return FLOWPORT_BAD_CALL;
    *out = call.content(call.values()[*value]);
    return FLOWPORT_OK;
  }
  static flowport_status value_items(flowport_node* node, flowport_value handle, const flowport_item** out,
                                     std::uint32_t* count) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto value = call.find(handle, "value_items");
    if (!value) return FLOWPORT_BAD_CALL;
    const Tensor& tensor = call.values()[*value];
    *out = nullptr;
    *count = 0;
    auto& items = call.items().emplace_back(tensor.items);
    const auto numbers = known_numbers(tensor);
    const bool counts = tensor.dtype == DType::kInt64 || tensor.dtype == DType::kInt32;
    if (numbers && counts && tensor.dims->size() <= 1) {
      for (const auto number : *numbers) items.push_back({number, 1, 0});
    } else if (items.empty()) {
      return FLOWPORT_OK;
    }
    *out = items.data();
    *count = static_cast<std::uint32_t>(items.size());
    return FLOWPORT_OK;
  }
  static flowport_status emit(flowport_node* node, const flowport_op* op, flowport_value* outputs) {
    Call& call = Call::of(node);
    return call.refuses() ? FLOWPORT_BAD_CALL : call.emit(*op, outputs);
  }
  static flowport_status constant(flowport_node* node, const flowport_tensor* given, flowport_value* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    auto tensor = call.read(*given);
    if (!tensor) return FLOWPORT_BAD_CALL;
    std::string text = constant_text(*tensor);
    *out = call.give(std::move(text), *std::move(tensor));
    return FLOWPORT_OK;
  }
  static flowport_status set_type(flowport_node* node, flowport_value handle, const flowport_type* given) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    const auto value = call.find(handle, "set_type");
    if (!value) return FLOWPORT_BAD_CALL;
    Tensor& tensor = call.values()[*value];
    const auto dtype = static_cast<DType>(given->dtype);
    if (tensor.dtype == DType::kUndefined) tensor.dtype = dtype;
    const bool ranks_fit =
        given->rank < 0 || !tensor.dims || tensor.dims->size() == static_cast<std::size_t>(given->rank);
    if (tensor.dtype != dtype || !ranks_fit) return call.bad("set_type contradicts what is known of the value");
    if (given->rank < 0) return FLOWPORT_OK;
    if (!tensor.dims) tensor.dims = Ints(static_cast<std::size_t>(given->rank), -1);
    for (std::size_t i = 0; i < tensor.dims->size(); ++i) {
      const std::int64_t dim = given->dims[i];
      if (dim < 0) continue;
      if ((*tensor.dims)[i] >= 0 && (*tensor.dims)[i] != dim)
        return call.bad("set_type contradicts dim " + std::to_string(i));
      (*tensor.dims)[i] = dim;
    }
    return FLOWPORT_OK;
  }
  static flowport_status bind_output(flowport_node* node, std::uint32_t i, flowport_value handle) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    if (node != call.handle()) return call.bad("an output of another node was bound");
    if (i >= call.bound().size()) {
      return call.bad("output " + std::to_string(i) + " was bound; the node has " +
                      std::to_string(call.bound().size()));
    }
    if (call.bound()[i]) return call.bad("output " + std::to_string(i) + " was bound twice");
    const auto value = call.find(handle, "bind_output");
    if (!value) return FLOWPORT_BAD_CALL;
    call.bound()[i] = *value;
    return FLOWPORT_OK;
  }
  static std::uint32_t opset(flowport_node* node, flowport_str domain) {
    const auto& opsets = Call::of(node).host().setup().opsets;
    const auto at = opsets.find(to_view(domain) == "ai.onnx" ? std::string_view() : to_view(domain));
    return at == opsets.end() ? 0 : static_cast<std::uint32_t>(at->second);
  }
  /// The node is NULL in init().
  static flowport_status option(flowport_node*, flowport_str name, flowport_str* out) {
    const auto& options = current_host->setup().options;
    const auto at = options.find(to_view(name));
    if (at == options.end()) return FLOWPORT_DECLINED;
    *out = to_str(at->second);
    return FLOWPORT_OK;
  }
  static void note(flowport_node* node, flowport_str text) { Call::of(node).notes().emplace_back(to_view(text)); }
  static flowport_status fail(flowport_node* node, flowport_status code, flowport_str text, flowport_str hint) {
    return Call::of(node).fail(code, std::string(to_view(text)), std::string(to_view(hint)));
  }
  static const void* interface_of(flowport_str id) {
    static constexpr flowport_body_api kBody{sizeof(flowport_body_api), 0, begin_body, body_input, end_body};
    static constexpr flowport_producer_api kProducer{sizeof(flowport_producer_api), 0, producer_of};
    if (!current_host->setup().has_interfaces) return nullptr;
    if (to_view(id) == FLOWPORT_BODY_API) return &kBody;
    return to_view(id) == FLOWPORT_PRODUCER_API ? &kProducer : nullptr;
  }

  static flowport_status begin_body(flowport_node* node, flowport_body* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    call.graphs().push_back(call.graph_list().size());
    call.graph_list().emplace_back();
    *out = static_cast<flowport_body>(call.graphs().back());
    return FLOWPORT_OK;
  }
  static flowport_status body_input(flowport_node* node, const flowport_type* type, flowport_value* out) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    if (call.graphs().size() < 2) return call.bad("body input without an open body");
    const std::string name = call.next_name();
    call.graph_list()[call.graphs().back()].inputs.push_back(name);
    *out = call.give(name,
                     of_type(static_cast<DType>(type->dtype),
                             type->rank < 0 ? std::nullopt : std::optional(Ints(type->dims, type->dims + type->rank))));
    return FLOWPORT_OK;
  }
  static flowport_status end_body(flowport_node* node, flowport_body body, const flowport_value* outputs,
                                  std::uint32_t count) {
    Call& call = Call::of(node);
    if (call.refuses()) return FLOWPORT_BAD_CALL;
    if (call.graphs().size() < 2 || call.graphs().back() != body)
      return call.bad("body " + std::to_string(body) + " is not the innermost open body");
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto value = call.find(outputs[i], "body output");
      if (!value) return FLOWPORT_BAD_CALL;
      call.graph_list()[body].outputs.push_back(*value);
    }
    call.graphs().pop_back();
    return FLOWPORT_OK;
  }
  static flowport_status producer_of(flowport_node* node, flowport_value handle, flowport_node** out) {
    Call& call = Call::of(node);
    *out = nullptr;
    const auto value = call.find(handle, "producer_of");
    if (!value) return FLOWPORT_BAD_CALL;
    const auto origin = call.origins().find(*value);
    if (origin == call.origins().end() || origin->second->maker == nullptr) return FLOWPORT_DECLINED;
    *out =
        reinterpret_cast<flowport_node*>(&call.producers().emplace_back(Subject{&call, origin->second->maker.get()}));
    return FLOWPORT_OK;
  }
};

/// The rows of a table as this header knows them, however large those of the plugin are.
template <typename Row>
std::vector<Row> rows_of(const flowport_table& table) {
  std::vector<Row> rows(table.count);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::memcpy(&rows[i], static_cast<const char*>(table.data) + i * table.stride,
                std::min<std::size_t>(sizeof(Row), table.stride));
  }
  return rows;
}

/// A function table that ends where `size` says: what reads past it reads past an allocation.
class FakeTable {
 public:
  explicit FakeTable(std::size_t size) : bytes_(size / sizeof(std::uint64_t)) {
    using F = FakeFunctions;
    const flowport_host whole{static_cast<std::uint32_t>(size),
                              FLOWPORT_ABI_MAJOR,
                              FLOWPORT_ABI_MINOR,
                              F::node_info,
                              F::node_arity,
                              F::node_input,
                              F::node_output_type,
                              F::node_attr,
                              F::value_type,
                              F::value_const,
                              F::value_items,
                              F::emit,
                              F::constant,
                              F::set_type,
                              F::bind_output,
                              F::opset,
                              F::option,
                              F::note,
                              F::fail,
                              F::interface_of};
    std::memcpy(bytes_.data(), &whole, std::min(sizeof(whole), bytes_.size() * sizeof(std::uint64_t)));
  }
  const flowport_host* get() const { return reinterpret_cast<const flowport_host*>(bytes_.data()); }

 private:
  std::vector<std::uint64_t> bytes_;
};

inline Outcome failed_outcome(flowport_status status, std::string reason) {
  Outcome outcome;
  outcome.status = status;
  outcome.reason = std::move(reason);
  return outcome;
}

inline Outcome FakeHost::run(Function function, const GivenNode& node, void* state, int& emitted) {
  const FakeTable table(setup_.table_size);
  FakeHost* const before = std::exchange(current_host, this);
  Call call(*this, node, emitted);
  const flowport_status status = function(table.get(), call.handle(), state);
  current_host = before;
  return call.settle(status);
}

inline Outcome FakeHost::run_by_parts(Function function, const GivenNode& node, void* state) {
  const auto& data = node.data();
  const bool has_input =
      std::ranges::any_of(data.inputs, [](const auto& input) { return is_complex(input.tensor.dtype); });
  if (!has_input) {
    return failed_outcome(FLOWPORT_DECLINED,
                          "it makes complex tensors from the parts of complex inputs, and no input is complex");
  }
  int emitted = 0;
  Outcome real = run(function, part_of(node, Part::kReal), state, emitted);
  const bool has_output =
      std::ranges::any_of(data.outputs, [](const auto& output) { return is_complex(output.dtype); });
  if (real.status != FLOWPORT_OK || !has_output) return real;
  const Outcome imaginary = run(function, part_of(node, Part::kImaginary), state, emitted);
  return imaginary.status == FLOWPORT_OK ? joined(node, std::move(real), imaginary) : imaginary;
}

inline std::optional<std::string> FakeHost::initialise(const flowport_plugin& plugin, void** state) {
  setup_.schemas = rows_of<flowport_schema>(plugin.schemas);
  if (plugin.init == nullptr) return std::nullopt;
  const FakeTable table(setup_.table_size);
  FakeHost* const before = std::exchange(current_host, this);
  const char* reason = nullptr;
  const flowport_status status = plugin.init(table.get(), state, &reason);
  current_host = before;
  if (status == FLOWPORT_OK) return std::nullopt;
  return std::string("init: ") + (reason == nullptr ? "gave no reason" : reason);
}

inline Outcome FakeHost::convert(const flowport_handler& row, const GivenNode& node, void* state) {
  const auto& inputs = node.data().inputs;
  for (std::size_t i = 0; i < inputs.size() && i < 64; ++i) {
    if ((row.const_inputs >> i & 1U) != 0 && !inputs[i].tensor.is_known()) {
      return failed_outcome(FLOWPORT_DECLINED, "input " + std::to_string(i) + " must be known when converting");
    }
  }
  const bool is_complex_node = has_complex(node);
  if (is_complex_node && (row.flags & FLOWPORT_HANDLER_PARTS) != 0) return run_by_parts(row.convert, node, state);
  if (is_complex_node != ((row.flags & FLOWPORT_HANDLER_COMPLEX) != 0)) {
    return failed_outcome(FLOWPORT_DECLINED, is_complex_node ? "it takes no complex tensors"
                                                             : "it is for nodes with complex tensors only");
  }
  int emitted = 0;
  return run(row.convert, node, state, emitted);
}

inline Outcome FakeHost::convert(const flowport_plugin& plugin, const GivenNode& node) {
  void* state = nullptr;
  if (auto refused = initialise(plugin, &state)) return failed_outcome(FLOWPORT_PLUGIN_BUG, *std::move(refused));
  std::vector<flowport_handler> fitting;
  for (const auto& row : rows_of<flowport_handler>(plugin.handlers)) {
    const std::string domain = row.domain == nullptr || std::string_view(row.domain) == "ai.onnx" ? "" : row.domain;
    const auto opset = setup_.opsets.find(domain);
    if (node.data().op != row.tf_op || opset == setup_.opsets.end()) continue;
    if (opset->second < row.opset_min || (row.opset_max != 0 && opset->second > row.opset_max)) continue;
    fitting.push_back(row);
  }
  std::ranges::stable_sort(fitting, [](const auto& a, const auto& b) {
    return std::pair(a.opset_min, a.priority) > std::pair(b.opset_min, b.priority);
  });
  Outcome last = failed_outcome(FLOWPORT_PLUGIN_BUG, "no handler of " + node.data().op + " fits the opset");
  for (const auto& row : fitting) {
    last = convert(row, node, state);
    if (last.status != FLOWPORT_DECLINED) break;
  }
  if (plugin.shutdown != nullptr) plugin.shutdown(state);
  return last;
}

inline Outcome FakeHost::apply(const flowport_plugin& plugin, std::string_view rewrite_id, const GivenNode& match) {
  void* state = nullptr;
  if (auto refused = initialise(plugin, &state)) return failed_outcome(FLOWPORT_PLUGIN_BUG, *std::move(refused));
  Outcome outcome = failed_outcome(FLOWPORT_PLUGIN_BUG, "no rewrite is called " + std::string(rewrite_id));
  for (const auto& row : rows_of<flowport_rewrite>(plugin.rewrites)) {
    int emitted = 0;
    if (rewrite_id == row.id) outcome = run(row.apply, match, state, emitted);
  }
  if (plugin.shutdown != nullptr) plugin.shutdown(state);
  return outcome;
}

}  // namespace flowport::testing
