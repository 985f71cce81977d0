// One call of a handler in FakeHost: the values, the patch, and the failure that was recorded.
#pragma once

#include <flowport/testing/infer.hpp>
#include <flowport/testing/text.hpp>

#include <deque>

namespace flowport::testing {

class Call;

/// A node as the plugin sees it behind a flowport_node*: the one being converted, or one that made an input.
struct Subject {
  Call* call;
  const GivenNode* node;
};

class Call {
 public:
  static constexpr std::uint32_t kIndexMask = 0xfffff;  // the bits above tell the calls apart

  Call(FakeHost& host, const GivenNode& node, int& emitted)
      : host_(host), subject_{this, &node}, bound_(node.data().outputs.size()), emitted_(emitted) {
    static std::uint32_t number = 0;
    generation_ = ((++number & 0x7ff) + 1) << 20;
    graphs_.push_back(0);
    graph_list_.emplace_back();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  flowport_node* handle() { return reinterpret_cast<flowport_node*>(&subject_); }
  static Subject& subject(flowport_node* node) { return *reinterpret_cast<Subject*>(node); }
  static Call& of(flowport_node* node) { return *subject(node).call; }

  flowport_status fail(flowport_status code, std::string reason, std::string hint = {}) {
    if (!failed_) {
      failed_ = true;
      reason_ = std::move(reason);
      hint_ = std::move(hint);
    }
    return code;
  }
  /// An answer, and no failure; its reason is that of a handler which gives the status back.
  flowport_status decline(std::string reason) {
    declined_ = std::move(reason);
    return FLOWPORT_DECLINED;
  }
  flowport_status bad(std::string reason) { return fail(FLOWPORT_BAD_CALL, std::move(reason)); }
  /// Whether this call of the host is one of those that FakeHost::refuse_from turns down.
  bool refuses() {
    if (host_.setup().refuse_from == 0 || ++calls_ < host_.setup().refuse_from) return false;
    fail(FLOWPORT_BAD_CALL, "the test's host refuses this call");
    return true;
  }

  flowport_value give(std::string name, Tensor tensor) {
    names_.push_back(std::move(name));
    values_.push_back(std::move(tensor));
    return generation_ | static_cast<std::uint32_t>(values_.size());
  }
  /// Index of the value behind a handle; nullopt with the failure recorded.
  std::optional<std::size_t> find(flowport_value handle, const std::string& what) {
    const std::uint32_t index = handle & kIndexMask;
    if ((handle & ~kIndexMask) == generation_ && index >= 1 && index <= values_.size()) return index - 1;
    fail(FLOWPORT_BAD_CALL, what + " got the value " + std::to_string(handle) + ", which this call does not have",
         "a value may be used only within the call that got it");
    return std::nullopt;
  }

  flowport_type view(const Tensor& tensor) {
    const auto& dims = dims_.emplace_back(tensor.dims.value_or(Ints{}));
    return {sizeof(flowport_type), static_cast<std::int32_t>(tensor.dtype),
            tensor.dims ? static_cast<std::int32_t>(dims.size()) : -1, 0, dims.data()};
  }
  flowport_tensor content(const Tensor& tensor) {
    static constexpr char kEmpty = 0;  // known and empty is not unknown
    flowport_tensor out{view(tensor), nullptr, 0};
    if (tensor.strings) {
      auto& views = strings_.emplace_back();
      for (const auto& text : *tensor.strings) views.push_back(to_str(text));
      out.data = views.empty() ? static_cast<const void*>(&kEmpty) : views.data();
      out.bytes = views.size() * sizeof(flowport_str);
    } else if (tensor.data) {
      out.data = tensor.data->empty() ? static_cast<const void*>(&kEmpty) : tensor.data->data();
      out.bytes = tensor.data->size();
    }
    return out;
  }
  flowport_attr view(const std::string& name, const GivenAttr& given) {
    flowport_attr out{to_str(name), given.kind, 1, nullptr};
    const auto list = [&](const auto& items) {
      if (items.empty()) out.kind = FLOWPORT_ATTR_INTS;  // an empty list does not say of what
      out.count = static_cast<std::uint32_t>(items.size());
      out.data = items.data();
    };
    switch (given.kind) {
      case FLOWPORT_ATTR_INT:
      case FLOWPORT_ATTR_INTS: list(given.ints); break;
      case FLOWPORT_ATTR_FLOAT:
      case FLOWPORT_ATTR_FLOATS: list(given.floats); break;
      case FLOWPORT_ATTR_STRING:
      case FLOWPORT_ATTR_STRINGS: {
        auto& views = strings_.emplace_back();
        for (const auto& text : given.strings) views.push_back(to_str(text));
        list(views);
        break;
      }
      case FLOWPORT_ATTR_TYPE: list(given.types); break;
      case FLOWPORT_ATTR_SHAPE: {
        auto& shapes = shapes_.emplace_back();
        for (const auto& shape : given.shapes) shapes.push_back(view(of_type(DType::kUndefined, shape.dims)));
        list(shapes);
        break;
      }
      case FLOWPORT_ATTR_TENSOR: out.data = &tensors_.emplace_back(content(*given.tensor)); break;
      default: break;
    }
    return out;
  }

  /// A constant that the plugin gave; nullopt with the failure recorded.
  std::optional<Tensor> read(const flowport_tensor& given) {
    const auto dtype = static_cast<DType>(given.type.dtype);
    const std::size_t element = dtype == DType::kString ? sizeof(flowport_str) : size_of(dtype);
    const auto refuse = [&](std::string why) -> std::optional<Tensor> {
      bad(std::move(why));
      return std::nullopt;
    };
    if (element == 0) return refuse("a constant has the unknown element type " + std::to_string(given.type.dtype));
    if (given.type.rank < 0) return refuse("a constant needs a known rank");
    std::size_t count = 1;
    for (int i = 0; i < given.type.rank; ++i) {
      if (given.type.dims[i] < 0)
        return refuse("dim " + std::to_string(i) + " of a constant is " + std::to_string(given.type.dims[i]));
      count *= static_cast<std::size_t>(given.type.dims[i]);
    }
    if (given.bytes != count * element) {
      return refuse("a constant has " + std::to_string(given.bytes) + " bytes, its type needs " +
                    std::to_string(count * element));
    }
    Tensor tensor = of_type(dtype, Ints(given.type.dims, given.type.dims + given.type.rank));
    if (dtype == DType::kString) {
      const auto* items = static_cast<const flowport_str*>(given.data);
      tensor.strings.emplace();
      for (std::size_t i = 0; i < count; ++i) tensor.strings->emplace_back(to_view(items[i]));
    } else {
      const auto* bytes = static_cast<const std::byte*>(given.data);
      tensor.data.emplace(bytes, bytes + given.bytes);
    }
    return tensor;
  }

  /// An attribute to emit; nullopt with the failure recorded. A body's id is in `ints`.
  std::optional<GivenAttr> read(const flowport_attr& given, const std::string& op) {
    const std::string name(to_view(given.name));
    GivenAttr attr;
    attr.kind = given.kind;
    const auto list = [&]<typename T>(std::vector<T>& into) {
      const auto* items = static_cast<const T*>(given.data);
      into.assign(items, items + given.count);
    };
    switch (given.kind) {
      case FLOWPORT_ATTR_INT: attr.ints = {*static_cast<const std::int64_t*>(given.data)}; break;
      case FLOWPORT_ATTR_FLOAT: attr.floats = {*static_cast<const float*>(given.data)}; break;
      case FLOWPORT_ATTR_STRING:
        attr.strings.emplace_back(to_view(*static_cast<const flowport_str*>(given.data)));
        break;
      case FLOWPORT_ATTR_INTS: list(attr.ints); break;
      case FLOWPORT_ATTR_FLOATS: list(attr.floats); break;
      case FLOWPORT_ATTR_STRINGS:
        for (std::uint32_t i = 0; i < given.count; ++i)
          attr.strings.emplace_back(to_view(static_cast<const flowport_str*>(given.data)[i]));
        break;
      case FLOWPORT_ATTR_TENSOR: {
        attr.tensor = read(*static_cast<const flowport_tensor*>(given.data));
        if (!attr.tensor) return std::nullopt;
        break;
      }
      case FLOWPORT_ATTR_BODY: {
        const auto id = *static_cast<const flowport_body*>(given.data);
        if (id == 0 || id >= graph_list_.size()) {
          bad(op + ": there is no body " + std::to_string(id));
          return std::nullopt;
        }
        attr.ints = {static_cast<std::int64_t>(id)};
        break;
      }
      default:
        bad(op + ": attribute '" + name + "' has kind " + std::to_string(given.kind) + ", which cannot be emitted");
        return std::nullopt;
    }
    return attr;
  }

  flowport_status emit(const flowport_op& op, flowport_value* outputs);
  Outcome settle(flowport_status status);

  FakeHost& host() { return host_; }
  std::vector<Tensor>& values() { return values_; }
  std::vector<std::optional<std::size_t>>& bound() { return bound_; }
  std::vector<std::string>& notes() { return notes_; }
  std::vector<std::size_t>& graphs() { return graphs_; }
  std::deque<GraphText>& graph_list() { return graph_list_; }
  std::string name_at(std::size_t i) const { return names_[i]; }
  std::string next_name() { return "v" + std::to_string(emitted_++); }
  std::deque<Subject>& producers() { return producers_; }
  std::deque<std::vector<flowport_item>>& items() { return items_; }
  /// Which input of the subject a value came from.
  std::map<std::size_t, const GivenNode::Input*>& origins() { return origins_; }
  Subject& own_subject() { return subject_; }

 private:
  std::optional<std::string> check_custom(const std::string& domain, const std::string& op, std::size_t num_inputs,
                                          const std::map<std::string, GivenAttr>& attrs) const;

  FakeHost& host_;
  Subject subject_;
  std::uint32_t generation_ = 0;
  std::vector<std::string> names_;
  std::vector<Tensor> values_;
  std::vector<std::optional<std::size_t>> bound_;
  std::vector<std::string> notes_;
  std::vector<std::size_t> graphs_;   // the open ones, innermost last
  std::deque<GraphText> graph_list_;  // the main one, then the bodies
  std::map<std::size_t, const GivenNode::Input*> origins_;
  std::string reason_, hint_, declined_;
  bool failed_ = false;
  int calls_ = 0;
  int& emitted_;
  // What was given out lives as long as the call.
  std::deque<Ints> dims_;
  std::deque<std::vector<flowport_str>> strings_;
  std::deque<std::vector<flowport_type>> shapes_;
  std::deque<flowport_tensor> tensors_;
  std::deque<std::vector<flowport_item>> items_;
  std::deque<Subject> producers_;
};

inline std::optional<std::string> Call::check_custom(const std::string& domain, const std::string& op,
                                                     std::size_t num_inputs,
                                                     const std::map<std::string, GivenAttr>& attrs) const {
  const auto version = host_.setup().opsets.find(domain);
  const flowport_schema* schema = nullptr;
  for (const auto& each : host_.setup().schemas) {
    if (each.domain != domain || each.op != op) continue;
    if (version != host_.setup().opsets.end() && each.since_version > static_cast<std::uint32_t>(version->second))
      continue;
    if (schema == nullptr || each.since_version > schema->since_version) schema = &each;
  }
  const std::string name = domain + "::" + op;
  if (schema == nullptr) {
    return "no schema for " + name + " is registered: a plugin or a mapping must declare the ops of its own domain";
  }
  if (num_inputs < schema->min_inputs || num_inputs > schema->max_inputs) {
    return name + " takes " + std::to_string(schema->min_inputs) + " to " + std::to_string(schema->max_inputs) +
           " inputs, not " + std::to_string(num_inputs);
  }
  std::vector<flowport_schema_attr> rows;
  for (std::uint32_t i = 0; i < schema->attrs.count; ++i) {
    flowport_schema_attr row{};
    std::memcpy(&row, static_cast<const char*>(schema->attrs.data) + std::size_t{i} * schema->attrs.stride,
                std::min<std::size_t>(sizeof(row), schema->attrs.stride));
    rows.push_back(row);
  }
  for (const auto& [attr, value] : attrs) {
    if (std::ranges::none_of(rows, [&name_of_attr = attr](const auto& row) { return name_of_attr == row.name; }))
      return name + " has no attribute '" + attr + "'";
  }
  for (const auto& row : rows) {
    if (row.required != 0 && !attrs.contains(row.name)) return name + " needs the attribute '" + row.name + "'";
  }
  return std::nullopt;
}

inline flowport_status Call::emit(const flowport_op& op, flowport_value* outputs) {
  const std::string type(to_view(op.type));
  std::string domain(to_view(op.domain));
  if (domain == "ai.onnx") domain.clear();
  std::vector<std::string> names;
  std::vector<Tensor> inputs;
  for (std::uint32_t i = 0; i < op.num_inputs; ++i) {
    if (op.inputs[i] == 0) {
      names.emplace_back("-");
      inputs.emplace_back();
      continue;
    }
    const auto value = find(op.inputs[i], "input " + std::to_string(i) + " of " + type);
    if (!value) return FLOWPORT_BAD_CALL;
    names.push_back(names_[*value]);
    inputs.push_back(values_[*value]);
  }
  while (!names.empty() && names.back() == "-") {
    names.pop_back();
    inputs.pop_back();
  }
  std::map<std::string, GivenAttr> attrs;
  for (std::uint32_t i = 0; i < op.num_attrs; ++i) {
    auto attr = read(op.attrs[i], type);
    if (!attr) return FLOWPORT_BAD_CALL;
    attrs.emplace(to_view(op.attrs[i].name), *std::move(attr));
  }
  std::vector<Tensor> results(op.num_outputs);
  if (!domain.empty() && domain != "ai.onnx.ml") {
    if (auto wrong = check_custom(domain, type, inputs.size(), attrs)) return bad(*wrong);
  } else {
    const auto version = host_.setup().opsets.find(domain);
    const int opset = version == host_.setup().opsets.end() ? 0 : version->second;
    const OnnxOp* schema = find_op(domain, type, opset);
    if (schema == nullptr) {
      return bad("domain " + (domain.empty() ? "ai.onnx" : domain) + " has no op " + type + " at opset " +
                 std::to_string(opset));
    }
    const auto count = [&](const char* what, std::size_t has, std::size_t least, std::size_t most) {
      if (has >= least && has <= most) return false;
      bad(type + " has " + std::to_string(has) + " " + what + "; it takes " + std::to_string(least) + " to " +
          std::to_string(most));
      return true;
    };
    if (count("inputs", inputs.size(), schema->min_inputs, schema->max_inputs)) return FLOWPORT_BAD_CALL;
    if (count("outputs", op.num_outputs, schema->min_outputs, schema->max_outputs)) return FLOWPORT_BAD_CALL;
    const auto slots = slots_of(schema->inputs);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == "-" && !slots.empty() && !slots[std::min(i, slots.size() - 1)].is_optional)
        return bad("input " + std::to_string(i) + " of " + type + " is missing");
    }
    for (const auto& [name, attr] : attrs) {
      const auto kind = attr_kind(*schema, name);
      if (!kind) return bad(type + " has no attribute " + name + " at this opset");
      if (*kind != attr.kind) return bad("attribute " + name + " of " + type + " is of another kind");
    }
    for (const auto& name : required_attrs(*schema)) {
      if (!attrs.contains(name)) return bad(type + " needs the attribute " + name);
    }
    std::vector<DType> dtypes;
    for (const auto& input : inputs) dtypes.push_back(input.dtype);
    std::map<std::string, DType> variables;
    if (auto wrong = check_types(*schema, dtypes, variables)) return fail(wrong->status, wrong->text);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const DType decided = dtype_after(type, inputs, attrs);
      results[i].dtype = decided != DType::kUndefined ? decided : output_type(*schema, i, variables);
    }
    if (results.size() == 1) results[0].dims = shape_after(type, inputs, attrs);
    if (attrs.empty() && results.size() == 1) compute_shape(type, inputs, results[0]);
    // A branch tells what If gives; of two that differ, what they agree on.
    const auto branch = attrs.find("then_branch");
    if (type == "If" && branch != attrs.end()) {
      const auto& given = graph_list_[static_cast<std::size_t>(branch->second.ints[0])].outputs;
      for (std::size_t i = 0; i < std::min(results.size(), given.size()); ++i)
        results[i].dtype = values_[given[i]].dtype;
    }
    if (type == "Loop") {
      const auto& given = graph_list_[static_cast<std::size_t>(attrs.at("body").ints[0])].outputs;
      for (std::size_t i = 0; i < results.size() && i + 1 < given.size(); ++i)
        results[i].dtype = values_[given[i + 1]].dtype;
    }
  }
  if (const auto stated = host_.setup().results.find(type); stated != host_.setup().results.end()) {
    for (std::size_t i = 0; i < std::min(results.size(), stated->second.size()); ++i) results[i] = stated->second[i];
  }
  std::string line;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const bool is_known = results[i].is_known();
    const std::string name = is_known ? constant_text(results[i]) : next_name();
    line += (i == 0 ? "" : ", ") + name;
    outputs[i] = give(name, std::move(results[i]));
  }
  if (results.size() == 1 && values_.back().is_known()) return FLOWPORT_OK;  // computed: no node
  line += " = " + (domain.empty() ? type : domain + "::" + type) + attrs_text(attrs, graph_list_, names_) + "(";
  for (std::size_t i = 0; i < names.size(); ++i) line += (i == 0 ? "" : ", ") + names[i];
  graph_list_[graphs_.back()].lines.push_back(line + ")");
  return FLOWPORT_OK;
}

