#include "convert/interface.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "convert/types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert {

namespace {

using tf::proto::AttrValue;

Problem usage(std::string what, std::string next = {}) {
  return Problem{Fault::kUsage, std::move(what), {}, std::move(next)};
}

struct Found {
  Ref ref;
  const tf::Endpoint* endpoint = nullptr;  // where the name is a signature's
};

/// The symbol of that name; made where there is none.
ir::SymbolId symbol_of(ir::Model& model, const std::string& name) {
  const auto at = std::find(model.symbols.begin() + 1, model.symbols.end(), name);
  return at == model.symbols.end() ? model.add_symbol(name) : static_cast<ir::SymbolId>(at - model.symbols.begin());
}

class Settling {
 public:
  Settling(Engine& engine, const InterfaceOptions& options)
      : engine_(engine), program_(engine.program()), options_(options) {}

  tl::expected<Interface, Problems> run() {
    choose_signature();
    settle_outputs();
    settle_inputs();
    if (!problems_.empty()) return tl::make_unexpected(std::move(problems_));
    return std::move(interface_);
  }

 private:
  void choose_signature() {
    const auto& all = program_.signatures();
    if (!options_.signature.empty()) {
      const auto it = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.key == options_.signature; });
      if (it != all.end()) {
        signature_ = &*it;
      } else {
        problems_.push_back(
            usage(fmt::format("the model has no signature '{}'", options_.signature), list_signatures()));
      }
    } else {
      const auto it = std::find_if(all.begin(), all.end(), [](const auto& s) { return s.key == "serving_default"; });
      if (it != all.end()) {
        signature_ = &*it;
      } else if (all.size() == 1) {
        signature_ = &all[0];
      } else if (all.size() > 1 && options_.outputs.empty()) {
        problems_.push_back(
            usage("the model has several signatures and none is called serving_default", list_signatures()));
      }
    }
    if (signature_ != nullptr) interface_.signature = signature_->key;
  }

  std::string list_signatures() const {
    std::vector<std::string> keys;
    for (const auto& signature : program_.signatures()) keys.push_back(signature.key);
    if (keys.empty()) return "choose tensors with --inputs and --outputs; `flowport inspect` lists them";
    return "choose one with --signature: " + join(keys, ", ", 20);
  }

  void settle_outputs() {
    if (!options_.outputs.empty()) {
      for (const auto& name : options_.outputs) {
        if (auto found = find(name, false)) interface_.outputs.push_back({name, found->ref});
      }
      return;
    }
    if (signature_ != nullptr) {
      for (const auto& endpoint : signature_->outputs) {
        if (auto ref = find_tensor(endpoint.tensor)) {
          interface_.outputs.push_back({endpoint.name, *ref});
        } else {
          problems_.push_back(
              Problem{Fault::kModel,
                      fmt::format("output '{}' of signature '{}' is the tensor '{}', which does not exist",
                                  endpoint.name, signature_->key, endpoint.tensor),
                      {},
                      "save the model again"});
        }
      }
      return;
    }
    if (!problems_.empty()) return;
    const auto sinks = sink_nodes();
    if (program_.format() == tf::Format::kCheckpoint || sinks.empty()) {
      std::vector<std::string> names;
      for (const auto sink : sinks) names.emplace_back(program_.main().nodes[static_cast<std::size_t>(sink)].name);
      problems_.push_back(usage("the model does not say what its outputs are",
                                names.empty()
                                    ? "name them with --outputs"
                                    : "name them with --outputs; nodes that nothing uses: " + join(names, ", ", 8)));
      return;
    }
    for (const auto sink : sinks) {
      const auto& node = program_.main().nodes[static_cast<std::size_t>(sink)];
      interface_.outputs.push_back({std::string(node.name), {&engine_.main(), {sink, 0}}});
    }
  }

  /// Nodes of the main graph whose outputs nothing uses, and which have one that could be the model's.
  std::vector<tf::NodeIndex> sink_nodes() const {
    const auto& nodes = program_.main().nodes;
    std::vector<bool> used(nodes.size());
    for (const auto& node : nodes) {
      for (const auto& input : node.inputs) {
        if (input.node >= 0) used[static_cast<std::size_t>(input.node)] = true;
      }
    }
    static const std::set<std::string_view> kNoOutput{"NoOp",        "Assert",      "Const",
                                                      "Placeholder", "VarHandleOp", "VariableV2"};
    std::vector<tf::NodeIndex> sinks;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (used[i] || kNoOutput.contains(nodes[i].op)) continue;
      if (carried(program_.output_type(nodes[i], 0)) == ir::DType::kUndefined) continue;
      sinks.push_back(static_cast<tf::NodeIndex>(i));
    }
    return sinks;
  }

  void settle_inputs() {
    // The user's names come first, so that they stay where two dims turn out to be one.
    for (const auto& [input, spec] : options_.shapes) {
      for (const auto& dim : spec) {
        if (const auto* name = std::get_if<std::string>(&dim)) symbol_of(engine_.model(), *name);
      }
    }
    std::set<std::string> shaped;
    const auto shape_for = [&](const std::string& name, const std::string& tensor) -> const std::vector<DimSpec>* {
      for (const auto& key : {name, tensor, tensor + ":0"}) {
        const auto it = options_.shapes.find(key);
        if (it == options_.shapes.end()) continue;
        shaped.insert(key);
        return &it->second;
      }
      return nullptr;
    };
    const auto add = [&](const Found& found, const std::string& name) {
      const auto& node = found.ref.scope->graph->nodes[static_cast<std::size_t>(found.ref.edge.node)];
      auto added = add_input(engine_, *found.ref.scope, found.ref.edge, name, shape_for(name, std::string(node.name)),
                             found.endpoint == nullptr ? std::nullopt : found.endpoint->dims);
      if (!added) {
        problems_.push_back(added.error());
        return;
      }
      found.ref.scope->cuts[Scope::edge_key(found.ref.edge)] = Bound::tensor(*added);
    };
    if (!options_.inputs.empty()) {
      for (const auto& name : options_.inputs) {
        if (auto found = find(name, true)) add(*found, name);
      }
    } else if (signature_ != nullptr) {
      for (const auto& endpoint : signature_->inputs) {
        if (auto ref = find_tensor(endpoint.tensor)) {
          add({*ref, &endpoint}, endpoint.name);
        } else {
          problems_.push_back(
              Problem{Fault::kModel,
                      fmt::format("input '{}' of signature '{}' is the tensor '{}', which does not exist",
                                  endpoint.name, signature_->key, endpoint.tensor),
                      {},
                      "save the model again"});
        }
      }
    } else {
      engine_.set_open_inputs(true);
      for (std::size_t i = 0; i < program_.main().nodes.size(); ++i) {
        const auto& node = program_.main().nodes[i];
        if (node.op != "Placeholder" && node.op != "PlaceholderV2") continue;
        const std::string name(node.name);
        if (const auto* spec = shape_for(name, name)) open_shapes_.emplace_back(static_cast<tf::NodeIndex>(i), spec);
      }
      for (const auto& [index, spec] : open_shapes_) {
        const auto& node = program_.main().nodes[static_cast<std::size_t>(index)];
        auto added = add_input(engine_, engine_.main(), {index, 0}, std::string(node.name), spec);
        if (!added) {
          problems_.push_back(added.error());
        } else {
          engine_.main().cuts[Scope::edge_key({index, 0})] = Bound::tensor(*added);
        }
      }
    }
    for (const auto& [key, spec] : options_.shapes) {
      if (!shaped.contains(key)) {
        problems_.push_back(usage(fmt::format("--shape names '{}', which is not an input of the model", key),
                                  suggest(key, input_names())));
      }
    }
  }

  std::vector<std::string> input_names() const {
    if (!options_.inputs.empty()) return options_.inputs;
    std::vector<std::string> names;
    if (signature_ != nullptr) {
      for (const auto& endpoint : signature_->inputs) names.push_back(endpoint.name);
    } else {
      for (const auto& node : program_.main().nodes) {
        if (node.op == "Placeholder") names.emplace_back(node.name);
      }
    }
    return names;
  }

  static std::string suggest(const std::string& name, const std::vector<std::string>& candidates) {
    const std::vector<std::string_view> views(candidates.begin(), candidates.end());
    std::string text = did_you_mean(name, views);
    if (text.empty() && !candidates.empty()) text = "there are: " + join(candidates, ", ", 12);
    return text;
  }

  /// A tensor by the user's name for it: the signature's first, then TF's. Records a problem where there is none.
  std::optional<Found> find(const std::string& name, bool is_input) {
    if (signature_ != nullptr) {
      for (const auto& endpoint : is_input ? signature_->inputs : signature_->outputs) {
        if (endpoint.name != name) continue;
        if (auto ref = find_tensor(endpoint.tensor)) return Found{*ref, &endpoint};
      }
    }
    if (auto ref = find_tensor(name)) return Found{*ref, nullptr};
    if (!tensor_problem_.empty()) {
      problems_.push_back(usage(tensor_problem_, "`flowport inspect` lists the model's tensors"));
      return std::nullopt;
    }
    std::vector<std::string> candidates;
    for (const auto& node : program_.main().nodes) candidates.emplace_back(node.name);
    std::vector<std::string_view> views(candidates.begin(), candidates.end());
    std::string next = did_you_mean(name.substr(0, name.find(':')), views);
    if (next.empty()) next = "`flowport inspect` lists the model's tensors";
    problems_.push_back(usage(fmt::format("the model has no tensor '{}'", name), next));
    return std::nullopt;
  }

  /// "node:1", "node", or "call/node:1" for a node inside a called function.
  std::optional<Ref> find_tensor(std::string_view text) {
    tensor_problem_.clear();
    std::int32_t output = 0;
    std::string_view name = text;
    if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
      const auto digits = text.substr(colon + 1);
      const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), output);
      if (parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() && output >= 0)
        name = text.substr(0, colon);
    }
    Scope* scope = &engine_.main();
    while (true) {
      const auto index = scope->graph->find(name);
      if (index >= 0) {
        const auto& node = scope->graph->nodes[static_cast<std::size_t>(index)];
        const auto count = std::max(program_.output_count(node), node.used_outputs);
        if (output < count || node.facts != nullptr) return Ref{scope, {index, output}};
        tensor_problem_ = fmt::format("'{}' has {} outputs, so there is no output {}", name, count, output);
        return std::nullopt;
      }
      Scope* inner = nullptr;
      for (auto slash = name.find('/'); slash != std::string_view::npos && inner == nullptr;
           slash = name.find('/', slash + 1)) {
        const auto call = scope->graph->find(name.substr(0, slash));
        if (call < 0 || !engine_.is_call(scope->graph->nodes[static_cast<std::size_t>(call)].op)) continue;
        auto callee = engine_.callee(*scope, call);
        if (!callee) return std::nullopt;
        inner = *callee;
        name = name.substr(slash + 1);
        break;
      }
      if (inner == nullptr) return std::nullopt;
      scope = inner;
    }
  }

  Engine& engine_;
  const tf::Program& program_;
  const InterfaceOptions& options_;
  const tf::Signature* signature_ = nullptr;
  std::vector<std::pair<tf::NodeIndex, const std::vector<DimSpec>*>> open_shapes_;
  std::string tensor_problem_;
  Interface interface_;
  Problems problems_;
};

