// Unit tests of handlers without Flowport: a host of its own that obeys abi.h over one node given by the test.
//
//   FakeHost host;                                                       // a target of opset 21
//   GivenNode node("Cube");
//   node.input(of_type(DType::kFloat, Ints{-1, 4})).attr("T", DType::kFloat).output(DType::kFloat);
//   const Outcome done = host.convert(*flowport_plugin_query_v1(FLOWPORT_ABI_MINOR), node);
//   EXPECT_EQ(done.text, "v0 = Mul(x0, x0)\nv1 = Mul(v0, x0)\ny0 = v1\n");
//
// FakeHost answers a misuse as the real host does: unknown values, ops and attributes, wrong counts and element types, outputs
// bound twice, bodies left open. Complex tensors come as real ones, and only to rows that take them: a row for parts is called for
// both, and `text` has what it said of x0.re, then of x0.im. It differs where a test wants to read what the handler said: it computes nothing but Shape and
// Size, knows shapes after element-wise ops and moves of dims only (state others by FakeHost::result_of), and shows no
// Casts that a target needs. Needs no test framework. Not for plugins themselves.
#pragma once

#include <flowport/node.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowport::testing {

/// A tensor as a handler may know it: element type and shape always, content where it is known when converting.
struct Tensor {
  DType dtype = DType::kUndefined;
  std::optional<Ints> dims;                    ///< -1: unknown dim; nullopt: unknown rank
  std::optional<std::vector<std::byte>> data;  ///< known content, as abi.h lays it out
  std::optional<std::vector<std::string>> strings;
  std::vector<flowport_item> items;  ///< content as far as it is known, of a value that is not known as a whole
  std::string part = {};             ///< ".re" or ".im" where it is a part of a complex tensor

  bool is_known() const { return data.has_value() || strings.has_value(); }
};

inline Tensor of_type(DType dtype, std::optional<Ints> dims = std::nullopt) {
  return {dtype, std::move(dims), {}, {}, {}};
}
/// A known tensor; numbers are converted to `dtype`.
inline Tensor known(DType dtype, Ints dims, const std::vector<double>& numbers) {
  std::vector<std::byte> data;
  for (const double number : numbers) detail::append_number(data, dtype, number);
  return {dtype, std::move(dims), std::move(data), {}, {}};
}
inline Tensor known_ints(const Ints& numbers, DType dtype = DType::kInt32) {
  return known(dtype, {static_cast<std::int64_t>(numbers.size())}, {numbers.begin(), numbers.end()});
}
/// A known complex tensor from numbers that are real and imaginary part in turn.
inline Tensor known_complex(Ints dims, const std::vector<double>& parts, DType dtype = DType::kComplex64) {
  Tensor tensor = known(part_type(dtype), std::move(dims), parts);
  tensor.dtype = dtype;
  return tensor;
}
inline Tensor known_strings(Ints dims, std::vector<std::string> strings) {
  return {DType::kString, std::move(dims), {}, std::move(strings), {}};
}

/// An attribute of the TF node.
struct GivenAttr {
  std::uint32_t kind = FLOWPORT_ATTR_NONE;
  Ints ints = {};
  std::vector<float> floats = {};
  std::vector<std::string> strings = {};
  std::vector<std::int32_t> types = {};
  std::vector<TypeSpec> shapes = {};
  std::optional<Tensor> tensor = {};
};

/// A TensorFlow node for a handler to convert.
class GivenNode {
 public:
  struct Input {
    std::string arg;
    Tensor tensor;
    std::shared_ptr<GivenNode> maker;
    bool is_opaque = false;
    bool is_absent = false;
  };
  struct Data {
    std::string op, name, path;
    std::vector<Input> inputs;
    std::vector<Tensor> outputs;
    std::vector<std::pair<std::string, std::size_t>> empty_lists;
    std::map<std::string, GivenAttr, std::less<>> attrs;
  };

