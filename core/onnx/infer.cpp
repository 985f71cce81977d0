// Inference of one node: the schema's own function on our values, then our rules, then content.
#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <onnx/defs/schema.h>
#include <onnx/defs/shape_inference.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <exception>
#include <utility>
#include <vector>

#include "onnx/infer_element.h"
#include "onnx/infer_proto.h"
#include "onnx/schema.h"
#include "onnx/schema_table.h"

namespace flowport::ir {
namespace {

using google::protobuf::Arena;

/// Our values as the library sees them. Everything is made when it is asked for and lives in `arena`.
class NodeContext final : public onnx::InferenceContext {
 public:
  NodeContext(const Model& model, const Node& node, Arena* arena)
      : model_(model), node_(node), arena_(arena), inputs_(node.inputs.size()), outputs_(node.outputs.size()) {
    for (auto& output : outputs_) output = Arena::CreateMessage<onnx::TypeProto>(arena_);
  }

  const onnx::TypeProto& output(std::size_t index) const { return *outputs_[index]; }

  const onnx::AttributeProto* getAttribute(const std::string& name) const override {
    const Attribute* attribute = node_.find(name);
    if (attribute == nullptr) return nullptr;
    for (const auto& [known, proto] : attributes_) {
      if (known == attribute) return proto;
    }
    auto* proto = Arena::CreateMessage<onnx::AttributeProto>(arena_);
    fill(*attribute, *proto);
    attributes_.emplace_back(attribute, proto);
    return proto;
  }

  std::size_t getNumInputs() const override { return inputs_.size(); }

  bool hasInput(std::size_t index) const override { return index < inputs_.size() && node_.inputs[index] != 0; }

  const onnx::TypeProto* getInputType(std::size_t index) const override {
    check_input(index);
    if (!hasInput(index)) return nullptr;
    const Type& type = value(index).type;
    auto*& proto = inputs_[index].type;
    if (proto == nullptr) {
      proto = Arena::CreateMessage<onnx::TypeProto>(arena_);
      fill(type, *proto);
    }
    return proto;
  }

  const onnx::TensorProto* getInputData(std::size_t index) const override {
    check_input(index);
    if (!hasInput(index) || value(index).constant == nullptr || !has_small_proto(*value(index).constant))
      return nullptr;
    auto*& proto = inputs_[index].data;
    if (proto == nullptr) {
      proto = Arena::CreateMessage<onnx::TensorProto>(arena_);
      fill(*value(index).constant, *proto);
    }
    return proto;
  }

  const onnx::TensorShapeProto* getSymbolicInput(std::size_t index) const override {
    check_input(index);
    if (!hasInput(index) || value(index).constant != nullptr) return nullptr;
    const auto* content = value(index).content.get();
    const DType dtype = value(index).type.dtype;
    if (content == nullptr || content->is_scalar || (dtype != DType::kInt64 && dtype != DType::kInt32)) return nullptr;
    auto*& proto = inputs_[index].content;
    if (proto == nullptr) {
      proto = Arena::CreateMessage<onnx::TensorShapeProto>(arena_);
      fill(*content, *proto);
    }
    return proto;
  }

  std::size_t getNumOutputs() const override { return outputs_.size(); }

  bool hasOutput(std::size_t index) override { return index < outputs_.size() && node_.outputs[index] != 0; }

  onnx::TypeProto* getOutputType(std::size_t index) override {
    if (index >= outputs_.size()) throw onnx::InferenceError(fmt::format("output {} is not there", index));
    return outputs_[index];
  }

  /// Nodes with bodies have rules of their own.
  onnx::GraphInferencer* getGraphAttributeInferencer(const std::string& /*attribute_name*/) override { return nullptr; }

  const onnx::SparseTensorProto* getInputSparseData(std::size_t /*index*/) const override { return nullptr; }

  std::string getDisplayName() const override { return "node " + node_.op; }

 private:
  struct Input {
    onnx::TypeProto* type = nullptr;
    onnx::TensorProto* data = nullptr;
    onnx::TensorShapeProto* content = nullptr;
  };

  /// The library's functions count on this where they ask for an input without looking.
  void check_input(std::size_t index) const {
    if (index >= inputs_.size()) throw onnx::InferenceError(fmt::format("input {} is not there", index));
  }

  const Value& value(std::size_t index) const { return model_.values[node_.inputs[index]]; }

