// Runs a small model: ir::evaluate_node, and plain loops for the ops of neural networks that it leaves out.
#include <gtest/gtest.h>

#include <cmath>

#include "net.h"
#include "onnx/schema.h"

namespace flowport::optimize {

namespace {

/// A float tensor with up to six axes; reading outside gives zero.
struct Tensor {
  std::vector<std::int64_t> dims;
  std::vector<double> numbers;

  static Tensor of(const ir::ConstantPtr& constant) { return {constant->dims(), constant->as_doubles()}; }
  static Tensor zeros(std::vector<std::int64_t> dims) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    return {std::move(dims), std::vector<double>(static_cast<std::size_t>(count))};
  }
  double* at(std::initializer_list<std::int64_t> index) {
    std::int64_t offset = 0;
    std::size_t axis = 0;
    for (const std::int64_t i : index) {
      if (i < 0 || i >= dims[axis]) return nullptr;
      offset = offset * dims[axis++] + i;
    }
    return &numbers[static_cast<std::size_t>(offset)];
  }
  double get(std::initializer_list<std::int64_t> index) {
    const double* place = at(index);
    return place == nullptr ? 0.0 : *place;
  }
  ir::ConstantPtr constant() const {
    std::vector<float> floats(numbers.begin(), numbers.end());
    return ir::Constant::floats(dims, floats);
  }
};

std::vector<std::int64_t> ints_or(const ir::Node& node, std::string_view name, std::vector<std::int64_t> otherwise) {
  const auto* given = node.ints_attr(name);
  return given == nullptr ? otherwise : *given;
}

ir::ConstantPtr conv(const ir::Node& node, Tensor x, Tensor w, const ir::ConstantPtr& bias) {
  const auto pads = ints_or(node, "pads", {0, 0, 0, 0});
  const auto strides = ints_or(node, "strides", {1, 1});
  const std::int64_t group = node.int_attr("group", 1);
  const std::int64_t height = (x.dims[2] + pads[0] + pads[2] - w.dims[2]) / strides[0] + 1;
  const std::int64_t width = (x.dims[3] + pads[1] + pads[3] - w.dims[3]) / strides[1] + 1;
  Tensor y = Tensor::zeros({x.dims[0], w.dims[0], height, width});
  const std::vector<double> biases = bias == nullptr ? std::vector<double>() : bias->as_doubles();
  for (std::int64_t n = 0; n < x.dims[0]; ++n) {
    for (std::int64_t m = 0; m < w.dims[0]; ++m) {
      const std::int64_t first = m / (w.dims[0] / group) * w.dims[1];
      for (std::int64_t i = 0; i < height; ++i) {
        for (std::int64_t j = 0; j < width; ++j) {
          double sum = biases.empty() ? 0.0 : biases[static_cast<std::size_t>(m)];
          for (std::int64_t c = 0; c < w.dims[1]; ++c) {
            for (std::int64_t k = 0; k < w.dims[2]; ++k) {
              for (std::int64_t l = 0; l < w.dims[3]; ++l) {
                sum += w.get({m, c, k, l}) *
                       x.get({n, first + c, i * strides[0] + k - pads[0], j * strides[1] + l - pads[1]});
              }
            }
          }
          *y.at({n, m, i, j}) = sum;
        }
      }
    }
  }
  return y.constant();
}

/// Without pads, group 1.
ir::ConstantPtr conv_transpose(const ir::Node& node, Tensor x, Tensor w, const ir::ConstantPtr& bias) {
  const auto strides = ints_or(node, "strides", {1, 1});
  Tensor y = Tensor::zeros(
      {x.dims[0], w.dims[1], (x.dims[2] - 1) * strides[0] + w.dims[2], (x.dims[3] - 1) * strides[1] + w.dims[3]});
  for (std::int64_t n = 0; n < x.dims[0]; ++n) {
    for (std::int64_t m = 0; m < w.dims[1]; ++m) {
      for (std::int64_t i = 0; bias != nullptr && i < y.dims[2] * y.dims[3]; ++i) {
        *y.at({n, m, i / y.dims[3], i % y.dims[3]}) = bias->as_doubles()[static_cast<std::size_t>(m)];
      }
      for (std::int64_t c = 0; c < w.dims[0]; ++c) {
        for (std::int64_t i = 0; i < x.dims[2] * x.dims[3]; ++i) {
          for (std::int64_t k = 0; k < w.dims[2] * w.dims[3]; ++k) {
            *y.at({n, m, i / x.dims[3] * strides[0] + k / w.dims[3], i % x.dims[3] * strides[1] + k % w.dims[3]}) +=
                x.get({n, c, i / x.dims[3], i % x.dims[3]}) * w.get({c, m, k / w.dims[3], k % w.dims[3]});
          }
        }
      }
    }
  }
  return y.constant();
}

ir::ConstantPtr max_pool(const ir::Node& node, Tensor x) {
  const auto pads = ints_or(node, "pads", {0, 0, 0, 0});
  const auto strides = ints_or(node, "strides", {1, 1});
  const auto kernel = ints_or(node, "kernel_shape", {});
  Tensor y = Tensor::zeros({x.dims[0], x.dims[1], (x.dims[2] + pads[0] + pads[2] - kernel[0]) / strides[0] + 1,
                            (x.dims[3] + pads[1] + pads[3] - kernel[1]) / strides[1] + 1});
  for (std::size_t i = 0; i < y.numbers.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t plane = at / (y.dims[2] * y.dims[3]);
    double most = -1e30;
    for (std::int64_t k = 0; k < kernel[0] * kernel[1]; ++k) {
      const std::int64_t row = at / y.dims[3] % y.dims[2] * strides[0] + k / kernel[1] - pads[0];
      const std::int64_t column = at % y.dims[3] * strides[1] + k % kernel[1] - pads[1];
      const double* place = x.at({plane / x.dims[1], plane % x.dims[1], row, column});
      if (place != nullptr) most = std::max(most, *place);
    }
    y.numbers[i] = most;
  }
  return y.constant();
}

ir::ConstantPtr batch_normalization(const ir::Node& node, const std::vector<ir::ConstantPtr>& inputs) {
  Tensor x = Tensor::of(inputs[0]);
  std::int64_t inner = 1;
  for (std::size_t i = 2; i < x.dims.size(); ++i) inner *= x.dims[i];
  const auto* epsilon = node.find("epsilon");
  const double added = epsilon == nullptr ? 1e-5 : static_cast<double>(std::get<float>(epsilon->value));
  for (std::size_t i = 0; i < x.numbers.size(); ++i) {
    const auto c = i / static_cast<std::size_t>(inner) % static_cast<std::size_t>(x.dims[1]);
    x.numbers[i] = (x.numbers[i] - inputs[3]->as_doubles()[c]) / std::sqrt(inputs[4]->as_doubles()[c] + added) *
                       inputs[1]->as_doubles()[c] +
                   inputs[2]->as_doubles()[c];
  }
  return x.constant();
}

/// Without transA, alpha and beta; the bias is one row.
ir::ConstantPtr gemm(const ir::Node& node, const std::vector<ir::ConstantPtr>& inputs) {
  Tensor a = Tensor::of(inputs[0]);
  const std::int64_t flip[] = {1, 0};
  Tensor b = Tensor::of(node.int_attr("transB", 0) != 0 ? inputs[1]->transposed(flip) : inputs[1]);
  Tensor y = Tensor::zeros({a.dims[0], b.dims[1]});
  for (std::int64_t i = 0; i < y.dims[0]; ++i) {
    for (std::int64_t j = 0; j < y.dims[1]; ++j) {
      double sum = inputs.size() > 2 ? inputs[2]->as_doubles()[static_cast<std::size_t>(j)] : 0.0;
      for (std::int64_t k = 0; k < a.dims[1]; ++k) sum += a.get({i, k}) * b.get({k, j});
      *y.at({i, j}) = sum;
    }
  }
  return y.constant();
}

std::vector<ir::ConstantPtr> compute(const ir::Model& model, const ir::Node& node) {
  std::vector<ir::ConstantPtr> inputs;
  for (const ir::ValueId input : node.inputs) inputs.push_back(model.values[input].constant);
  const ir::ConstantPtr bias = inputs.size() > 2 ? inputs[2] : nullptr;
  if (node.op == "Conv") return {conv(node, Tensor::of(inputs[0]), Tensor::of(inputs[1]), bias)};
  if (node.op == "ConvTranspose") return {conv_transpose(node, Tensor::of(inputs[0]), Tensor::of(inputs[1]), bias)};
  if (node.op == "MaxPool") return {max_pool(node, Tensor::of(inputs[0]))};
  if (node.op == "BatchNormalization") return {batch_normalization(node, inputs)};
  if (node.op == "Gemm") return {gemm(node, inputs)};
  const auto results = ir::evaluate_node(model, node);
  EXPECT_TRUE(results.has_value()) << "cannot run " << node.op;
  return results ? *results : std::vector<ir::ConstantPtr>(node.outputs.size());
}

/// A list of integers is one of ones and twos: counts.
ir::ConstantPtr numbers_for(const ir::Type& type) {
  if (type.dtype == ir::DType::kInt64 && type.dims.size() == 1) {
    std::vector<std::int64_t> counts;
    for (std::int64_t i = 0; i < type.dims[0].size; ++i) counts.push_back(1 + i % 2);
    return ir::Constant::ints(counts);
  }
  Tensor tensor;
  for (const ir::Dim& dim : type.dims) tensor.dims.push_back(dim.is_known() ? dim.size : 2);
  tensor = Tensor::zeros(tensor.dims);
  for (std::size_t i = 0; i < tensor.numbers.size(); ++i) {
    tensor.numbers[i] = static_cast<double>(i * 37 % 101) / 25.0 - 2.0;
  }
  return tensor.constant();
}

}  // namespace

Numbers run(const ir::Model& model) {
  ir::Model copy = model;
  for (const ir::ValueId input : copy.graph.inputs) copy.values[input].constant = numbers_for(copy.values[input].type);
  for (const auto& node : copy.graph.nodes) {
    const auto results = compute(copy, node);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == 0) continue;
      EXPECT_NE(results[i], nullptr) << node.op;
      if (results[i] == nullptr) return {};
      copy.values[node.outputs[i]].constant = results[i];
      copy.values[node.outputs[i]].type = ir::Type::tensor_of(*results[i]);
    }
  }
  Numbers outputs;
  for (const ir::ValueId output : copy.graph.outputs) {
    outputs[copy.values[output].name] = copy.values[output].constant->as_doubles();
  }
  return outputs;
}

}  // namespace flowport::optimize
