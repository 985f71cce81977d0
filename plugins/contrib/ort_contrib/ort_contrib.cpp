// TensorFlow ops by ONNX Runtime's own domain com.microsoft, where the built-in handlers have nothing, or something slower. For
// targets that have the domain only.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Attrs;
using flowport::DType;
using flowport::Handler;
using flowport::Ints;
using flowport::Node;
using flowport::Value;

constexpr const char* kDomain = "com.microsoft";

/// A node of com.microsoft with one output of `dtype`; its schema does not tell the host the type.
Value contrib(const Node& node, std::string_view op, const std::vector<Value>& inputs, const Attrs& attrs, DType dtype,
              std::optional<Ints> dims) {
  const Value y = node.emit(op, inputs, attrs, kDomain);
  node.set_type(y, {dtype, std::move(dims)});
  return y;
}

/// A class of a regular expression for the bytes of `text`, any of which may have a meaning in one.
std::string class_of(const Node& node, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string pattern = "[";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80)
      node.unsupported("a delimiter outside of ASCII: each of its bytes would split", "split at ASCII characters");
    pattern += "\\x";
    pattern += kDigits[byte >> 4U];
    pattern += kDigits[byte & 15U];
  }
  return pattern + "]";
}

/// The non-empty tokens between bytes of `delimiters` as a sparse tensor.
void bind_tokens(const Node& node, std::string_view delimiters) {
  // A last row without tokens: Tokenizer gives no matrix where there are no strings at all.
  const Value text = flowport::concat({node.input(0), node.strings({1}, {""})}, 0);
  const Value tokens = contrib(node, "Tokenizer", {text},
                               {{"separators", std::vector<std::string>{class_of(node, delimiters)}},
                                {"mark", 0},
                                {"mincharnum", 1},
                                {"pad_value", ""}},
                               DType::kString, Ints{-1, -1});
  // No opset below 19 compares strings.
  const Value kept = node.emit(
      "LabelEncoder", {tokens},
      {{"keys_strings", std::vector<std::string>{""}}, {"values_int64s", Ints{0}}, {"default_int64", 1}}, "ai.onnx.ml");
  const Value places = transpose(node.emit("NonZero", {kept}), {1, 0});
  node.bind(0, places);
  node.bind(1, gather_nd(tokens, places));
  node.bind(2, shape_of(tokens) - node.ints({1, 0}));
}

std::string delimiter_of(const Node& node) {
  const auto given = node.input(1).strings();
  if (!given || given->size() != 1) node.bad_model("the delimiter is not one string");
  return given->front();
}

// TF:   StringSplit(input: string [n], delimiter: string) -> indices: int64, values: string, shape: int64, attr skip_empty
// ORT:  Tokenizer
void string_split(const Node& node) {
  const std::string delimiter = delimiter_of(node);
  if (delimiter.empty()) node.unsupported("a split into bytes", "give a delimiter");
  if (!node.attr<bool>("skip_empty", true))
    node.unsupported("empty tokens that are kept: Tokenizer drops them", "set skip_empty, or convert at opset 20");
  bind_tokens(node, delimiter);
}

// TF:   StringSplitV2(input: string [n], sep: string) -> indices: int64, values: string, shape: int64, attr maxsplit
// ORT:  Tokenizer, for white space; another separator keeps empty tokens
void string_split_v2(const Node& node) {
  if (!delimiter_of(node).empty() || node.attr<std::int64_t>("maxsplit", -1) >= 0) {
    node.unsupported("a separator other than white space, or maxsplit: Tokenizer drops empty tokens",
                     "convert at opset 20 or higher");
  }
  bind_tokens(node, " \t\n\v\f\r");
}

// TF:   MatrixInverse(input: T [..., n, n]) -> output: T, attr adjoint
// ORT:  Inverse
void matrix_inverse(const Node& node) {
  const Value x = node.input(0);
  const int rank = x.known_rank();
  Value matrix = x;
  if (node.attr<bool>("adjoint", false)) {
    Ints order;
    for (int i = 0; i < rank - 2; ++i) order.push_back(i);
    order.insert(order.end(), {rank - 1, rank - 2});
    matrix = transpose(x, order);
  }
  node.bind(contrib(node, "Inverse", {matrix}, {}, x.dtype(), x.dims()));
}

// TF:   CropAndResize(image: T [b, h, w, c], boxes: float [n, 4], box_ind: int32 [n], crop_size: int32 [2]) -> crops: float,
//       attrs method, extrapolation_value
// ORT:  CropAndResize, between Transposes
void crop_and_resize(const Node& node) {
  const Value image = transpose(cast(node.input(0), DType::kFloat), {0, 3, 1, 2});
  const auto size = node.input(3).ints();
  const auto known = [&](std::size_t i) { return size && i < size->size() ? (*size)[i] : -1; };
  const Value crops = contrib(node, "CropAndResize", {image, node.input(1), node.input(2), node.input(3)},
                              {{"mode", node.attr<std::string>("method", "bilinear")},
                               {"extrapolation_value", node.attr<float>("extrapolation_value", 0.0F)}},
                              DType::kFloat, Ints{node.input(1).dim(0), image.dim(1), known(0), known(1)});
  node.bind(transpose(crops, {0, 2, 3, 1}));
}

/// A row for targets that have com.microsoft, whatever their opset of ai.onnx.
constexpr Handler for_runtime(Handler row) {
  row.domain = kDomain;
  row.opset_min = 1;
  return row;
}

constexpr Handler kHandlers[] = {
    for_runtime(flowport::handler<crop_and_resize>("CropAndResize")),
    for_runtime(flowport::handler<matrix_inverse>("MatrixInverse")),
    for_runtime(flowport::handler<string_split>("StringSplit", {.const_inputs = flowport::inputs_known(1)})),
    for_runtime(flowport::handler<string_split_v2>("StringSplitV2", {.const_inputs = flowport::inputs_known(1)})),
};

constexpr flowport_schema_attr kCropAttrs[] = {{"extrapolation_value", FLOWPORT_ATTR_FLOAT, 0},
                                               {"mode", FLOWPORT_ATTR_STRING, 0}};
constexpr flowport_schema_attr kTokenizerAttrs[] = {{"mark", FLOWPORT_ATTR_INT, 1},
                                                    {"mincharnum", FLOWPORT_ATTR_INT, 1},
                                                    {"pad_value", FLOWPORT_ATTR_STRING, 1},
                                                    {"separators", FLOWPORT_ATTR_STRINGS, 0}};

constexpr const char* kRegistration = "nothing: ONNX Runtime's own packages have it";

constexpr flowport_schema schema(const char* op, std::uint32_t inputs,
                                 std::span<const flowport_schema_attr> attrs = {}) {
  return {kDomain, op, 1, inputs, inputs, 1, 1, 0, flowport::table_of(attrs), "onnxruntime", kRegistration};
}

constexpr flowport_schema kSchemas[] = {
    schema("CropAndResize", 4, kCropAttrs),
    schema("Inverse", 1),
    schema("Tokenizer", 1, kTokenizerAttrs),
};

}  // namespace

FLOWPORT_PLUGIN({.id = "org.flowport.ort_contrib",
                 .version = "0.1.0",
                 .summary = "Ops of ONNX Runtime's domain com.microsoft",
                 .license = "Apache-2.0"},
                kHandlers, {}, kSchemas)