  const Model& model_;
  const Node& node_;
  Arena* arena_;
  mutable std::vector<Input> inputs_;
  mutable std::vector<std::pair<const Attribute*, onnx::AttributeProto*>> attributes_;
  std::vector<onnx::TypeProto*> outputs_;
};

/// The library's sentence without its marks.
std::string sentence_of(std::string_view text) {
  for (const std::string_view mark : {"[TypeInferenceError] ", "[ShapeInferenceError] "}) {
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '.' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

/// Types of the outputs by the schema alone; or a sentence.
std::optional<std::string> infer_by_schema(const Model& model, const Node& node, const onnx::OpSchema& schema,
                                           std::vector<Type>& types) {
  try {
    alignas(std::max_align_t) std::array<char, 4096> block;
    google::protobuf::ArenaOptions options;
    options.initial_block = block.data();
    options.initial_block_size = block.size();
    Arena arena(options);
    NodeContext context(model, node, &arena);
    schema.GetTypeAndShapeInferenceFunction()(context);
    for (std::size_t i = 0; i < types.size(); ++i) types[i] = type_of(context.output(i), model.symbols.size());
  } catch (const std::exception& error) {
    return sentence_of(error.what());
  }
  return std::nullopt;
}

/// Element types that follow from the schema's signature alone.
void infer_by_signature(const Model& model, const Node& node, const OpSignature& signature, std::vector<Type>& types) {
  for (std::size_t i = 0; i < types.size() && !signature.outputs.empty(); ++i) {
    if (types[i].dtype != DType::kUndefined) continue;
    const auto& slot = signature.outputs[std::min(i, signature.outputs.size() - 1)];
    if (std::has_single_bit(slot.dtypes)) {
      types[i].dtype = static_cast<DType>(std::countr_zero(slot.dtypes));
      continue;
    }
    if (slot.type_var < 0) continue;
    for (std::size_t k = 0; k < node.inputs.size() && !signature.inputs.empty(); ++k) {
      const auto& input = signature.inputs[std::min(k, signature.inputs.size() - 1)];
      const Type& type = model.values[node.inputs[k]].type;
      if (input.type_var != slot.type_var || type.dtype == DType::kUndefined) continue;
      types[i].kind = type.kind;
      types[i].dtype = type.dtype;
      break;
    }
  }
}

void put_type(const Type& inferred, Type& type) {
  if (inferred.dtype == DType::kUndefined && !inferred.has_rank) return;
  if (inferred.dtype != DType::kUndefined) {
    type.kind = inferred.kind;
    type.dtype = inferred.dtype;
  }
  if (!inferred.has_rank) return;
  if (!type.has_rank || type.dims.size() != inferred.dims.size()) {
    type.has_rank = true;
    type.dims = inferred.dims;
    return;
  }
  for (std::size_t i = 0; i < type.dims.size(); ++i) {
    const Dim& dim = inferred.dims[i];
    if (dim.is_known() || (dim.symbol != 0 && !type.dims[i].is_known())) type.dims[i] = dim;
  }
}

bool fits(std::int64_t value, DType dtype) {
  switch (dtype) {
    case DType::kBool: return value == 0 || value == 1;
    case DType::kInt64: return true;
    case DType::kUint64: return value >= 0;
    default: {
      const auto bits = static_cast<unsigned>(bits_of(dtype));
      const bool is_signed = name_of(dtype).starts_with("int");
      if (!is_signed) return value >= 0 && value >> bits == 0;
      return value >= -(std::int64_t{1} << (bits - 1)) && value < std::int64_t{1} << (bits - 1);
    }
  }
}

ConstantPtr constant_of(const Content& content, DType dtype) {
  const std::size_t size = size_of(dtype);
  std::vector<std::byte> bytes(content.elements.size() * size);
  for (std::size_t i = 0; i < content.elements.size(); ++i) {
    auto bits = static_cast<std::uint64_t>(content.elements[i].value);
    for (std::size_t k = 0; k < size; ++k, bits >>= 8U) bytes[i * size + k] = static_cast<std::byte>(bits & 0xFFU);
  }
  std::vector<std::int64_t> dims;
  if (!content.is_scalar) dims.push_back(static_cast<std::int64_t>(content.elements.size()));
  return Constant::make(dtype, std::move(dims), Bytes(std::move(bytes)));
}

/// What a Constant node holds, whichever of its attributes says it; null for any other node.
ConstantPtr constant_of(const Node& node) {
  if (node.op != "Constant" || node.attributes.size() != 1) return nullptr;
  const Attribute& attribute = node.attributes.front();
  const auto length = [](const auto& list) {
    return std::vector<std::int64_t>{static_cast<std::int64_t>(list.size())};
  };
  if (const auto* value = std::get_if<ConstantPtr>(&attribute.value)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&attribute.value)) return Constant::int_scalar(*value);
  if (const auto* value = std::get_if<float>(&attribute.value)) return Constant::floats({}, {value, 1});
  if (const auto* value = std::get_if<std::string>(&attribute.value)) return Constant::make_strings({}, {*value});
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute.value)) return Constant::ints(*list);
  if (const auto* list = std::get_if<std::vector<float>>(&attribute.value))
    return Constant::floats(length(*list), *list);
  if (const auto* list = std::get_if<std::vector<std::string>>(&attribute.value)) {
    return Constant::make_strings(length(*list), *list);
  }
  return nullptr;
}

/// Stores what the rule knows: as a constant when that is all, as content when it is anything.
void put_content(Content content, Value& value) {
  std::size_t known = 0;
  std::size_t named = 0;
  for (auto& element : content.elements) {
    if (element.known && !fits(element.value, value.type.dtype)) element = {};
    // Dims fit the two types that shapes have; of narrower ones that is not known.
    if (value.type.dtype != DType::kInt64 && value.type.dtype != DType::kInt32) element.symbol = 0;
    known += element.known ? 1U : 0U;
    named += element.symbol != 0 ? 1U : 0U;
  }
  if (!value.type.has_rank) {
    value.type.has_rank = true;
    value.type.dims.clear();
    if (!content.is_scalar) value.type.dims.push_back({static_cast<std::int64_t>(content.elements.size()), 0});
  }
  if (known == content.elements.size()) {
    value.constant = constant_of(content, value.type.dtype);
    value.content = nullptr;
  } else if (known + named != 0) {
    value.content = std::make_shared<const Content>(std::move(content));
  }
}

bool may_have_content(const Type& type) {
  if (type.kind != Type::Kind::kTensor || (type.has_rank && type.dims.size() > 1)) return false;
  return type.dtype == DType::kBool || is_integer(type.dtype);
}

}  // namespace