std::optional<std::vector<std::int64_t>> dims_of(const tf::proto::TensorShapeProto& shape) {
  if (shape.unknown_rank()) return std::nullopt;
  std::vector<std::int64_t> dims;
  for (const auto& dim : shape.dim()) dims.push_back(dim.size() < 0 ? -1 : dim.size());
  return dims;
}

/// What the graph itself says of the shape of `edge`.
std::optional<std::vector<std::int64_t>> stated_dims(const tf::Program& program, const tf::Node& node,
                                                     std::int32_t output) {
  if (const auto* shapes = program.attr(node, "_output_shapes");
      shapes != nullptr && output < shapes->list().shape_size()) {
    if (auto dims = dims_of(shapes->list().shape(output))) return dims;
  }
  if (!node.op.starts_with("Placeholder")) return std::nullopt;
  const auto* shape = program.attr(node, "shape");
  if (shape == nullptr || shape->value_case() != AttrValue::kShape) return std::nullopt;
  auto dims = dims_of(shape->shape());
  // Before GraphDef version 24, a Placeholder with a shape of rank 0 means an unknown rank; saved shapes of scalars look the same.
  return dims;
}

}  // namespace

std::string carries_complex(std::string_view role, std::string_view name) {
  return fmt::format(
      "{} '{}' is complex; in the ONNX model it is real, with one more dim of 2 at the end: real and "
      "imaginary part",
      role, name);
}