  explicit GivenNode(std::string op, std::string name = "node")
      : data_{std::move(op), std::move(name), {}, {}, {}, {}, {}} {}
  explicit GivenNode(Data data) : data_(std::move(data)) {}
  const Data& data() const { return data_; }

  GivenNode& path(std::string functions) { return data_.path = std::move(functions), *this; }
  /// The next flat input.
  GivenNode& input(Tensor tensor) { return input("", std::move(tensor)); }
  /// The next flat input, of argument `arg` of the op; inputs of one name that follow each other make a list.
  GivenNode& input(std::string arg, Tensor tensor) {
    data_.inputs.push_back({std::move(arg), std::move(tensor), nullptr, false, false});
    return *this;
  }
  /// An input that another node made, which producer() lets the handler read.
  GivenNode& input_from(std::string arg, Tensor tensor, GivenNode maker) {
    data_.inputs.push_back(
        {std::move(arg), std::move(tensor), std::make_shared<GivenNode>(std::move(maker)), false, false});
    return *this;
  }
  /// An input that is no tensor (a table, a TensorArray): reading it is UNSUPPORTED.
  GivenNode& input_without_tensor(std::string arg = {}) {
    data_.inputs.push_back({std::move(arg), {}, nullptr, true, false});
    return *this;
  }
  /// An argument of a match that is absent: its value is 0.
  GivenNode& absent_input(std::string arg) {
    data_.inputs.push_back({std::move(arg), {}, nullptr, false, true});
    return *this;
  }
  /// A list argument without items.
  GivenNode& empty_list(std::string arg) {
    data_.empty_lists.emplace_back(std::move(arg), data_.inputs.size());
    return *this;
  }
  /// The next flat output and its type by TensorFlow's rules.
  GivenNode& output(DType dtype, std::optional<Ints> dims = std::nullopt) {
    data_.outputs.push_back(of_type(dtype, std::move(dims)));
    return *this;
  }

  template <typename T>
  requires std::is_integral_v<T> GivenNode& attr(std::string name, T value) {
    return add(std::move(name), FLOWPORT_ATTR_INT, {.ints = {static_cast<std::int64_t>(value)}});
  }
  GivenNode& attr(std::string name, float v) { return add(std::move(name), FLOWPORT_ATTR_FLOAT, {.floats = {v}}); }
  GivenNode& attr(std::string name, double v) { return attr(std::move(name), static_cast<float>(v)); }
  /// A string, or a function by its name.
  GivenNode& attr(std::string name, std::string v) {
    return add(std::move(name), FLOWPORT_ATTR_STRING, {.strings = {std::move(v)}});
  }
  GivenNode& attr(std::string name, const char* v) { return attr(std::move(name), std::string(v)); }
  GivenNode& attr(std::string name, DType v) { return attr(std::move(name), std::vector<DType>{v}); }
  GivenNode& attr(std::string name, Ints v) { return add(std::move(name), FLOWPORT_ATTR_INTS, {.ints = std::move(v)}); }
  GivenNode& attr(std::string name, std::vector<float> v) {
    return add(std::move(name), FLOWPORT_ATTR_FLOATS, {.floats = std::move(v)});
  }
  GivenNode& attr(std::string name, std::vector<std::string> v) {
    return add(std::move(name), FLOWPORT_ATTR_STRINGS, {.strings = std::move(v)});
  }
  GivenNode& attr(std::string name, const std::vector<DType>& v) {
    GivenAttr given;
    for (const DType type : v) given.types.push_back(static_cast<std::int32_t>(type));
    return add(std::move(name), FLOWPORT_ATTR_TYPE, std::move(given));
  }
  GivenNode& attr(std::string name, TypeSpec shape) { return attr(std::move(name), std::vector<TypeSpec>{shape}); }
  GivenNode& attr(std::string name, std::vector<TypeSpec> shapes) {
    for (auto& shape : shapes) shape.dtype = DType::kUndefined;
    return add(std::move(name), FLOWPORT_ATTR_SHAPE, {.shapes = std::move(shapes)});
  }
  GivenNode& attr(std::string name, Tensor v) {
    return add(std::move(name), FLOWPORT_ATTR_TENSOR, {.tensor = std::move(v)});
  }

