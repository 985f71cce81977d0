#include "convert/intrinsics/table_file.h"

#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/mapped_file.h"
#include "convert/types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

// Values of key_index and value_index that name no column.
constexpr std::int64_t kWholeLine = -2, kLineNumber = -1;

struct Format {
  std::int64_t key = 0, value = 0, vocabulary = -1, offset = 0;
  char delimiter = '\t';
};

std::int64_t int_attr(const tf::Program& program, const tf::Node& node, std::string_view name, std::int64_t otherwise) {
  const auto* attr = program.attr(node, name);
  return attr == nullptr ? otherwise : attr->i();
}

Result<Format> format_of(const tf::Program& program, const tf::Node& filler) {
  Format format;
  format.key = int_attr(program, filler, "key_index", kWholeLine);
  format.value = int_attr(program, filler, "value_index", kLineNumber);
  format.vocabulary = int_attr(program, filler, "vocab_size", -1);
  format.offset = int_attr(program, filler, "offset", 0);
  if (const auto* delimiter = program.attr(filler, "delimiter")) {
    if (delimiter->s().size() != 1)
      return problem(Fault::kModel, "the delimiter of a table's file is not one character");
    format.delimiter = delimiter->s()[0];
  }
  return format;
}

/// The lines as TensorFlow reads them: without carriage returns.
std::vector<std::string> lines_of(std::string_view text, std::int64_t most) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    if (most >= 0 && static_cast<std::int64_t>(lines.size()) == most) break;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line(text.substr(at, end - at));
    std::erase(line, '\r');
    lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

/// Column `column` of `line`; nothing where it has fewer.
std::optional<std::string_view> column_of(std::string_view line, std::int64_t column, char delimiter) {
  for (; column > 0; --column) {
    const auto at = line.find(delimiter);
    if (at == std::string_view::npos) return std::nullopt;
    line.remove_prefix(at + 1);
  }
  return line.substr(0, line.find(delimiter));
}

template <typename T>
Result<ir::ConstantPtr> numbers(ir::DType dtype, const std::vector<std::string>& texts) {
  std::vector<std::byte> bytes(texts.size() * sizeof(T));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    T number{};
    const char* end = texts[i].data() + texts[i].size();
    const auto parsed = std::from_chars(texts[i].data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      return problem(Fault::kModel, fmt::format("'{}' in line {} is not of type {}", texts[i], i, ir::name_of(dtype)));
    }
    std::memcpy(bytes.data() + i * sizeof(T), &number, sizeof(T));
  }
  return ir::Constant::make(dtype, {static_cast<std::int64_t>(texts.size())}, Bytes(std::move(bytes)));
}

Result<ir::ConstantPtr> constant_of(ir::DType dtype, std::vector<std::string> texts) {
  switch (dtype) {
    case ir::DType::kString: {
      const auto count = static_cast<std::int64_t>(texts.size());
      return ir::Constant::make_strings({count}, std::move(texts));
    }
    case ir::DType::kInt32: return numbers<std::int32_t>(dtype, texts);
    case ir::DType::kInt64: return numbers<std::int64_t>(dtype, texts);
    case ir::DType::kFloat: return numbers<float>(dtype, texts);
    case ir::DType::kDouble: return numbers<double>(dtype, texts);
    default: return problem(Fault::kUnsupported, fmt::format("a table of {} from a file", ir::name_of(dtype)));
  }
}

ir::DType type_attr(const tf::Program& program, const tf::Node& node, std::string_view name) {
  const auto* attr = program.attr(node, name);
  return attr == nullptr ? ir::DType::kUndefined : to_onnx(static_cast<tf::DataType>(attr->type()));
}

}  // namespace

Result<TableContent> read_table_file(const tf::Program& program, const tf::Node& table, const tf::Node& filler,
                                     const std::string& name) {
  const auto path = program.asset(name);
  auto file = MappedFile::open(path);
  if (!file) return tl::make_unexpected(file.error());
  auto format = format_of(program, filler);
  if (!format) return tl::make_unexpected(format.error());
  const auto refuse = [&](std::string what) { return problem(Fault::kModel, std::move(what), path.string()); };
  const auto bytes = (*file)->bytes();
  const auto lines = lines_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, format->vocabulary);
  if (format->vocabulary >= 0 && static_cast<std::int64_t>(lines.size()) < format->vocabulary) {
    return refuse(
        fmt::format("the table's file has {} lines, the graph asks for {}", lines.size(), format->vocabulary));
  }
  std::vector<std::string> keys, values;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].empty()) return refuse(fmt::format("line {} of the table's file is empty", i));
    for (auto [index, texts] : {std::pair(format->key, &keys), std::pair(format->value, &values)}) {
      if (index == kWholeLine) {
        texts->push_back(lines[i]);
      } else if (index == kLineNumber) {
        texts->push_back(std::to_string(static_cast<std::int64_t>(i) + format->offset));
      } else if (const auto column = column_of(lines[i], index, format->delimiter)) {
        texts->emplace_back(*column);
      } else {
        return refuse(fmt::format("line {} of the table's file has no column {}", i, index));
      }
    }
  }
  const auto in_file = [&](Problem found) {
    found.where = path.string();
    return tl::make_unexpected(std::move(found));
  };
  auto key_constant = constant_of(type_attr(program, table, "key_dtype"), std::move(keys));
  if (!key_constant) return in_file(key_constant.error());
  auto value_constant = constant_of(type_attr(program, table, "value_dtype"), std::move(values));
  if (!value_constant) return in_file(value_constant.error());
  return TableContent{*key_constant, *value_constant};
}

}  // namespace flowport::convert::intrinsics