inline Outcome Call::settle(flowport_status status) {
  Outcome outcome;
  outcome.notes = notes_;
  const auto broken = [&](std::string why) {
    outcome.status = FLOWPORT_PLUGIN_BUG;
    outcome.reason = std::move(why);
    outcome.hint = "report this to the plugin's author";
    return outcome;
  };
  if (status < FLOWPORT_OK || status > FLOWPORT_PLUGIN_BUG)
    return broken("returned the unknown status " + std::to_string(status));
  if (status != FLOWPORT_OK) {
    outcome.status = status;
    const bool gives_back = status == FLOWPORT_DECLINED && !declined_.empty();
    outcome.reason = failed_ ? reason_ : gives_back ? declined_ : "gave no reason";
    outcome.hint = hint_;
    return outcome;
  }
  if (failed_) return broken("returned OK after a failure: " + reason_);
  if (graphs_.size() != 1) return broken("left a body open");
  if (std::ranges::none_of(bound_, [](const auto& value) { return value.has_value(); }))
    return broken("returned OK without binding an output");
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    if (!bound_[i]) {
      outcome.outputs.emplace_back();
      continue;
    }
    Tensor tensor = values_[*bound_[i]];
    const DType wanted = part_type(subject_.node->data().outputs[i].dtype);
    if (tensor.dtype == DType::kUndefined) tensor.dtype = wanted;
    if (wanted != DType::kUndefined && tensor.dtype != wanted) {
      outcome.outputs.clear();
      return broken("output " + std::to_string(i) + " was bound to a " + name_of(tensor.dtype) +
                    " tensor, TensorFlow has " + name_of(wanted));
    }
    outcome.outputs.push_back(std::move(tensor));
  }
  for (const auto& line : graph_list_[0].lines) outcome.text += line + "\n";
  for (std::size_t i = 0; i < bound_.size(); ++i) {
    const std::string& part = subject_.node->data().outputs[i].part;
    if (bound_[i]) outcome.text += "y" + std::to_string(i) + part + " = " + names_[*bound_[i]] + "\n";
  }
  return outcome;
}

}  // namespace flowport::testing
