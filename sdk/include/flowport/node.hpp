// The C++20 layer on abi.h: a handler reads a Node and emits ONNX through it. Header-only; nothing but the C ABI is linked.
//
// Every host refusal becomes an exception (Stop) which the wrapper in plugin.hpp turns back into a status, so that handlers
// read straight on. A handler keeps no state and never edits a graph: it reads, emits, binds; or declines; or fails.
#pragma once

#if __cplusplus < 202002L
#error "Flowport's C++ layer is C++20: compile with -std=c++20. In C there is flowport/abi.h"
#endif

#include <flowport/abi.h>

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace flowport {

/// Element types by their ONNX numbers.
enum class DType : std::int32_t {
  kUndefined = FLOWPORT_UNDEFINED,
  kFloat = FLOWPORT_FLOAT,
  kUint8 = FLOWPORT_UINT8,
  kInt8 = FLOWPORT_INT8,
  kUint16 = FLOWPORT_UINT16,
  kInt16 = FLOWPORT_INT16,
  kInt32 = FLOWPORT_INT32,
  kInt64 = FLOWPORT_INT64,
  kString = FLOWPORT_STRING,
  kBool = FLOWPORT_BOOL,
  kFloat16 = FLOWPORT_FLOAT16,
  kDouble = FLOWPORT_DOUBLE,
  kUint32 = FLOWPORT_UINT32,
  kUint64 = FLOWPORT_UINT64,
  kComplex64 = FLOWPORT_COMPLEX64,
  kComplex128 = FLOWPORT_COMPLEX128,
  kBfloat16 = FLOWPORT_BFLOAT16,
};

constexpr bool is_floating(DType t) {
  return t == DType::kFloat || t == DType::kDouble || t == DType::kFloat16 || t == DType::kBfloat16;
}
constexpr bool is_signed_integer(DType t) {
  return t == DType::kInt8 || t == DType::kInt16 || t == DType::kInt32 || t == DType::kInt64;
}
constexpr bool is_unsigned_integer(DType t) {
  return t == DType::kUint8 || t == DType::kUint16 || t == DType::kUint32 || t == DType::kUint64;
}
constexpr bool is_integer(DType t) { return is_signed_integer(t) || is_unsigned_integer(t); }
constexpr std::size_t size_of(DType t) {
  switch (t) {
    case DType::kBool:
    case DType::kInt8:
    case DType::kUint8: return 1;
    case DType::kInt16:
    case DType::kUint16:
    case DType::kFloat16:
    case DType::kBfloat16: return 2;
    case DType::kInt32:
    case DType::kUint32:
    case DType::kFloat: return 4;
    case DType::kInt64:
    case DType::kUint64:
    case DType::kDouble: return 8;
    default: return 0;
  }
}

constexpr bool is_complex(DType t) { return t == DType::kComplex64 || t == DType::kComplex128; }
/// The element type of the parts of `t` (complex64, complex128); `t` itself where it is real.
constexpr DType part_type(DType t) {
  return t == DType::kComplex64 ? DType::kFloat : t == DType::kComplex128 ? DType::kDouble : t;
}

/// Thrown through handlers only; the reason is already with the host.
struct Stop {
  flowport_status status;
};

using Ints = std::vector<std::int64_t>;

inline flowport_str to_str(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view to_view(flowport_str s) { return {s.data, s.size}; }

class Node;

/// A tensor value of the node being converted: an input, a constant, or the output of something emitted. Cheap to copy.
class Value {
 public:
  Value() = default;  ///< an absent optional input
  Value(const Node& node, flowport_value id) : node_(&node), id_(id) {}

  flowport_value id() const { return id_; }
  const Node& node() const { return *node_; }
  explicit operator bool() const { return id_ != 0; }

  DType dtype() const;
  /// Rank, or -1 where it is unknown.
  int rank() const;
  /// Rank; stops with UNSUPPORTED and a sentence where it is unknown.
  int known_rank() const;
  /// Dim `axis` (negative counts from the end), -1 where it or the rank is unknown.
  std::int64_t dim(int axis) const;
  /// All dims, -1 for unknown ones; nullopt where the rank is unknown.
  std::optional<Ints> dims() const;
  /// All dims where every one is known.
  std::optional<Ints> static_dims() const;
  bool is_known() const;
  /// Content as numbers, where known: of any integer, bool or floating element type that converts without loss of meaning.
  std::optional<Ints> ints() const;
  /// Content of a known integer tensor; stops with BAD_MODEL and a sentence where it is not known or not of integers.
  Ints known_ints() const;
  std::optional<std::vector<double>> doubles() const;
  std::optional<std::vector<std::string>> strings() const;
  /// The only element of a known integer tensor; nullopt where unknown or not exactly one.
  std::optional<std::int64_t> int_scalar() const;
  /// The only element of a known integer tensor; stops with BAD_MODEL and a sentence where it is not exactly one.
  std::int64_t known_int() const;
  std::optional<double> double_scalar() const;
  /// Items of a partly known integer value of rank 0 or 1 (a shape); empty where not even their number is known.
  std::vector<flowport_item> items() const;

 private:
  flowport_type type() const;
  flowport_tensor tensor() const;
  const Node* node_ = nullptr;
  flowport_value id_ = 0;
};

/// A graph-valued attribute, made by Node::body.
struct Body {
  flowport_body id = 0;
};

/// A constant tensor as an attribute.
struct TensorAttr {
  DType dtype = DType::kFloat;
  Ints dims;
  std::vector<std::byte> data;
};

/// An ONNX attribute to emit: {"axis", 1}, {"mode", "constant"}, {"perm", Ints{0, 2, 1}}, {"alpha", 0.5f}, {"body", body}.
class Attr {
 public:
  template <typename T>
  requires std::is_integral_v<T> Attr(std::string_view name, T value)
      : name_(name), value_(static_cast<std::int64_t>(value)) {}
  Attr(std::string_view name, DType value) : name_(name), value_(static_cast<std::int64_t>(value)) {}
  Attr(std::string_view name, float value) : name_(name), value_(value) {}
  Attr(std::string_view name, double value) : name_(name), value_(static_cast<float>(value)) {}
  Attr(std::string_view name, const char* value) : name_(name), value_(std::string(value)) {}
  Attr(std::string_view name, std::string value) : name_(name), value_(std::move(value)) {}
  Attr(std::string_view name, std::string_view value) : name_(name), value_(std::string(value)) {}
  Attr(std::string_view name, Ints value) : name_(name), value_(std::move(value)) {}
  Attr(std::string_view name, std::vector<float> value) : name_(name), value_(std::move(value)) {}
  Attr(std::string_view name, std::vector<std::string> value) : name_(name), value_(std::move(value)) {}
  Attr(std::string_view name, TensorAttr value) : name_(name), value_(std::move(value)) {}
  Attr(std::string_view name, Body value) : name_(name), value_(value.id) {}

 private:
  friend class Node;
  using Storage = std::variant<std::int64_t, float, std::string, Ints, std::vector<float>, std::vector<std::string>,
                               TensorAttr, flowport_body>;
  std::string name_;
  Storage value_;
};
using Attrs = std::vector<Attr>;

/// Element type and dims (-1 unknown; nullopt: unknown rank) for set_type and body inputs.
struct TypeSpec {
  DType dtype = DType::kFloat;
  std::optional<Ints> dims;
};

class Node {
 public:
  Node(const flowport_host* host, flowport_node* node) : host_(host), node_(node) {
    info_.struct_size = sizeof(info_);
    check(host_->node_info(node_, &info_));
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  std::string_view op() const { return to_view(info_.op); }
  std::string_view name() const { return to_view(info_.name); }
  std::string_view path() const { return to_view(info_.path); }
  int num_inputs() const { return static_cast<int>(info_.num_inputs); }
  int num_outputs() const { return static_cast<int>(info_.num_outputs); }

  // ---- read

  Value input(int i) const {
    flowport_value v = 0;
    check(host_->node_input(node_, static_cast<std::uint32_t>(i), &v));
    return {*this, v};
  }
  /// The inputs of a list argument by its name in the op's definition, e.g. "values" of ConcatV2.
  std::vector<Value> inputs(std::string_view arg) const {
    std::uint32_t first = 0, count = 0;
    check(host_->node_arity(node_, to_str(arg), &first, &count));
    std::vector<Value> values;
    for (std::uint32_t i = 0; i < count; ++i) values.push_back(input(static_cast<int>(first + i)));
    return values;
  }
  /// The same for a list that may not be empty; stops with BAD_MODEL and a sentence where it is.
  std::vector<Value> some_inputs(std::string_view arg) const {
    auto values = inputs(arg);
    if (values.empty()) bad_model("argument '" + std::string(arg) + "' should be at least one tensor");
    return values;
  }
  std::vector<Value> inputs() const {
    std::vector<Value> values;
    for (int i = 0; i < num_inputs(); ++i) values.push_back(input(i));
    return values;
  }
  std::vector<Value> some_inputs() const {
    auto values = inputs();
    if (values.empty()) bad_model("it should have at least one input");
    return values;
  }
  /// The single input of argument `arg`.
  Value input(std::string_view arg) const {
    std::uint32_t first = 0, count = 0;
    check(host_->node_arity(node_, to_str(arg), &first, &count));
    if (count != 1) bad_model("argument '" + std::string(arg) + "' should be one tensor");
    return input(static_cast<int>(first));
  }
  /// Element type of an output by TensorFlow's rules, kUndefined where they do not tell.
  DType output_dtype(int i = 0) const { return output_type(i).dtype; }
  /// The same with the dims that the graph says, where it says any.
  TypeSpec output_type(int i = 0) const;

  /// Attribute of the TF node. T: std::int64_t, int, bool, float, std::string (a function's name too), DType, TensorAttr,
  /// TypeSpec (a shape), or a list: Ints, std::vector of float, std::string, DType or TypeSpec. Stops with BAD_MODEL and a
  /// sentence where the node does not have it, or where it is of another kind.
  template <typename T>
  T attr(std::string_view name) const {
    if (auto v = find_attr<T>(name)) return *std::move(v);
    fail(FLOWPORT_BAD_MODEL, "attribute '" + std::string(name) + "' is missing",
         "the node has to carry it, or the handler asks for it by a wrong name");
  }
  /// The same; `otherwise` where the node does not have it.
  template <typename T>
  T attr(std::string_view name, T otherwise) const {
    auto v = find_attr<T>(name);
    return v ? *std::move(v) : std::move(otherwise);
  }
  /// The same; nullopt where the node does not have it.
  template <typename T>
  std::optional<T> find_attr(std::string_view name) const;

  /// The TF node that made `value`, to be read; nullopt for constants, inputs of the model and variables.
  std::optional<Node> producer(const Value& value) const {
    const auto* api = static_cast<const flowport_producer_api*>(host_->interface_of(to_str(FLOWPORT_PRODUCER_API)));
    flowport_node* made_by = nullptr;
    if (api == nullptr || api->producer_of(node_, value.id(), &made_by) != FLOWPORT_OK) return std::nullopt;
    return std::optional<Node>(std::in_place, host_, made_by);
  }

  // ---- write

  std::vector<Value> emit_n(std::string_view op, const std::vector<Value>& inputs, const Attrs& attrs, int num_outputs,
                            std::string_view domain = {}) const;
  Value emit(std::string_view op, const std::vector<Value>& inputs, const Attrs& attrs = {},
             std::string_view domain = {}) const {
    return emit_n(op, inputs, attrs, 1, domain)[0];
  }

  /// A constant from elements stored as `dtype` is (size_of(dtype) bytes each).
  Value constant(DType dtype, std::span<const std::int64_t> dims, std::span<const std::byte> data) const {
    flowport_tensor t{};
    t.type = {sizeof(flowport_type), static_cast<std::int32_t>(dtype), static_cast<std::int32_t>(dims.size()), 0,
              dims.data()};
    t.data = data.data();
    t.bytes = data.size();
    return make_constant(t);
  }
  /// Numbers converted to `dtype` (floats rounded to nearest even; float16 and bfloat16 included).
  Value constant(DType dtype, std::span<const std::int64_t> dims, std::span<const double> numbers) const;
  Value strings(const Ints& dims, const std::vector<std::string>& items) const {
    std::vector<flowport_str> views;
    for (const auto& s : items) views.push_back(to_str(s));
    flowport_tensor t{};
    t.type = {sizeof(flowport_type), FLOWPORT_STRING, static_cast<std::int32_t>(dims.size()), 0, dims.data()};
    t.data = views.data();
    t.bytes = views.size() * sizeof(flowport_str);
    return make_constant(t);
  }
  /// int64 tensor of rank 1.
  Value ints(const Ints& v) const {
    const std::int64_t n = static_cast<std::int64_t>(v.size());
    return constant(DType::kInt64, std::span(&n, 1), std::as_bytes(std::span(v)));
  }
  Value scalar(DType dtype, double value) const { return constant(dtype, {}, std::span<const double>(&value, 1)); }
  /// int64 scalar, exact over the whole range.
  Value int_scalar(std::int64_t value) const {
    return constant(DType::kInt64, {}, std::as_bytes(std::span(&value, 1)));
  }

  void set_type(Value v, const TypeSpec& spec) const {
    const flowport_type t = to_type(spec);
    check(host_->set_type(node_, v.id(), &t));
  }

  void bind(Value v) const { bind(0, v); }
  void bind(int output, Value v) const { check(host_->bind_output(node_, static_cast<std::uint32_t>(output), v.id())); }
  void bind_all(const std::vector<Value>& values) const {
    for (std::size_t i = 0; i < values.size(); ++i) bind(static_cast<int>(i), values[i]);
  }

  /// Builds a graph-valued attribute: `build(inputs)` emits the body and returns its outputs. Bodies may use outer values.
  template <typename Build>
  Body body(const std::vector<TypeSpec>& input_types, Build&& build) const;

  // ---- settle

  /// Opset of `domain` at the target; 0 where the target has none.
  int opset(std::string_view domain = {}) const { return static_cast<int>(host_->opset(node_, to_str(domain))); }
  std::optional<std::string> option(std::string_view name) const {
    flowport_str s{};
    if (host_->option(node_, to_str(name), &s) != FLOWPORT_OK) return std::nullopt;
    return std::string(to_view(s));
  }
  void note(std::string_view text) const { host_->note(node_, to_str(text)); }

  [[noreturn]] void fail(flowport_status code, std::string_view text, std::string_view hint = {}) const {
    throw Stop{host_->fail(node_, code, to_str(text), to_str(hint))};
  }
  [[noreturn]] void decline(std::string_view why) const { fail(FLOWPORT_DECLINED, why); }
  [[noreturn]] void unsupported(std::string_view why, std::string_view hint = {}) const {
    fail(FLOWPORT_UNSUPPORTED, why, hint);
  }
  [[noreturn]] void bad_model(std::string_view why) const { fail(FLOWPORT_BAD_MODEL, why); }

  const flowport_host* host() const { return host_; }
  flowport_node* handle() const { return node_; }
  void check(flowport_status status) const {
    if (status != FLOWPORT_OK) throw Stop{status};
  }

 private:
  static flowport_type to_type(const TypeSpec& spec) {
    return {sizeof(flowport_type), static_cast<std::int32_t>(spec.dtype),
            spec.dims ? static_cast<std::int32_t>(spec.dims->size()) : -1, 0, spec.dims ? spec.dims->data() : nullptr};
  }
  Value make_constant(const flowport_tensor& t) const {
    flowport_value v = 0;
    check(host_->constant(node_, &t, &v));
    return {*this, v};
  }

  const flowport_host* host_;
  flowport_node* node_;
  flowport_node_info info_{};
};

}  // namespace flowport

#include <flowport/node_inl.hpp>
