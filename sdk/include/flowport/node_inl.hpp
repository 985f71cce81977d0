// Definitions of the longer members of node.hpp.
#pragma once

#include <flowport/node.hpp>

#include <bit>
#include <utility>

namespace flowport {

namespace detail {

inline double half_to_double(std::uint16_t h) {
  const int sign = h >> 15, exponent = (h >> 10) & 31, fraction = h & 1023;
  double v = exponent == 0    ? std::ldexp(fraction, -24)
             : exponent == 31 ? (fraction ? std::nan("") : HUGE_VAL)
                              : std::ldexp(1024 + fraction, exponent - 25);
  return sign ? -v : v;
}

inline std::uint16_t double_to_half(double v) {
  const std::uint16_t sign = std::signbit(v) ? 0x8000 : 0;
  if (std::isnan(v)) return static_cast<std::uint16_t>(sign | 0x7e00);
  const double a = std::fabs(v);
  if (a >= 65520.0) return static_cast<std::uint16_t>(sign | 0x7c00);
  int exponent = 0;
  std::frexp(a, &exponent);
  const int shift = exponent - 11 < -24 ? -24 : exponent - 11;  // the unit in the last place is 2^shift
  const auto units = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(a, -shift)));
  if (shift == -24) return static_cast<std::uint16_t>(sign | units);
  return static_cast<std::uint16_t>(sign + ((static_cast<std::uint32_t>(shift + 24) << 10) + units));
}

inline std::uint16_t double_to_bfloat16(double v) {
  const auto f = static_cast<float>(v);
  auto bits = std::bit_cast<std::uint32_t>(f);
  if (std::isnan(f)) return 0x7fc0;
  bits += 0x7fff + ((bits >> 16) & 1);
  return static_cast<std::uint16_t>(bits >> 16);
}

template <typename T>
T read_as(const void* data, std::size_t i) {
  T v;
  std::memcpy(&v, static_cast<const char*>(data) + i * sizeof(T), sizeof(T));
  return v;
}

inline double number_at(DType dtype, const void* data, std::size_t i) {
  switch (dtype) {
    case DType::kBool: return read_as<std::uint8_t>(data, i) != 0 ? 1.0 : 0.0;
    case DType::kInt8: return read_as<std::int8_t>(data, i);
    case DType::kUint8: return read_as<std::uint8_t>(data, i);
    case DType::kInt16: return read_as<std::int16_t>(data, i);
    case DType::kUint16: return read_as<std::uint16_t>(data, i);
    case DType::kInt32: return read_as<std::int32_t>(data, i);
    case DType::kUint32: return read_as<std::uint32_t>(data, i);
    case DType::kInt64: return static_cast<double>(read_as<std::int64_t>(data, i));
    case DType::kUint64: return static_cast<double>(read_as<std::uint64_t>(data, i));
    case DType::kFloat: return static_cast<double>(read_as<float>(data, i));
    case DType::kDouble: return read_as<double>(data, i);
    case DType::kFloat16: return half_to_double(read_as<std::uint16_t>(data, i));
    case DType::kBfloat16:
      return static_cast<double>(
          std::bit_cast<float>(static_cast<std::uint32_t>(read_as<std::uint16_t>(data, i)) << 16));
    default: return std::nan("");
  }
}

inline std::int64_t integer_at(DType dtype, const void* data, std::size_t i) {
  if (dtype == DType::kInt64) return read_as<std::int64_t>(data, i);
  if (dtype == DType::kUint64) return static_cast<std::int64_t>(read_as<std::uint64_t>(data, i));
  return static_cast<std::int64_t>(number_at(dtype, data, i));
}

template <typename T>
void append_as(std::vector<std::byte>& out, T v) {
  const auto* p = reinterpret_cast<const std::byte*>(&v);
  out.insert(out.end(), p, p + sizeof(T));
}

