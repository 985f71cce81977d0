// Shapes that follow from partly known content, where the schemas' inference asks for constants.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "onnx/infer_rule_list.h"

namespace flowport::ir::rules {
namespace {

std::vector<Dim> unknown_dims(std::size_t rank) { return std::vector<Dim>(rank); }

/// `axis` counted from the front; nullopt outside of the rank.
std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) return std::nullopt;
  return static_cast<std::size_t>(axis);
}

/// Elements of an input that holds one number per dim; nullopt where the number of them is unknown.
std::optional<std::vector<Element>> vector_of(const NodeFacts& facts, std::size_t input) {
  auto content = facts.content(input);
  if (!content || content->is_scalar) return std::nullopt;
  return std::move(content->elements);
}

std::optional<Element> single(const NodeFacts& facts, std::size_t input) {
  const auto content = facts.content(input);
  if (!content || content->elements.size() != 1) return std::nullopt;
  return content->elements.front();
}

/// Axes named by an optional input; all axes in order where there is no such input.
std::optional<std::vector<std::int64_t>> axes_input(const NodeFacts& facts, std::size_t input, std::size_t count) {
  if (facts.has(input)) return facts.ints(input);
  std::vector<std::int64_t> axes(count);
  for (std::size_t i = 0; i < count; ++i) axes[i] = static_cast<std::int64_t>(i);
  return axes;
}

}  // namespace