 private:
  GivenNode& add(std::string name, std::uint32_t kind, GivenAttr given) {
    given.kind = kind;
    data_.attrs[std::move(name)] = std::move(given);
    return *this;
  }

  Data data_;
};

/// What came of a call, by the host's judgement: a plugin that breaks its promises gets FLOWPORT_PLUGIN_BUG.
struct Outcome {
  flowport_status status = FLOWPORT_OK;
  std::string reason, hint;        ///< where status is not OK
  std::vector<std::string> notes;  ///< texts of note()
  std::vector<Tensor> outputs;     ///< what was bound, by flat output; kUndefined where nothing was
  /// The emitted nodes and the bound outputs, one a line; empty where status is not OK. Inputs are x0, x1, ...; what was emitted
  /// is v0, v1, ...; constants stand where they are used: `v0 = Slice<a = 1>(x0, int64[1]{0})`, `y0 = v0`.
  std::string text;

  explicit operator bool() const { return status == FLOWPORT_OK; }
};

/// A host for tests. Set it up, then convert as often as you like.
class FakeHost {
 public:
  struct Setup {
    std::map<std::string, int, std::less<>> opsets;
    std::map<std::string, std::string, std::less<>> options;
    std::map<std::string, std::vector<Tensor>, std::less<>> results;
    std::vector<flowport_schema> schemas;
    std::size_t table_size = sizeof(flowport_host);
    bool has_interfaces = true;
    int refuse_from = 0;
  };

  explicit FakeHost(int opset = 21) { setup_.opsets[""] = opset; }
  const Setup& setup() const { return setup_; }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  /// The target has `version` of `domain`.
  FakeHost& domain(std::string domain, int version) { return setup_.opsets[std::move(domain)] = version, *this; }
  /// What YAML or the command line would set for the plugin.
  FakeHost& option(std::string name, std::string value) {
    return setup_.options[std::move(name)] = std::move(value), *this;
  }
  /// What the real host would infer of the outputs of every node of that op.
  FakeHost& result_of(std::string op, std::vector<Tensor> outputs) {
    return setup_.results[std::move(op)] = std::move(outputs), *this;
  }
  /// The largest function table that this host has: as an older host with fewer members, and no interface by id.
  FakeHost& table_size(std::size_t bytes) { return setup_.table_size = bytes, *this; }
  FakeHost& without_interfaces() { return setup_.has_interfaces = false, *this; }
  /// From the n-th call of a host function on (from 1), every one that may fail answers BAD_CALL.
  FakeHost& refuse_from(int n) { return setup_.refuse_from = n, *this; }

  /// Converts `node` by the row of `plugin` that fits the op and the opset, with its init() called first: by the host's order the
  /// highest opset_min, then the highest priority; the next where one declines. PLUGIN_BUG "no handler" where there is none.
  Outcome convert(const flowport_plugin& plugin, const GivenNode& node);
  /// The same with one row.
  Outcome convert(const flowport_handler& row, const GivenNode& node, void* state = nullptr);
  /// Applies the rewrite of that id to a match, given as a node: see FLOWPORT_PHASE_SCAN in abi.h.
  Outcome apply(const flowport_plugin& plugin, std::string_view rewrite_id, const GivenNode& match);

 private:
  using Function = flowport_status (*)(const flowport_host*, flowport_node*, void*);
  /// Emitted values are called v0, v1, ... from `emitted` on, which is then the number of the next one.
  Outcome run(Function function, const GivenNode& node, void* state, int& emitted);
  Outcome run_by_parts(Function function, const GivenNode& node, void* state);
  /// Calls init(); the reason where it refuses.
  std::optional<std::string> initialise(const flowport_plugin& plugin, void** state);

  Setup setup_;
};

}  // namespace flowport::testing

#include <flowport/testing/fake_host.hpp>
