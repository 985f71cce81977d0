#include "host/manifest.h"

#include <algorithm>
#include <charconv>
#include <deque>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace flowport::host {
namespace {

constexpr const char* kNext =
    "build the plugin again with this flowport's SDK, which writes the manifest from the tables";

flowport_status is_not_loaded(const flowport_host*, flowport_node*, void*) { return FLOWPORT_PLUGIN_BUG; }

/// The fields of the lines of one kind, counted and read one after the other.
class Line {
 public:
  explicit Line(std::string_view text) {
    for (;;) {
      const std::size_t tab = text.find('\t');
      fields_.push_back(text.substr(0, tab));
      if (tab == text.npos) break;
      text.remove_prefix(tab + 1);
    }
  }
  std::string_view kind() const { return fields_[0]; }
  /// Field `i` after the kind; nothing where the line ends before.
  std::optional<std::string_view> text(std::size_t i) const {
    if (i + 1 >= fields_.size()) return std::nullopt;
    return fields_[i + 1];
  }
  template <typename Number>
  std::optional<Number> number(std::size_t i) const {
    const auto field = text(i);
    Number value{};
    if (!field) return std::nullopt;
    const auto [end, error] = std::from_chars(field->data(), field->data() + field->size(), value);
    if (error != std::errc() || end != field->data() + field->size()) return std::nullopt;
    return value;
  }

 private:
  std::vector<std::string_view> fields_;
};

/// Makes of the manifest a descriptor with tables, so that the same rules hold for both.
class Reader {
 public:
  explicit Reader(Manifest& manifest) : to_(manifest) {}

  Checked<void> read(std::string_view text);

 private:
  bool line(const Line& line);
  bool head(const Line& line);
  bool plugin(const Line& line);
  bool handler(const Line& line);
  bool tf_op(const Line& line);
  bool other(const Line& line);
  const char* keep(std::optional<std::string_view> text) { return text ? texts_.emplace_back(*text).c_str() : nullptr; }
  Checked<void> refuse_line(std::string_view text) const {
    std::string shown(text.substr(0, 80));
    std::ranges::replace_if(
        shown, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return refuse(Rule::kManifest, fmt::format("a line of its manifest cannot be read: '{}'", shown), kNext);
  }

  Manifest& to_;
  std::deque<std::string> texts_;
  std::vector<flowport_handler> handlers_;
  std::vector<flowport_tf_op> tf_ops_;
  flowport_plugin raw_{};
  int heads_ = 0, plugins_ = 0, form_ = 0;
};

bool Reader::head(const Line& line) {
  const auto form = line.number<int>(0);
  if (!form) return false;
  ++heads_;
  form_ = *form;
  if (form_ != 1) return true;
  const auto major = line.number<std::uint16_t>(1), minor = line.number<std::uint16_t>(2),
             min_host = line.number<std::uint16_t>(3);
  if (!major || !minor || !min_host) return false;
  raw_.struct_size = sizeof(raw_);
  to_.abi_major = raw_.abi_major = *major;
  to_.abi_minor = raw_.abi_minor = *minor;
  to_.min_host_minor = raw_.min_host_minor = *min_host;
  return true;
}

bool Reader::plugin(const Line& line) {
  ++plugins_;
  raw_.id = keep(line.text(0));
  raw_.version = keep(line.text(1));
  raw_.license = keep(line.text(2));
  raw_.url = keep(line.text(3));
  raw_.summary = keep(line.text(4));
  return raw_.summary != nullptr;
}

bool Reader::handler(const Line& line) {
  flowport_handler row{};
  row.tf_op = keep(line.text(0));
  row.id = keep(line.text(1));
  row.domain = keep(line.text(2));
  const auto min = line.number<std::uint16_t>(3), max = line.number<std::uint16_t>(4);
  const auto priority = line.number<std::int16_t>(5);
  const auto flags = line.number<std::uint16_t>(6);
  const auto inputs = line.number<std::uint64_t>(7);
  row.source = keep(line.text(8));
  row.doc = keep(line.text(9));
  if (!min || !max || !priority || !flags || !inputs || row.doc == nullptr) return false;
  row.opset_min = *min;
  row.opset_max = *max;
  row.priority = *priority;
  row.flags = *flags;
  row.const_inputs = *inputs;
  row.convert = is_not_loaded;
  handlers_.push_back(row);
  return true;
}

bool Reader::tf_op(const Line& line) {
  const flowport_tf_op row{keep(line.text(0)), keep(line.text(1)), keep(line.text(2)), keep(line.text(3))};
  tf_ops_.push_back(row);
  return row.attrs != nullptr;
}

bool Reader::other(const Line& line) {
  const auto first = line.text(0), second = line.text(1), third = line.text(2);
  std::optional<std::string> text;
  if (line.kind() == "target" && first) text = fmt::format("target {}", *first);
  if (line.kind() == "schema" && third) text = fmt::format("schema {}::{}@{}", *first, *second, *third);
  if (line.kind() == "rewrite" && second) text = fmt::format("rewrite {}", *first);
  if (text) to_.other_rows.push_back(*std::move(text));
  return text.has_value();
}

bool Reader::line(const Line& line) {
  if (line.kind() == "flowport") return head(line);
  if (form_ > 1) return true;
  if (line.kind() == "plugin") return plugin(line);
  if (line.kind() == "handler") return handler(line);
  if (line.kind() == "tf_op") return tf_op(line);
  if (line.kind() == "target" || line.kind() == "schema" || line.kind() == "rewrite") return other(line);
  return true;
}

Checked<void> Reader::read(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find_first_of(std::string_view("\n\0", 2));
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (!one.empty() && !line(Line(one))) return refuse_line(one);
  }
  if (form_ > 1) {
    return refuse(Rule::kManifest, fmt::format("its manifest has form {}; this flowport reads form 1", form_),
                  "update flowport");
  }
  if (heads_ != 1 || plugins_ != 1) {
    return refuse(
        Rule::kManifest,
        fmt::format("its manifest has {} 'flowport' and {} 'plugin' lines; one of each is wanted", heads_, plugins_),
        kNext);
  }
  raw_.handlers = {handlers_.data(), static_cast<std::uint32_t>(handlers_.size()), sizeof(flowport_handler)};
  raw_.tf_ops = {tf_ops_.data(), static_cast<std::uint32_t>(tf_ops_.size()), sizeof(flowport_tf_op)};
  if (const auto read = read_description(raw_, to_.description); !read) return read;
  for (registry::Row& row : to_.description.rows) row.handler.convert = nullptr;
  std::ranges::sort(to_.other_rows);
  return {};
}

/// All that a row says, in one line.
std::string text_of(const registry::Row& row) {
  return fmt::format("handler {} id '{}' domain '{}' opset {} to {} priority {} complex {} const_inputs {} doc '{}'",
                     row.tf_op, row.id, row.domain, row.opset_min, row.opset_max, row.priority,
                     static_cast<int>(row.complex), row.const_inputs, row.doc);
}

std::vector<std::string> texts_of(const Description& description, std::vector<std::string> others) {
  for (const registry::Row& row : description.rows) others.push_back(text_of(row));
  for (const registry::TfOp& op : description.tf_ops) others.push_back(fmt::format("tf_op {}", op.text));
  std::ranges::sort(others);
  return others;
}

}  // namespace

