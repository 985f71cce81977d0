// Replays data/evaluate_cases.jsonl, which data/make_evaluate_cases.py writes from onnx.reference and ONNX Runtime.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "evaluate_call.h"

namespace flowport::ir {
namespace {

using Json = nlohmann::json;

/// "dtype number:dims:bytes as hex"
ConstantPtr tensor_of(const std::string& text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  Dims dims;
  std::istringstream list(text.substr(first + 1, second - first - 1));
  for (std::string dim; std::getline(list, dim, ',');) dims.push_back(std::stoll(dim));
  std::vector<std::byte> bytes;
  for (std::size_t i = second + 1; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(text.substr(i, 2), nullptr, 16)));
  }
  return Constant::make(static_cast<DType>(std::stoi(text)), std::move(dims), Bytes(std::move(bytes)));
}

Attribute::Storage attribute_of(const Json& value) {
  if (value.is_object()) return tensor_of(value["tensor"].get<std::string>());
  if (value.is_array()) return value.get<std::vector<std::int64_t>>();
  if (value.is_string()) return value.get<std::string>();
  return value.get<std::int64_t>();
}

/// How many numbers of the type lie between two floats of which `bits` are the bits; 0 for two NaN.
template <typename Bits>
std::uint64_t distance(Bits a, Bits b, Bits infinity) {
  constexpr Bits kSign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
  const auto magnitude = [](Bits bits) { return static_cast<Bits>(bits & static_cast<Bits>(~kSign)); };
  if (magnitude(a) > infinity || magnitude(b) > infinity)
    return magnitude(a) > infinity && magnitude(b) > infinity ? 0 : ~0ULL;
  const auto order = [&](Bits bits) {
    const auto size = static_cast<std::int64_t>(magnitude(bits));
    return (bits & kSign) != 0 ? -size : size;
  };
  const std::int64_t gap = order(a) - order(b);
  return static_cast<std::uint64_t>(gap < 0 ? -gap : gap);
}

template <typename Bits>
std::uint64_t largest_distance(const Constant& a, const Constant& b, Bits infinity) {
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < a.byte_size(); i += sizeof(Bits)) {
    Bits x, y;
    std::memcpy(&x, a.bytes().data() + i, sizeof x);
    std::memcpy(&y, b.bytes().data() + i, sizeof y);
    largest = std::max(largest, distance(x, y, infinity));
  }
  return largest;
}

/// 0 for equal bytes; units in the last place between floats, otherwise the largest number.
std::uint64_t distance(const Constant& a, const Constant& b) {
  switch (a.dtype()) {
    case DType::kFloat: return largest_distance<std::uint32_t>(a, b, 0x7f800000U);
    case DType::kDouble: return largest_distance<std::uint64_t>(a, b, 0x7ff0000000000000U);
    case DType::kFloat16: return largest_distance<std::uint16_t>(a, b, 0x7c00U);
    case DType::kBfloat16: return largest_distance<std::uint16_t>(a, b, 0x7f80U);
    default: return std::ranges::equal(a.bytes().span(), b.bytes().span()) ? 0 : ~0ULL;
  }
}

std::vector<Json> cases() {
  const char* root = std::getenv("FLOWPORT_SOURCE_ROOT");
  std::ifstream file(std::string(root == nullptr ? "." : root) + "/tests/unit/onnx/data/evaluate_cases.jsonl");
  std::vector<Json> all;
  for (std::string line; std::getline(file, line);) all.push_back(Json::parse(line));
  return all;
}

NodeCall call_of(const Json& json) {
  NodeCall call(json["op"].get<std::string>(), json.value("opset", 21));
  const Json attributes = json.value("attributes", Json::object());
  for (const auto& [name, value] : attributes.items()) call.attr(name, attribute_of(value));
  call.outputs(json["outputs"].size());
  return call;
}

std::vector<ConstantPtr> inputs_of(const Json& json) {
  std::vector<ConstantPtr> inputs;
  for (const auto& input : json["inputs"])
    inputs.push_back(input.is_null() ? nullptr : tensor_of(input.get<std::string>()));
  return inputs;
}

TEST(EvaluateCases, GiveWhatTheReferenceGives) {
  const auto all = cases();
  ASSERT_GT(all.size(), 700U);
  for (const auto& json : all) {
    SCOPED_TRACE(json.dump());
    NodeCall call = call_of(json);
    for (const auto& input : inputs_of(json)) call.in(input);
    const auto results = call.run();
    if (!results) {
      ADD_FAILURE() << "not evaluated";
      continue;
    }
    ASSERT_EQ(results->size(), json["outputs"].size());
    for (std::size_t i = 0; i < results->size(); ++i) {
      const auto expected = tensor_of(json["outputs"][i].get<std::string>());
      const Constant& result = *(*results)[i];
      EXPECT_EQ(result.dtype(), expected->dtype());
      EXPECT_EQ(result.dims(), expected->dims());
      if (result.dtype() != expected->dtype() || result.dims() != expected->dims()) continue;
      EXPECT_LE(distance(result, *expected), 2U) << text_of((*results)[i]) << " for " << text_of(expected);
    }
  }
}

/// All elements of an int64 or int32 constant set to one value.
ConstantPtr filled(const Constant& constant, std::int64_t value) {
  std::vector<std::byte> bytes(constant.byte_size());
  const std::size_t size = size_of(constant.dtype());
  for (std::size_t i = 0; i < bytes.size(); i += size) std::memcpy(bytes.data() + i, &value, size);
  return Constant::make(constant.dtype(), constant.dims(), Bytes(std::move(bytes)));
}

TEST(EvaluateCases, ParametersOfAnyValueAreSurvived) {
  constexpr std::int64_t kValues[] = {INT64_MIN, INT64_MIN + 1, INT32_MIN, -100,          -1,       0, 1,
                                      100,       INT32_MAX,     1LL << 40, INT64_MAX - 1, INT64_MAX};
  constexpr std::size_t kLimit = 4096;
  for (const auto& json : cases()) {
    SCOPED_TRACE(json.dump());
    const auto inputs = inputs_of(json);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i] || (inputs[i]->dtype() != DType::kInt64 && inputs[i]->dtype() != DType::kInt32)) continue;
      for (const auto value : kValues) {
        NodeCall call = call_of(json);
        for (std::size_t k = 0; k < inputs.size(); ++k) call.in(k == i ? filled(*inputs[k], value) : inputs[k]);
        const auto results = call.run(kLimit);
        if (!results) continue;
        for (const auto& result : *results) EXPECT_LE(result->byte_size(), kLimit);
      }
    }
    for (const auto value : kValues) {
      NodeCall call = call_of(json);
      for (const auto& input : inputs) call.in(input);
      for (const char* name :
           {"axis", "k", "start", "end", "blocksize", "batch_dims", "num_outputs", "batch_axis", "to"}) {
        if (json.value("attributes", Json::object()).contains(name)) call.attr(name, value);
      }
      call.run(kLimit);
    }
  }
}

}  // namespace
}  // namespace flowport::ir
