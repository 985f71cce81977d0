#include "tensorflow/op_table.h"

#include <algorithm>
#include <iterator>
#include <string>

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include "tensorflow/node_store.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

using namespace std::string_view_literals;

struct BuiltIn {
  std::string_view name;
  std::string_view text;  ///< the rest of the OpDef in protobuf's text format
};

constexpr BuiltIn kBuiltIn[] = {
#include "tensorflow/op_table.inc"
};

static_assert(std::is_sorted(std::begin(kBuiltIn), std::end(kBuiltIn),
                             [](const BuiltIn& a, const BuiltIn& b) { return a.name < b.name; }));

const BuiltIn* find_built_in(std::string_view op) {
  const auto* it = std::lower_bound(std::begin(kBuiltIn), std::end(kBuiltIn), op,
                                    [](const BuiltIn& entry, std::string_view name) { return entry.name < name; });
  return it != std::end(kBuiltIn) && it->name == op ? it : nullptr;
}

constexpr std::uint32_t kListOp = 1, kOpName = 1;

std::string_view name_on_wire(ByteSpan op) {
  std::string_view name;
  WireReader reader(op);
  while (reader.next()) {
    if (reader.field().number == kOpName && reader.field().type == WireType::kBytes)
      name = as_text(reader.field().bytes);
  }
  return name;
}

}  // namespace

OpTable::OpTable() = default;
OpTable::~OpTable() = default;

bool OpTable::add(ByteSpan op_list) {
  WireReader reader(op_list);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.number == kListOp && field.type == WireType::kBytes)
      added_.emplace(name_on_wire(field.bytes), field.bytes);
  }
  return !reader.failed();
}

const proto::OpDef* OpTable::find(std::string_view op) const {
  const auto added = added_.find(op);
  if (added == added_.end()) return built_in(op);
  auto& parsed = parsed_[added->first];
  if (parsed == nullptr) {
    parsed = std::make_unique<proto::OpDef>();
    if (!parse_message(added->second, *parsed)) parsed->Clear();
  }
  return parsed->name().empty() ? built_in(op) : parsed.get();
}

const proto::OpDef* OpTable::built_in(std::string_view op) const {
  const auto known = parsed_built_in_.find(op);
  if (known != parsed_built_in_.end()) return known->second.get();
  const BuiltIn* it = find_built_in(op);
  if (it == nullptr) return nullptr;
  auto parsed = std::make_unique<proto::OpDef>();
  const google::protobuf::LogSilencer silence;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(it->text), parsed.get())) return nullptr;
  parsed->set_name(std::string(it->name));
  return (parsed_built_in_[it->name] = std::move(parsed)).get();
}

bool OpTable::has_built_in(std::string_view op) { return find_built_in(op) != nullptr; }

std::vector<std::string_view> OpTable::built_in_names() {
  std::vector<std::string_view> names;
  names.reserve(std::size(kBuiltIn));
  for (const BuiltIn& op : kBuiltIn) names.push_back(op.name);
  return names;
}

}  // namespace flowport::tf