inline void append_number(std::vector<std::byte>& out, DType dtype, double v) {
  switch (dtype) {
    case DType::kBool: return append_as<std::uint8_t>(out, v != 0.0);
    case DType::kInt8: return append_as(out, static_cast<std::int8_t>(v));
    case DType::kUint8: return append_as(out, static_cast<std::uint8_t>(v));
    case DType::kInt16: return append_as(out, static_cast<std::int16_t>(v));
    case DType::kUint16: return append_as(out, static_cast<std::uint16_t>(v));
    case DType::kInt32: return append_as(out, static_cast<std::int32_t>(v));
    case DType::kUint32: return append_as(out, static_cast<std::uint32_t>(v));
    case DType::kInt64: return append_as(out, static_cast<std::int64_t>(v));
    case DType::kUint64: return append_as(out, static_cast<std::uint64_t>(v));
    case DType::kFloat: return append_as(out, static_cast<float>(v));
    case DType::kDouble: return append_as(out, v);
    case DType::kFloat16: return append_as(out, double_to_half(v));
    case DType::kBfloat16: return append_as(out, double_to_bfloat16(v));
    default: return;
  }
}

inline std::size_t count_of(const flowport_type& t) {
  std::size_t n = 1;
  for (int i = 0; i < t.rank; ++i) n *= static_cast<std::size_t>(t.dims[i]);
  return n;
}

}  // namespace detail

// ---- Value

inline flowport_type Value::type() const {
  flowport_type t{};
  t.struct_size = sizeof(t);
  node_->check(node_->host()->value_type(node_->handle(), id_, &t));
  return t;
}

inline flowport_tensor Value::tensor() const {
  flowport_tensor t{};
  t.type.struct_size = sizeof(t.type);
  node_->check(node_->host()->value_const(node_->handle(), id_, &t));
  return t;
}

inline DType Value::dtype() const { return static_cast<DType>(type().dtype); }
inline int Value::rank() const { return type().rank; }

inline int Value::known_rank() const {
  const int r = rank();
  if (r < 0) {
    node_->unsupported("the rank of an input is unknown, and ONNX needs it here",
                       "give the shape of the model's inputs with --shape");
  }
  return r;
}

inline std::int64_t Value::dim(int axis) const {
  const flowport_type t = type();
  if (axis < 0) axis += t.rank;
  return t.rank < 0 || axis < 0 || axis >= t.rank ? -1 : t.dims[axis];
}

inline std::optional<Ints> Value::dims() const {
  const flowport_type t = type();
  if (t.rank < 0) return std::nullopt;
  return Ints(t.dims, t.dims + t.rank);
}

inline std::optional<Ints> Value::static_dims() const {
  auto d = dims();
  if (d) {
    for (const auto n : *d) {
      if (n < 0) return std::nullopt;
    }
  }
  return d;
}

inline bool Value::is_known() const { return tensor().data != nullptr; }

inline std::optional<Ints> Value::ints() const {
  const flowport_tensor t = tensor();
  const auto dtype = static_cast<DType>(t.type.dtype);
  if (t.data == nullptr || size_of(dtype) == 0) return std::nullopt;
  Ints out(detail::count_of(t.type));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = detail::integer_at(dtype, t.data, i);
  return out;
}

inline std::optional<std::vector<double>> Value::doubles() const {
  const flowport_tensor t = tensor();
  const auto dtype = static_cast<DType>(t.type.dtype);
  if (t.data == nullptr || size_of(dtype) == 0) return std::nullopt;
  std::vector<double> out(detail::count_of(t.type));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = detail::number_at(dtype, t.data, i);
  return out;
}

inline std::optional<std::vector<std::string>> Value::strings() const {
  const flowport_tensor t = tensor();
  if (t.data == nullptr || t.type.dtype != FLOWPORT_STRING) return std::nullopt;
  std::vector<std::string> out;
  const auto* items = static_cast<const flowport_str*>(t.data);
  for (std::size_t i = 0; i < detail::count_of(t.type); ++i) out.emplace_back(to_view(items[i]));
  return out;
}