bool Manifest::needs_tables_at_start() const {
  return std::ranges::any_of(other_rows, [](const std::string& row) { return !row.starts_with("rewrite "); });
}

Checked<void> read_manifest(std::string_view text, Manifest& manifest) { return Reader(manifest).read(text); }

Checked<void> check_agreement(const Manifest& manifest, const Description& tables) {
  const auto differ = [](std::string_view what, std::string_view in_manifest, std::string_view in_tables) {
    return refuse(Rule::kManifest,
                  fmt::format("its manifest and its tables differ: {} '{}' and '{}'", what, in_manifest, in_tables),
                  kNext);
  };
  const Description& told = manifest.description;
  if (told.id != tables.id) return differ("the id is", told.id, tables.id);
  if (told.version != tables.version) return differ("the version is", told.version, tables.version);

  std::vector<std::string> others;
  for (const auto& row : tables.targets) others.push_back("target " + row.id);
  for (const auto& row : tables.schemas)
    others.push_back(fmt::format("schema {}::{}@{}", row.domain, row.op, row.since_version));
  for (const auto& row : tables.rewrites) others.push_back("rewrite " + row.id);
  // Rewrites of phases that this host does not know are in no description.
  std::vector<std::string> told_others = manifest.other_rows;
  std::erase_if(told_others, [&](const std::string& row) {
    return row.starts_with("rewrite ") && std::ranges::find(others, row) == others.end();
  });
  const auto in_manifest = texts_of(told, std::move(told_others));
  const auto in_tables = texts_of(tables, std::move(others));
  std::vector<std::string> missing, extra;
  std::ranges::set_difference(in_tables, in_manifest, std::back_inserter(missing));
  std::ranges::set_difference(in_manifest, in_tables, std::back_inserter(extra));
  if (missing.empty() && extra.empty()) return {};
  std::string what = "its manifest and its tables differ";
  if (!missing.empty()) what += fmt::format("; only in the tables: {}", join(missing, "; ", 3));
  if (!extra.empty()) what += fmt::format("; only in the manifest: {}", join(extra, "; ", 3));
  return refuse(Rule::kManifest, std::move(what), kNext);
}

}  // namespace flowport::host