Result<void> infer_node(Model& model, const Node& node) {
  const SchemaEntry* entry = find_schema(node.op, node.domain, model.opset(node.domain));
  if (entry == nullptr) {
    if (!is_onnx_domain(node.domain)) return {};
    return problem(Fault::kInternal, check_node(model, node).value_or(node.op + " has no schema"));
  }
  if (auto wrong = check_counts(node, *entry)) return problem(Fault::kInternal, std::move(*wrong));
  if (node.outputs.empty()) return {};
  std::vector<Type> types(node.outputs.size());
  const NodeFacts facts(model, node);
  const InferRules* rules = entry->rules;
  // The library has no answer, or a wrong one, where an input has no type: the result of a custom op, for example.
  const bool all_typed = std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) {
    return input == 0 || model.values[input].type.dtype != DType::kUndefined;
  });
  if (all_typed && (rules == nullptr || !rules->replaces_schema)) {
    if (auto wrong = infer_by_schema(model, node, *entry->schema, types)) {
      return problem(Fault::kInternal, std::move(*wrong));
    }
  }
  if (rules != nullptr && rules->shape != nullptr) {
    if (auto wrong = rules->shape(facts, types)) return problem(Fault::kInternal, std::move(*wrong));
  }
  infer_by_signature(model, node, entry->signature, types);
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (node.outputs[i] != 0) put_type(types[i], model.values[node.outputs[i]].type);
  }
  if (node.outputs.size() == 1 && node.outputs[0] != 0) {
    if (auto constant = constant_of(node)) model.values[node.outputs[0]].constant = std::move(constant);
  }
  if (rules == nullptr || rules->content == nullptr) return {};
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (node.outputs[i] == 0) continue;
    Value& value = model.values[node.outputs[i]];
    if (value.constant != nullptr || !may_have_content(value.type)) continue;
    if (auto content = rules->content(facts, i, value.type)) put_content(std::move(*content), value);
  }
  return {};
}

}  // namespace flowport::ir