inline std::optional<std::int64_t> Value::int_scalar() const {
  const auto v = ints();
  return v && v->size() == 1 ? std::optional((*v)[0]) : std::nullopt;
}

inline Ints Value::known_ints() const {
  auto content = ints();
  if (!content) node_->bad_model("an input should be a constant of integers");
  return *std::move(content);
}

inline std::int64_t Value::known_int() const {
  const Ints content = known_ints();
  if (content.size() != 1)
    node_->bad_model("an input should be one integer, and has " + std::to_string(content.size()) + " elements");
  return content[0];
}

inline std::optional<double> Value::double_scalar() const {
  const auto v = doubles();
  return v && v->size() == 1 ? std::optional((*v)[0]) : std::nullopt;
}

inline std::vector<flowport_item> Value::items() const {
  const flowport_item* p = nullptr;
  std::uint32_t n = 0;
  node_->check(node_->host()->value_items(node_->handle(), id_, &p, &n));
  return std::vector<flowport_item>(p, p + n);
}

// ---- Node

namespace detail {

/// How messages name the kind of an attribute.
inline std::string kind_text(const flowport_attr& a) {
  switch (a.kind) {
    case FLOWPORT_ATTR_INT: return "an integer or bool";
    case FLOWPORT_ATTR_FLOAT: return "a float";
    case FLOWPORT_ATTR_STRING: return "a string or function";
    case FLOWPORT_ATTR_INTS: return "a list of integers or bools";
    case FLOWPORT_ATTR_FLOATS: return "a list of floats";
    case FLOWPORT_ATTR_STRINGS: return "a list of strings";
    case FLOWPORT_ATTR_TENSOR: return "a tensor";
    case FLOWPORT_ATTR_TYPE: return a.count == 1 ? "a type" : "a list of types";
    case FLOWPORT_ATTR_SHAPE: return a.count == 1 ? "a shape" : "a list of shapes";
    default: return "of kind " + std::to_string(a.kind);
  }
}

inline std::optional<Ints> dims_of(const flowport_type& t) {
  return t.rank < 0 ? std::nullopt : std::optional(Ints(t.dims, t.dims + t.rank));
}

/// How an attribute of C++ type T comes across the boundary.
template <typename T>
struct AttrOf {
  static_assert(sizeof(T) == 0,
                "no attribute of TensorFlow has this type in C++; see Node::attr for those that there are");
};

template <typename Item, std::uint32_t Kind>
struct OneAttr {
  using Raw = Item;
  static constexpr std::uint32_t kKind = Kind;
  static constexpr bool kIsList = false;
};
template <typename Item, std::uint32_t Kind>
struct ListAttr {
  using Raw = Item;
  static constexpr std::uint32_t kKind = Kind;
  static constexpr bool kIsList = true;
};

template <typename T>
requires std::is_integral_v<T>
struct AttrOf<T> : OneAttr<std::int64_t, FLOWPORT_ATTR_INT> {
  static std::optional<T> read(std::int64_t v) {
    if constexpr (std::is_same_v<T, bool>) {
      return v != 0;
    } else {
      return std::in_range<T>(v) ? std::optional(static_cast<T>(v)) : std::nullopt;
    }
  }
};
template <>
struct AttrOf<float> : OneAttr<float, FLOWPORT_ATTR_FLOAT> {
  static std::optional<float> read(float v) { return v; }
};
template <>
struct AttrOf<std::string> : OneAttr<flowport_str, FLOWPORT_ATTR_STRING> {
  static std::optional<std::string> read(flowport_str v) { return std::string(to_view(v)); }
};
template <>
struct AttrOf<DType> : OneAttr<std::int32_t, FLOWPORT_ATTR_TYPE> {
  static std::optional<DType> read(std::int32_t v) { return static_cast<DType>(v); }
};
template <>
struct AttrOf<TypeSpec> : OneAttr<flowport_type, FLOWPORT_ATTR_SHAPE> {
  static std::optional<TypeSpec> read(const flowport_type& v) { return TypeSpec{DType::kUndefined, dims_of(v)}; }
};
template <>
struct AttrOf<TensorAttr> : OneAttr<flowport_tensor, FLOWPORT_ATTR_TENSOR> {
  /// Strings have no place in a TensorAttr.
  static std::optional<TensorAttr> read(const flowport_tensor& v) {
    if (v.type.dtype == FLOWPORT_STRING || v.type.rank < 0) return std::nullopt;
    TensorAttr tensor{static_cast<DType>(v.type.dtype), *dims_of(v.type), {}};
    if (const auto* bytes = static_cast<const std::byte*>(v.data)) tensor.data.assign(bytes, bytes + v.bytes);
    return tensor;
  }
};

template <>
struct AttrOf<Ints> : ListAttr<std::int64_t, FLOWPORT_ATTR_INTS> {};
template <>
struct AttrOf<std::vector<float>> : ListAttr<float, FLOWPORT_ATTR_FLOATS> {};
template <>
struct AttrOf<std::vector<std::string>> : ListAttr<flowport_str, FLOWPORT_ATTR_STRINGS> {};
template <>
struct AttrOf<std::vector<DType>> : ListAttr<std::int32_t, FLOWPORT_ATTR_TYPE> {};
template <>
struct AttrOf<std::vector<TypeSpec>> : ListAttr<flowport_type, FLOWPORT_ATTR_SHAPE> {};

}  // namespace detail