Wrong reshape_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const auto target = vector_of(facts, 1);
  if (!target) return std::nullopt;
  const Type& input = facts.type(0);
  const bool zero_copies = facts.node().int_attr("allowzero", 0) == 0;
  std::vector<Dim> dims = unknown_dims(target->size());
  std::vector<bool> copied(input.dims.size(), false);
  // The dims of the result but one make a product that the last one, -1 or unknown, divides out of the input's.
  Product rest;
  std::optional<std::size_t> open;
  std::size_t open_count = 0;
  for (std::size_t i = 0; i < target->size(); ++i) {
    const Element& element = (*target)[i];
    if (is_known(element, 0) && zero_copies) {
      if (!input.has_rank) continue;
      if (i >= input.dims.size()) return fmt::format("dim {} is copied from an input of rank {}", i, input.dims.size());
      dims[i] = input.dims[i];
      copied[i] = true;
      continue;
    }
    dims[i] = dim_of(element);
    if (dims[i] == Dim{}) {
      open = i;
      ++open_count;
    } else {
      rest.multiply(element);
    }
  }
  if (open_count == 1 && input.has_rank) {
    Product whole;
    for (std::size_t i = 0; i < input.dims.size(); ++i) {
      if (!copied[i]) whole.multiply(element_of(input.dims[i]));
    }
    dims[*open] = dim_of(whole.divided_by(rest));
  }
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong gather_nd_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& data = facts.type(0);
  const Type& indices = facts.type(1);
  if (!data.has_rank || !indices.has_rank || indices.dims.empty() || !indices.dims.back().is_known())
    return std::nullopt;
  const std::int64_t batch_dims = facts.node().int_attr("batch_dims", 0);
  const auto rank = static_cast<std::int64_t>(data.dims.size());
  const std::int64_t taken = indices.dims.back().size;
  if (batch_dims < 0 || batch_dims > rank || taken > rank - batch_dims)
    return "its indices name more axes than there are";
  std::vector<Dim> dims(indices.dims.begin(), indices.dims.end() - 1);
  dims.insert(dims.end(), data.dims.begin() + batch_dims + taken, data.dims.end());
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong tile_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& input = facts.type(0);
  const auto repeats = vector_of(facts, 1);
  if (!input.has_rank) {
    if (repeats) refine_dims(outputs[0], unknown_dims(repeats->size()));
    return std::nullopt;
  }
  std::vector<Dim> dims = unknown_dims(input.dims.size());
  for (std::size_t i = 0; repeats && repeats->size() == dims.size() && i < dims.size(); ++i) {
    dims[i] = dim_of(multiply(element_of(input.dims[i]), (*repeats)[i]));
  }
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong slice_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& input = facts.type(0);
  if (!input.has_rank) return std::nullopt;
  const auto starts = vector_of(facts, 1);
  const auto ends = vector_of(facts, 2);
  const auto axes = starts ? axes_input(facts, 3, starts->size()) : std::nullopt;
  if (!starts || !ends || !axes || starts->size() != ends->size() || axes->size() != starts->size()) {
    refine_dims(outputs[0], unknown_dims(input.dims.size()));
    return std::nullopt;
  }
  std::vector<Element> steps(axes->size(), known_element(1));
  if (facts.has(4)) steps = vector_of(facts, 4).value_or(std::vector<Element>(axes->size()));
  if (steps.size() != axes->size()) return "starts and steps differ in length";
  std::vector<Dim> dims = input.dims;
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const auto axis = axis_of((*axes)[i], dims.size());
    if (!axis) return fmt::format("axis {} is outside of rank {}", (*axes)[i], dims.size());
    const Element start = (*starts)[i];
    const Element end = (*ends)[i];
    const Element step = steps[i];
    const Element dim = element_of(dims[*axis]);
    dims[*axis] = Dim{};
    if (start.known && end.known && step.known && step.value != 0 && dim.known) {
      dims[*axis] = {slice_range(dim.value, start.value, end.value, step.value).count, 0};
    } else if (is_known(start, 0) && is_known(step, 1)) {
      const bool to_the_end = end.known && end.value >= std::numeric_limits<std::int32_t>::max();
      if (to_the_end || same_symbol(end, dim)) dims[*axis] = dim_of(dim);
      if (is_known(end, 0)) dims[*axis] = {0, 0};
    } else if (is_known(start, -1) && is_known(step, -1)) {
      const bool to_the_front = end.known && end.value <= std::numeric_limits<std::int32_t>::min();
      if (to_the_front) dims[*axis] = dim_of(dim);
    }
  }
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong range_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const auto start = single(facts, 0);
  const auto limit = single(facts, 1);
  const auto delta = single(facts, 2);
  if (!start || !limit || !delta) return std::nullopt;
  Element count;
  if (start->known && limit->known && delta->known && delta->value != 0) {
    const Element span = subtract(*limit, *start);
    if (span.known) {
      const bool backwards = (span.value < 0) != (delta->value < 0);
      const Element rest = remainder(span, *delta);
      count = span.value == 0 || backwards ? known_element(0)
                                           : add(divide(span, *delta), known_element(rest.value != 0 ? 1 : 0));
    }
  } else if (is_known(*delta, 1)) {
    // Zero up to a symbol, or a symbol from itself.
    count = subtract(*limit, *start);
  }
  refine_dims(outputs[0], {dim_of(count)});
  return std::nullopt;
}

Wrong one_hot_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& indices = facts.type(0);
  const auto depth = single(facts, 1);
  if (!indices.has_rank || !depth) return std::nullopt;
  const auto axis = axis_of(facts.node().int_attr("axis", -1), indices.dims.size() + 1);
  if (!axis) return "its axis is outside of the result's rank";
  std::vector<Dim> dims = indices.dims;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), dim_of(*depth));
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong pad_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& input = facts.type(0);
  if (!input.has_rank) return std::nullopt;
  std::vector<Dim> dims = unknown_dims(input.dims.size());
  const auto pads = vector_of(facts, 1);
  const auto axes = axes_input(facts, 3, input.dims.size());
  if (pads && axes && pads->size() == 2 * axes->size()) {
    dims = input.dims;
    for (std::size_t i = 0; i < axes->size(); ++i) {
      const auto axis = axis_of((*axes)[i], dims.size());
      if (!axis) return fmt::format("axis {} is outside of rank {}", (*axes)[i], dims.size());
      dims[*axis] = dim_of(add(element_of(dims[*axis]), add((*pads)[i], (*pads)[i + axes->size()])));
    }
  }
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong split_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& input = facts.type(0);
  const auto lengths = facts.has(1) ? vector_of(facts, 1) : std::nullopt;
  if (!input.has_rank || (lengths && lengths->size() != outputs.size())) return std::nullopt;
  const auto axis = axis_of(facts.node().int_attr("axis", 0), input.dims.size());
  if (!axis) return "its axis is outside of the input's rank";
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    std::vector<Dim> dims = input.dims;
    if (lengths) {
      dims[*axis] = dim_of((*lengths)[i]);
    } else if (outputs.size() != 1) {
      dims[*axis] = Dim{};
    }
    refine_dims(outputs[i], dims);
  }
  return std::nullopt;
}

