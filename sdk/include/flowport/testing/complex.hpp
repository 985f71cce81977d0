// How FakeHost carries complex tensors: as real ones with a last dim of 2, whole or part by part.
#pragma once

#include <flowport/testing.hpp>

#include <algorithm>

namespace flowport::testing {

inline bool has_complex(const GivenNode& node) {
  const auto& data = node.data();
  return std::ranges::any_of(data.inputs, [](const auto& input) { return is_complex(input.tensor.dtype); }) ||
         std::ranges::any_of(data.outputs, [](const auto& output) { return is_complex(output.dtype); });
}

/// What a row with FLOWPORT_HANDLER_COMPLEX sees of a tensor; one that is not complex is as it was.
inline Tensor carried(Tensor tensor) {
  if (!is_complex(tensor.dtype)) return tensor;
  tensor.dtype = part_type(tensor.dtype);
  if (tensor.dims) tensor.dims->push_back(2);
  return tensor;
}

enum class Part { kReal, kImaginary };

/// The real or the imaginary part of a tensor; one that is not complex is as it was.
inline Tensor part_of(Tensor tensor, Part part) {
  if (!is_complex(tensor.dtype)) return tensor;
  tensor.dtype = part_type(tensor.dtype);
  tensor.part = part == Part::kReal ? ".re" : ".im";
  if (tensor.data) {
    const std::size_t size = size_of(tensor.dtype), first = part == Part::kReal ? 0 : size;
    std::vector<std::byte> half;
    for (std::size_t at = first; at < tensor.data->size(); at += 2 * size)
      half.insert(half.end(), tensor.data->begin() + static_cast<std::ptrdiff_t>(at),
                  tensor.data->begin() + static_cast<std::ptrdiff_t>(at + size));
    tensor.data = std::move(half);
  }
  return tensor;
}

/// What a row with FLOWPORT_HANDLER_PARTS sees in one of its two calls: the node as if its types were real.
inline GivenNode part_of(const GivenNode& node, Part part) {
  GivenNode::Data data = node.data();
  for (auto& input : data.inputs) {
    input.tensor = part_of(std::move(input.tensor), part);
    if (input.maker != nullptr) input.maker = std::make_shared<GivenNode>(part_of(*input.maker, part));
  }
  for (auto& output : data.outputs) output = part_of(std::move(output), part);
  for (auto& [name, attr] : data.attrs) {
    for (auto& type : attr.types) type = static_cast<std::int32_t>(part_type(static_cast<DType>(type)));
  }
  return GivenNode(std::move(data));
}

/// What the node's outputs are: complex ones joined from the outcomes for the two parts, the others from the first.
inline Outcome joined(const GivenNode& node, Outcome real, const Outcome& imaginary) {
  const auto& outputs = node.data().outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Tensor& output = real.outputs[i];
    if (!is_complex(outputs[i].dtype) || output.dtype == DType::kUndefined) continue;
    output = of_type(output.dtype, output.dims);
    if (output.dims) output.dims->push_back(2);
  }
  // An output that is not complex is bound in both calls, and told of once.
  for (std::size_t begin = 0, end = 0; begin < imaginary.text.size(); begin = end) {
    end = imaginary.text.find('\n', begin) + 1;
    const std::string line = imaginary.text.substr(begin, end - begin);
    if (!line.starts_with('y') || line.find(".im = ") != std::string::npos) real.text += line;
  }
  return real;
}

}  // namespace flowport::testing