template <typename T>
std::optional<T> Node::find_attr(std::string_view name) const {
  using Of = detail::AttrOf<T>;
  flowport_attr a{};
  check(host_->node_attr(node_, to_str(name), &a));
  if (a.kind == FLOWPORT_ATTR_NONE) return std::nullopt;
  const auto* items = static_cast<const typename Of::Raw*>(a.data);
  if constexpr (Of::kIsList) {
    // An empty list does not say of what.
    if (a.kind == Of::kKind || (a.kind == FLOWPORT_ATTR_INTS && a.count == 0)) {
      T list;
      for (std::uint32_t i = 0; i < a.count; ++i) {
        if constexpr (std::is_same_v<typename T::value_type, typename Of::Raw>) {
          list.push_back(items[i]);
        } else {
          list.push_back(*detail::AttrOf<typename T::value_type>::read(items[i]));
        }
      }
      return list;
    }
  } else if (a.kind == Of::kKind && a.count == 1) {
    if (auto value = Of::read(*items)) return value;
  }
  fail(FLOWPORT_BAD_MODEL,
       "attribute '" + std::string(name) + "' is " + detail::kind_text(a) +
           ", which is not what the handler reads it as",
       "compare the graph's node with the type that the handler asks for");
}

inline TypeSpec Node::output_type(int i) const {
  flowport_type t{};
  t.struct_size = sizeof(t);
  check(host_->node_output_type(node_, static_cast<std::uint32_t>(i), &t));
  return {static_cast<DType>(t.dtype), detail::dims_of(t)};
}