Result<ir::ValueId> add_input(Engine& engine, Scope& scope, tf::Edge edge, const std::string& name,
                              const std::vector<DimSpec>* spec, const std::optional<std::vector<std::int64_t>>& known) {
  const auto& program = engine.program();
  const auto& node = scope.graph->nodes[static_cast<std::size_t>(edge.node)];
  const tf::DataType tf_type = program.output_type(node, edge.output);
  const ir::DType dtype = carried(tf_type);
  if (dtype == ir::DType::kUndefined) {
    return problem(Fault::kUnsupported,
                   fmt::format("input '{}' is {}, which ONNX has no tensors of", name, tf::name_of(tf_type)), {},
                   "choose other tensors with --inputs");
  }
  auto& model = engine.model();
  ir::Type type = ir::Type::tensor(dtype);
  const auto stated = known ? known : stated_dims(program, node, edge.output);
  if (spec != nullptr) {
    if (stated && stated->size() != spec->size()) {
      return problem(Fault::kUsage,
                     fmt::format("--shape gives '{}' {} dims, the model has {}", name, spec->size(), stated->size()));
    }
    type.has_rank = true;
    for (std::size_t i = 0; i < spec->size(); ++i) {
      const auto* number = std::get_if<std::int64_t>(&(*spec)[i]);
      if (number != nullptr && stated && (*stated)[i] >= 0 && (*stated)[i] != *number) {
        return problem(Fault::kUsage, fmt::format("--shape gives dim {} of '{}' as {}, the model has {}", i, name,
                                                  *number, (*stated)[i]));
      }
      if (number != nullptr) {
        type.dims.push_back({*number, 0});
        continue;
      }
      if (stated && (*stated)[i] >= 0) {
        return problem(Fault::kUsage,
                       fmt::format("--shape leaves dim {} of '{}' unknown, the model has {}", i, name, (*stated)[i]));
      }
      type.dims.push_back({-1, symbol_of(model, std::get<std::string>((*spec)[i]))});
    }
  } else if (stated) {
    type.has_rank = true;
    for (std::size_t i = 0; i < stated->size(); ++i) {
      const std::int64_t dim = (*stated)[i];
      type.dims.push_back(
          {dim, dim >= 0 ? 0 : model.add_symbol(fmt::format("{}_dim{}", name.substr(0, name.find(':')), i))});
    }
  }
  if (is_complex(tf_type)) {
    if (type.has_rank) type.dims.push_back({2, 0});
    engine.journal().warnings.push_back(
        {std::string(node.op), std::string(node.name), scope.path(), "core", carries_complex("input", name)});
  }
  const ir::ValueId value = model.add_value(std::move(type), name);
  model.graph.inputs.push_back(value);
  return value;
}

tl::expected<Interface, Problems> settle_interface(Engine& engine, const InterfaceOptions& options) {
  return Settling(engine, options).run();
}

}  // namespace flowport::convert
