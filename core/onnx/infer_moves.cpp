// Content that is moved: shapes taken apart and put together.
#include <algorithm>
#include <utility>

#include "onnx/infer_rule_list.h"

namespace flowport::ir::rules {
namespace {

/// `index` of a run of `size`, counted from the end when negative; nullopt outside of it.
std::optional<std::size_t> position(std::int64_t index, std::size_t size) {
  const auto count = static_cast<std::int64_t>(size);
  if (index < 0) index += count;
  if (index < 0 || index >= count) return std::nullopt;
  return static_cast<std::size_t>(index);
}

/// True when `axis` is the only axis of a vector.
bool is_only_axis(std::int64_t axis) { return axis == 0 || axis == -1; }

/// Elements at `indices`, which may be unknown themselves.
Content take(const Content& data, const Content& indices) {
  Content taken{indices.is_scalar, {}};
  for (const auto& index : indices.elements) {
    const auto at = index.known ? position(index.value, data.elements.size()) : std::nullopt;
    taken.elements.push_back(at ? data.elements[*at] : Element{});
  }
  return taken;
}

/// `data` with updates[i] at indices[i]; an index that is named twice leaves its element unknown.
MaybeContent put(Content data, const std::vector<std::int64_t>& indices, const Content& updates) {
  if (updates.elements.size() != indices.size()) return std::nullopt;
  std::vector<bool> written(data.elements.size(), false);
  for (std::size_t i = 0; i < indices.size(); ++i) {
    const auto at = position(indices[i], data.elements.size());
    if (!at) return std::nullopt;
    data.elements[*at] = written[*at] ? Element{} : updates.elements[i];
    written[*at] = true;
  }
  return data;
}

bool overwrites(const Node& node) { return node.string_attr("reduction", "none") == "none"; }

}  // namespace

MaybeContent same_elements(const NodeFacts& facts, std::size_t /*output*/, const Type& type) {
  auto content = facts.content(0);
  if (!content || !type.has_rank || type.dims.size() > 1) return std::nullopt;
  content->is_scalar = type.dims.empty();
  if (content->is_scalar && content->elements.size() != 1) return std::nullopt;
  return content;
}

MaybeContent shape(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const Type& input = facts.type(0);
  if (!input.has_rank) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(input.dims.size());
  const auto bound = [&](std::string_view name, std::int64_t otherwise) {
    const std::int64_t at = facts.node().int_attr(name, otherwise);
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  Content content;
  const std::int64_t end = bound("end", rank);
  for (std::int64_t i = bound("start", 0); i < end; ++i) {
    content.elements.push_back(element_of(input.dims[static_cast<std::size_t>(i)]));
  }
  return content;
}

MaybeContent gather(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const auto data = facts.content(0);
  const auto indices = facts.content(1);
  if (!data || data->is_scalar || !indices || !is_only_axis(facts.node().int_attr("axis", 0))) return std::nullopt;
  return take(*data, *indices);
}

MaybeContent gather_nd(const NodeFacts& facts, std::size_t /*output*/, const Type& type) {
  const auto data = facts.content(0);
  const auto indices = facts.ints(1);
  if (!data || data->is_scalar || !indices || !type.has_rank || facts.node().int_attr("batch_dims", 0) != 0)
    return std::nullopt;
  Content at{type.dims.empty(), {}};
  for (const auto index : *indices) at.elements.push_back(known_element(index));
  if (at.is_scalar && at.elements.size() != 1) return std::nullopt;
  return take(*data, at);
}

MaybeContent slice(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const auto data = facts.content(0);
  const auto starts = facts.ints(1);
  const auto ends = facts.ints(2);
  const auto axes = facts.has(3) ? facts.ints(3) : std::vector<std::int64_t>{0};
  const auto steps = facts.has(4) ? facts.ints(4) : std::vector<std::int64_t>{1};
  if (!data || data->is_scalar || !starts || !ends || !axes || !steps) return std::nullopt;
  if (starts->size() != 1 || ends->size() != 1 || axes->size() != 1 || steps->size() != 1) return std::nullopt;
  if (!is_only_axis(axes->front()) || steps->front() == 0) return std::nullopt;
  const auto size = static_cast<std::int64_t>(data->elements.size());
  const SliceRange range = slice_range(size, starts->front(), ends->front(), steps->front());
  Content taken;
  for (std::int64_t i = 0; i < range.count; ++i) {
    taken.elements.push_back(data->elements[static_cast<std::size_t>(range.start + i * steps->front())]);
  }
  return taken;
}

MaybeContent concat(const NodeFacts& facts, std::size_t /*output*/, const Type& type) {
  if (!type.has_rank || type.dims.size() != 1) return std::nullopt;
  Content joined;
  for (std::size_t i = 0; i < facts.input_count(); ++i) {
    const auto part = facts.content(i);
    if (!part || part->is_scalar) return std::nullopt;
    joined.elements.insert(joined.elements.end(), part->elements.begin(), part->elements.end());
  }
  if (joined.elements.size() > std::size_t{kMostElements}) return std::nullopt;
  return joined;
}

MaybeContent split(const NodeFacts& facts, std::size_t output, const Type& /*type*/) {
  const auto data = facts.content(0);
  if (!data || data->is_scalar || !is_only_axis(facts.node().int_attr("axis", 0))) return std::nullopt;
  const std::size_t size = data->elements.size();
  std::size_t begin = 0;
  std::size_t length = 0;
  if (facts.has(1)) {
    const auto lengths = facts.ints(1);
    if (!lengths || lengths->size() <= output) return std::nullopt;
    for (std::size_t i = 0; i <= output; ++i) {
      begin += length;
      const std::int64_t part = (*lengths)[i];
      if (part < 0 || begin > size || static_cast<std::size_t>(part) > size - begin) return std::nullopt;
      length = static_cast<std::size_t>(part);
    }
  } else {
    const std::size_t parts = facts.node().outputs.size();
    length = (size + parts - 1) / parts;
    begin = std::min(length * output, size);
    length = std::min(length, size - begin);
  }
  const auto from = data->elements.begin() + static_cast<std::ptrdiff_t>(begin);
  return Content{false, {from, from + static_cast<std::ptrdiff_t>(length)}};
}

MaybeContent constant_of_shape(const NodeFacts& facts, std::size_t /*output*/, const Type& type) {
  if (!type.is_static() || type.dims.size() > 1) return std::nullopt;
  const std::int64_t count = type.dims.empty() ? 1 : type.dims.front().size;
  if (count > kMostElements) return std::nullopt;
  const auto* attribute = facts.node().find("value");
  const auto* value = attribute == nullptr ? nullptr : std::get_if<ConstantPtr>(&attribute->value);
  if (value == nullptr || *value == nullptr || (*value)->count() != 1) return std::nullopt;
  const Element element = known_element((*value)->as_ints().front());
  return Content{type.dims.empty(), std::vector<Element>(static_cast<std::size_t>(count), element)};
}

MaybeContent expand(const NodeFacts& facts, std::size_t /*output*/, const Type& type) {
  const auto data = facts.content(0);
  if (!data || !type.is_static() || type.dims.size() > 1) return std::nullopt;
  const auto count = static_cast<std::size_t>(type.dims.empty() ? 1 : type.dims.front().size);
  if (count > std::size_t{kMostElements}) return std::nullopt;
  if (data->elements.size() == count) return Content{type.dims.empty(), data->elements};
  if (data->elements.size() != 1) return std::nullopt;
  return Content{type.dims.empty(), std::vector<Element>(count, data->elements.front())};
}

MaybeContent tile(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  const auto data = facts.content(0);
  const auto repeats = facts.ints(1);
  if (!data || data->is_scalar || !repeats || repeats->size() != 1 || repeats->front() < 0) return std::nullopt;
  if (repeats->front() > kMostElements) return std::nullopt;
  const auto times = static_cast<std::size_t>(repeats->front());
  if (data->elements.size() * times > std::size_t{kMostElements}) return std::nullopt;
  Content tiled;
  for (std::size_t i = 0; i < times; ++i) {
    tiled.elements.insert(tiled.elements.end(), data->elements.begin(), data->elements.end());
  }
  return tiled;
}

MaybeContent scatter_elements(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  auto data = facts.content(0);
  const auto indices = facts.ints(1);
  const auto updates = facts.content(2);
  if (!data || data->is_scalar || !indices || !updates) return std::nullopt;
  if (!is_only_axis(facts.node().int_attr("axis", 0)) || !overwrites(facts.node())) return std::nullopt;
  return put(std::move(*data), *indices, *updates);
}

MaybeContent scatter_nd(const NodeFacts& facts, std::size_t /*output*/, const Type& /*type*/) {
  auto data = facts.content(0);
  const auto indices = facts.ints(1);
  const auto updates = facts.content(2);
  if (!data || data->is_scalar || !indices || !updates || !overwrites(facts.node())) return std::nullopt;
  return put(std::move(*data), *indices, *updates);
}

}  // namespace flowport::ir::rules