inline std::vector<Value> Node::emit_n(std::string_view op, const std::vector<Value>& inputs, const Attrs& attrs,
                                       int num_outputs, std::string_view domain) const {
  std::vector<flowport_value> ids;
  ids.reserve(inputs.size());
  for (const auto& v : inputs) ids.push_back(v.id());
  std::vector<flowport_attr> rows;
  rows.reserve(attrs.size());
  std::vector<std::vector<flowport_str>> string_lists(attrs.size());
  std::vector<flowport_str> strings(attrs.size());
  std::vector<flowport_tensor> tensors(attrs.size());
  for (std::size_t i = 0; i < attrs.size(); ++i) {
    const auto& a = attrs[i];
    flowport_attr row{to_str(a.name_), FLOWPORT_ATTR_NONE, 1, nullptr};
    const auto set = [&](std::uint32_t kind, const void* data, std::size_t count = 1) {
      row.kind = kind;
      row.data = data;
      row.count = static_cast<std::uint32_t>(count);
    };
    std::visit(
        [&]<typename T>(const T& v) {
          if constexpr (std::is_same_v<T, std::int64_t>) {
            set(FLOWPORT_ATTR_INT, &v);
          } else if constexpr (std::is_same_v<T, float>) {
            set(FLOWPORT_ATTR_FLOAT, &v);
          } else if constexpr (std::is_same_v<T, std::string>) {
            strings[i] = to_str(v);
            set(FLOWPORT_ATTR_STRING, &strings[i]);
          } else if constexpr (std::is_same_v<T, Ints>) {
            set(FLOWPORT_ATTR_INTS, v.data(), v.size());
          } else if constexpr (std::is_same_v<T, std::vector<float>>) {
            set(FLOWPORT_ATTR_FLOATS, v.data(), v.size());
          } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            for (const auto& s : v) string_lists[i].push_back(to_str(s));
            set(FLOWPORT_ATTR_STRINGS, string_lists[i].data(), v.size());
          } else if constexpr (std::is_same_v<T, TensorAttr>) {
            tensors[i].type = {sizeof(flowport_type), static_cast<std::int32_t>(v.dtype),
                               static_cast<std::int32_t>(v.dims.size()), 0, v.dims.data()};
            tensors[i].data = v.data.data();
            tensors[i].bytes = v.data.size();
            set(FLOWPORT_ATTR_TENSOR, &tensors[i]);
          } else {
            set(FLOWPORT_ATTR_BODY, &v);
          }
        },
        a.value_);
    rows.push_back(row);
  }
  flowport_op spec{};
  spec.struct_size = sizeof(spec);
  spec.num_outputs = static_cast<std::uint32_t>(num_outputs);
  spec.type = to_str(op);
  spec.domain = to_str(domain);
  spec.inputs = ids.data();
  spec.attrs = rows.data();
  spec.num_inputs = static_cast<std::uint32_t>(ids.size());
  spec.num_attrs = static_cast<std::uint32_t>(rows.size());
  std::vector<flowport_value> out(static_cast<std::size_t>(num_outputs));
  check(host_->emit(node_, &spec, out.data()));
  std::vector<Value> values;
  for (const auto id : out) values.emplace_back(*this, id);
  return values;
}

inline Value Node::constant(DType dtype, std::span<const std::int64_t> dims, std::span<const double> numbers) const {
  std::vector<std::byte> data;
  data.reserve(numbers.size() * size_of(dtype));
  for (const double v : numbers) detail::append_number(data, dtype, v);
  return constant(dtype, dims, std::span<const std::byte>(data));
}

template <typename Build>
Body Node::body(const std::vector<TypeSpec>& input_types, Build&& build) const {
  const auto* api = static_cast<const flowport_body_api*>(host_->interface_of(to_str(FLOWPORT_BODY_API)));
  if (api == nullptr) unsupported("this host cannot build graph-valued attributes", "update flowport");
  Body body;
  check(api->begin(node_, &body.id));
  std::vector<Value> inputs;
  for (const auto& spec : input_types) {
    const flowport_type t = to_type(spec);
    flowport_value v = 0;
    check(api->input(node_, &t, &v));
    inputs.emplace_back(*this, v);
  }
  const std::vector<Value> outputs = build(inputs);
  std::vector<flowport_value> ids;
  for (const auto& v : outputs) ids.push_back(v.id());
  check(api->end(node_, body.id, ids.data(), static_cast<std::uint32_t>(ids.size())));
  return body;
}

}  // namespace flowport
