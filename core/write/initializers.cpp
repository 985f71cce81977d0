#include "write/initializers.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "write/weights.h"

namespace flowport::write {
namespace {

constexpr std::uint64_t kLargeTensor = std::uint64_t{1} << 20;
constexpr std::uint64_t kLargeAlignment = 4096;
constexpr std::uint64_t kAlignment = 64;

template <typename T>
void append(std::string& key, const T& value) {
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Equal for constants of equal type and dims that have the same content (small ones), or may have it (large ones).
std::string key_of(const ir::Constant& constant, bool small) {
  std::string key;
  append(key, constant.dtype());
  append(key, constant.rank());
  for (const std::int64_t dim : constant.dims()) append(key, dim);
  if (!small) {
    append(key, constant.source());
  } else if (constant.dtype() == ir::DType::kString) {
    for (const std::string& each : constant.strings()) {
      append(key, each.size());
      key += each;
    }
  } else {
    const Bytes bytes = constant.bytes();
    key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return key;
}

class Collector {
 public:
  explicit Collector(ir::Model& model) : model_(model), first_(model.values.size(), 0) {}

  /// The value that stands for the constant `id`.
  ir::ValueId add(ir::ValueId id) {
    if (first_[id] != 0) return first_[id];
    const ir::Constant& constant = *model_.values[id].constant;
    const bool small = written_size(constant) <= kSmallTensor;
    std::vector<ir::ValueId>& alike = by_key_[key_of(constant, small)];
    const auto equal = std::find_if(alike.begin(), alike.end(), [&](ir::ValueId other) {
      return small || model_.values[other].constant->same_as(constant);
    });
    if (equal != alike.end()) {
      std::string& name = model_.values[*equal].name;
      if (name.empty()) name.swap(model_.values[id].name);
      return first_[id] = *equal;
    }
    alike.push_back(id);
    collected_.push_back({id, &constant});
    return first_[id] = id;
  }

  std::vector<Initializer> take() { return std::move(collected_); }

 private:
  ir::Model& model_;
  std::vector<ir::ValueId> first_;
  std::unordered_map<std::string, std::vector<ir::ValueId>> by_key_;
  std::vector<Initializer> collected_;
};

}  // namespace

std::vector<Initializer> collect_initializers(ir::Model& model, const Outline& outline) {
  Collector collector(model);
  for (ir::Graph* graph : outline.graphs) {
    for (ir::Node& node : graph->nodes) {
      for (ir::ValueId& input : node.inputs) {
        if (outline.is_initializer(model, input)) input = collector.add(input);
      }
    }
  }
  return collector.take();
}

std::uint64_t place_externally(std::vector<Initializer>& initializers) {
  std::uint64_t end = 0;
  for (Initializer& each : initializers) {
    const std::uint64_t size = written_size(*each.constant);
    if (each.constant->dtype() == ir::DType::kString || size < kSmallTensor) continue;
    each.external = true;
    each.alignment = size >= kLargeTensor ? kLargeAlignment : kAlignment;
    each.offset = (end + each.alignment - 1) / each.alignment * each.alignment;
    end = each.offset + size;
  }
  return end;
}

}  // namespace flowport::write