Wrong top_k_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& input = facts.type(0);
  const auto k = single(facts, 1);
  if (!input.has_rank || !k) return std::nullopt;
  const auto axis = axis_of(facts.node().int_attr("axis", -1), input.dims.size());
  if (!axis) return "its axis is outside of the input's rank";
  std::vector<Dim> dims = input.dims;
  dims[*axis] = dim_of(*k);
  for (auto& output : outputs) refine_dims(output, dims);
  return std::nullopt;
}

Wrong resize_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Type& input = facts.type(0);
  if (!input.has_rank) return std::nullopt;
  const auto* attribute = facts.node().ints_attr("axes");
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; attribute == nullptr && i < input.dims.size(); ++i)
    axes.push_back(static_cast<std::int64_t>(i));
  if (attribute != nullptr) axes = *attribute;
  std::vector<Dim> dims = input.dims;
  std::vector<double> scales;
  const bool crops = facts.node().string_attr("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize";
  if (!crops && facts.has(2) && facts.value(2).constant != nullptr) scales = facts.value(2).constant->as_doubles();
  std::vector<Element> sizes;
  const bool stretches = facts.node().string_attr("keep_aspect_ratio_policy", "stretch") == "stretch";
  if (facts.has(3) && stretches) sizes = vector_of(facts, 3).value_or(std::vector<Element>());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = axis_of(axes[i], dims.size());
    if (!axis) return fmt::format("axis {} is outside of rank {}", axes[i], dims.size());
    const bool unscaled = scales.size() == axes.size() && scales[i] == 1.0;
    if (!unscaled) dims[*axis] = sizes.size() == axes.size() ? dim_of(sizes[i]) : Dim{};
  }
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong window_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Node& node = facts.node();
  const Type& input = facts.type(0);
  if (!input.has_rank || input.dims.size() < 3) return std::nullopt;
  const std::size_t spatial = input.dims.size() - 2;
  const auto attribute = [&](std::string_view name, std::size_t count, std::int64_t otherwise) {
    const auto* given = node.ints_attr(name);
    return given != nullptr && given->size() == count ? *given : std::vector<std::int64_t>(count, otherwise);
  };
  std::vector<std::int64_t> kernel = attribute("kernel_shape", spatial, -1);
  const Type& weights = facts.type(1);
  for (std::size_t i = 0; node.op == "Conv" && weights.has_rank && weights.dims.size() == spatial + 2 && i < spatial;
       ++i) {
    if (kernel[i] < 0) kernel[i] = weights.dims[i + 2].size;
  }
  const auto strides = attribute("strides", spatial, 1);
  const auto dilations = attribute("dilations", spatial, 1);
  const auto pads = attribute("pads", 2 * spatial, 0);
  const std::string_view auto_pad = node.string_attr("auto_pad", "NOTSET");
  const bool same = auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER";
  for (auto& output : outputs) {
    if (!output.has_rank || output.dims.size() != input.dims.size()) continue;
    std::vector<Dim> dims = output.dims;
    for (std::size_t i = 0; i < spatial; ++i) {
      const Element padding =
          auto_pad == "NOTSET" ? add(known_element(pads[i]), known_element(pads[i + spatial])) : known_element(0);
      const Element lost = multiply(known_element(kernel[i] - 1), known_element(dilations[i]));
      const bool keeps = same || (kernel[i] > 0 && surely_equal(padding, lost));
      if (strides[i] == 1 && keeps) dims[i + 2] = input.dims[i + 2];
    }
    refine_dims(output, dims);
  }
  return std::nullopt;
}

}  // namespace flowport::ir::rules
