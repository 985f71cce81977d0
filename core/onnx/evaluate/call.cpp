#include "onnx/evaluate/call.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "onnx/evaluate/elements.h"

namespace flowport::ir::evaluation {

std::optional<Dims> Call::ints(std::size_t input, std::string_view attribute) const {
  if (has(input)) return this->input(input) ? ints_of(*this->input(input)) : std::nullopt;
  const Attribute* found = node_.find(attribute);
  if (found == nullptr) return std::nullopt;
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&found->value)) return *list;
  if (const auto* one = std::get_if<std::int64_t>(&found->value)) return Dims{*one};
  return std::nullopt;
}

std::optional<std::int64_t> Call::integer(std::size_t input, std::string_view attribute) const {
  const auto list = ints(input, attribute);
  if (!list || list->size() != 1) return std::nullopt;
  return list->front();
}

bool Call::fits(DType dtype, DimsView dims) const {
  const std::size_t size = dtype == DType::kString ? sizeof(std::string) : std::max<std::size_t>(size_of(dtype), 1);
  const auto count = count_of(dims);
  return count && static_cast<std::uint64_t>(*count) <= limit_ / size;
}

Results picked(const Call& call, const Constant& source, Dims dims, std::span<const std::int64_t> positions) {
  if (source.dtype() == DType::kString) {
    std::size_t bytes = 0;
    for (const auto position : positions) {
      bytes += sizeof(std::string);
      if (position >= 0) bytes += source.strings()[static_cast<std::size_t>(position)].size();
      if (bytes > call.limit()) return std::nullopt;
    }
  }
  return result(pick(source, std::move(dims), positions));
}

}  // namespace flowport::ir::evaluation
