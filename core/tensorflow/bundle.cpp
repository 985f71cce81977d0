#include "tensorflow/bundle.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "tensorflow/node_store.h"
#include "tensorflow/protos/checkpoint.pb.h"
#include "tensorflow/sorted_table.h"
#include "tensorflow/tensor_proto.h"
#include "tensorflow/tensor_slice.h"

namespace flowport::tf {
namespace {

constexpr std::size_t kChecksumSize = 4;
constexpr char kSliceKeyMark = '\0';  // keys of slices start with it; names of tensors never do

ByteSpan bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::vector<std::int64_t> dims_of(const proto::BundleEntryProto& entry) {
  std::vector<std::int64_t> dims;
  for (const auto& dim : entry.shape().dim()) dims.push_back(dim.size());
  return dims;
}

/// A string tensor: the lengths, a checksum of them, then all characters. False when `bytes` is not exactly that.
bool decode_strings(ByteSpan bytes, std::size_t count, std::vector<std::string>& strings) {
  if (count > bytes.size()) return false;
  std::vector<std::uint64_t> lengths(count);
  for (std::uint64_t& length : lengths) {
    if (!take_varint(bytes, length)) return false;
  }
  if (bytes.size() < kChecksumSize) return false;
  bytes = bytes.subspan(kChecksumSize);
  strings.reserve(count);
  for (const std::uint64_t length : lengths) {
    if (length > bytes.size()) return false;
    strings.emplace_back(as_text(bytes.first(static_cast<std::size_t>(length))));
    bytes = bytes.subspan(static_cast<std::size_t>(length));
  }
  return bytes.empty();
}

/// Slices along the first dimension that lie behind each other in one file are the whole tensor as they lie.
std::optional<Bytes> joined(const std::vector<Slice>& slices, const std::vector<Tensor>& parts,
                            const std::vector<std::int64_t>& dims,
                            const std::map<std::int32_t, std::shared_ptr<const MappedFile>>& files) {
  std::int64_t row = 0;
  std::size_t size = 0;
  const MappedFile* file = parts.front().bytes.file();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Bytes& bytes = parts[i].bytes;
    if (slices[i].empty() || slices[i][0].start != row || bytes.file() != file ||
        bytes.data() != parts.front().bytes.data() + size) {
      return std::nullopt;
    }
    for (std::size_t d = 1; d < dims.size(); ++d) {
      if (slices[i][d].length != dims[d]) return std::nullopt;
    }
    row += slices[i][0].length;
    size += bytes.size();
  }
  for (const auto& [id, mapped] : files) {
    if (mapped.get() == file) return Bytes::of_file(mapped, {parts.front().bytes.data(), size});
  }
  return std::nullopt;
}

}  // namespace

Bundle::~Bundle() = default;

Result<std::unique_ptr<Bundle>> Bundle::open(const std::filesystem::path& prefix) {
  std::unique_ptr<Bundle> bundle(new Bundle(prefix.string()));
  if (auto read = bundle->read_index(); !read) return tl::make_unexpected(read.error());
  return bundle;
}

Result<void> Bundle::read_index() {
  const auto file = MappedFile::open(prefix_ + ".index");
  if (!file) return tl::make_unexpected(file.error());
  Result<void> header = problem(Fault::kModel, "the checkpoint index has no header", prefix_ + ".index",
                                "the checkpoint is damaged: copy or save it again");
  const auto table = read_sorted_table(**file, [&](std::string_view key, ByteSpan value) {
    if (key.empty()) {
      header = read_header(value);
      return header.has_value();
    }
    entries_.emplace_hint(entries_.end(), key, as_text(value));
    return true;
  });
  return table ? header : table;
}

Result<void> Bundle::read_header(ByteSpan value) {
  proto::BundleHeaderProto header;
  if (!parse_message(value, header) || header.num_shards() < 0) {
    return problem(Fault::kModel, "the header of the checkpoint index is malformed", prefix_ + ".index",
                   "the checkpoint is damaged: copy or save it again");
  }
  if (header.endianness() != proto::BundleHeaderProto::LITTLE) {
    return problem(Fault::kModel, "the checkpoint is big-endian", prefix_ + ".index",
                   "save it again on a little-endian machine");
  }
  shard_count_ = header.num_shards();
  return {};
}

Problem Bundle::bad(std::string_view key, std::string what) const {
  return Problem{Fault::kModel, std::move(what), fmt::format("tensor '{}' of checkpoint {}", key, prefix_),
                 "the checkpoint is damaged or incomplete: copy or save it again"};
}

Result<const std::shared_ptr<const MappedFile>*> Bundle::shard(std::string_view key, std::int32_t id) const {
  if (id < 0 || id >= shard_count_) {
    return tl::make_unexpected(bad(key, fmt::format("the index names shard {} of {}", id, shard_count_)));
  }
  auto& file = shards_[id];
  if (file == nullptr) {
    auto opened = MappedFile::open(fmt::format("{}.data-{:05}-of-{:05}", prefix_, id, shard_count_));
    if (!opened) return tl::make_unexpected(opened.error());
    file = std::move(*opened);
  }
  return &file;
}

Result<Tensor> Bundle::read(std::string_view key, std::string_view spec) const {
  const auto it = entries_.find(key);
  if (it == entries_.end() || key.empty()) {
    std::vector<std::string_view> names;
    for (const auto& [name, entry] : entries_) {
      if (name.front() != kSliceKeyMark) names.push_back(name);
    }
    return problem(Fault::kModel, fmt::format("the checkpoint has no tensor '{}'", key), prefix_,
                   did_you_mean(key, names));
  }
  proto::BundleEntryProto entry;
  if (!parse_message(bytes_of(it->second), entry)) return tl::make_unexpected(bad(key, "the index entry is malformed"));
  if (!spec.empty()) {
    const auto wanted = parse_slice_spec(spec);
    for (const auto& stored : entry.slices()) {
      if (wanted && wanted->dims == dims_of(entry) && slice_of(stored) == wanted->slice)
        return read_stored(key, slice_key(key, wanted->slice));
    }
  }
  auto whole = entry.slices().empty() ? read_stored(key, key) : assemble(key, entry);
  if (!whole || spec.empty()) return whole;
  return cut(key, std::move(*whole), spec);
}

Result<Tensor> Bundle::read_stored(std::string_view key, std::string_view stored_key) const {
  const auto it = entries_.find(stored_key);
  if (it == entries_.end()) return tl::make_unexpected(bad(key, "a slice of the tensor is missing"));
  proto::BundleEntryProto entry;
  if (!parse_message(bytes_of(it->second), entry) || !entry.slices().empty()) {
    return tl::make_unexpected(bad(key, "the index entry is malformed"));
  }
  Tensor tensor;
  tensor.dtype = base_type(static_cast<DataType>(entry.dtype()));
  tensor.dims = dims_of(entry);
  const auto count = element_count(tensor.dims);
  const std::size_t size = size_of(tensor.dtype);
  if (!count || (size == 0 && tensor.dtype != DataType::kString)) {
    return tl::make_unexpected(bad(key, fmt::format("shape [{}] of dtype {} cannot be read",
                                                    fmt::join(tensor.dims, ", "), name_of(tensor.dtype))));
  }
  const auto file = shard(key, entry.shard_id());
  if (!file) return tl::make_unexpected(file.error());
  const ByteSpan bytes = (**file)->bytes();
  if (entry.offset() < 0 || entry.size() < 0 || static_cast<std::uint64_t>(entry.offset()) > bytes.size() ||
      static_cast<std::uint64_t>(entry.size()) > bytes.size() - static_cast<std::uint64_t>(entry.offset())) {
    return tl::make_unexpected(bad(key, fmt::format("its {} bytes at {} lie outside of {} ({} bytes)", entry.size(),
                                                    entry.offset(), (**file)->path().string(), bytes.size())));
  }
  const ByteSpan data = bytes.subspan(static_cast<std::size_t>(entry.offset()), static_cast<std::size_t>(entry.size()));
  if (tensor.dtype == DataType::kString) {
    if (!decode_strings(data, static_cast<std::size_t>(*count), tensor.strings)) {
      return tl::make_unexpected(bad(key, "its strings are malformed"));
    }
    return tensor;
  }
  if (data.size() % size != 0 || data.size() / size != static_cast<std::uint64_t>(*count)) {
    return tl::make_unexpected(bad(key, fmt::format("a {} tensor of shape [{}] cannot have {} bytes",
                                                    name_of(tensor.dtype), fmt::join(tensor.dims, ", "), data.size())));
  }
  tensor.bytes = Bytes::of_file(**file, data);
  return tensor;
}

Result<Tensor> Bundle::assemble(std::string_view key, const proto::BundleEntryProto& entry) const {
  Tensor whole;
  whole.dtype = base_type(static_cast<DataType>(entry.dtype()));
  whole.dims = dims_of(entry);
  const std::size_t size = size_of(whole.dtype);
  const auto count = element_count(whole.dims);
  if (size == 0 || !count) {
    return tl::make_unexpected(bad(key, fmt::format("shape [{}] of dtype {} cannot be put together from slices",
                                                    fmt::join(whole.dims, ", "), name_of(whole.dtype))));
  }
  std::vector<Slice> slices;
  for (const auto& stored : entry.slices()) slices.push_back(slice_of(stored));
  std::vector<std::string> keys;
  for (const Slice& slice : slices) keys.push_back(slice_key(key, slice));
  std::vector<std::size_t> order(slices.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return keys[i]; });

  std::vector<Tensor> parts;
  std::vector<Slice> places;
  std::uint64_t elements = 0;
  std::uint64_t file_bytes = 0;
  for (const std::size_t i : order) {
    auto part = read_stored(key, keys[i]);
    if (!part) return part;
    const auto place = resolve_slice(slices[i], whole.dims);
    bool fits = place.has_value() && part->dtype == whole.dtype && part->dims.size() == whole.dims.size();
    for (std::size_t d = 0; fits && d < whole.dims.size(); ++d) fits = part->dims[d] == (*place)[d].length;
    if (!fits) return tl::make_unexpected(bad(key, "a slice does not fit the whole"));
    elements += part->bytes.size() / size;
    parts.push_back(std::move(*part));
    places.push_back(*place);
  }
  for (const auto& [id, file] : shards_) file_bytes += file->bytes().size();
  if (elements != static_cast<std::uint64_t>(*count) || elements > file_bytes / size) {
    return tl::make_unexpected(bad(key, "the slices do not make up the whole"));
  }
  if (auto view = joined(places, parts, whole.dims, shards_)) {
    whole.bytes = std::move(*view);
    return whole;
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(elements) * size);
  for (std::size_t i = 0; i < parts.size(); ++i) copy_in(bytes, whole.dims, places[i], size, parts[i].bytes.span());
  whole.bytes = Bytes(std::move(bytes));
  return whole;
}

Result<Tensor> Bundle::cut(std::string_view key, Tensor whole, std::string_view spec) const {
  const auto wanted = parse_slice_spec(spec);
  const auto place = wanted ? resolve_slice(wanted->slice, whole.dims) : std::nullopt;
  const std::size_t size = size_of(whole.dtype);
  if (!place || wanted->dims != whole.dims || size == 0) {
    return tl::make_unexpected(
        bad(key, fmt::format("the slice '{}' does not fit shape [{}]", spec, fmt::join(whole.dims, ", "))));
  }
  Tensor part;
  part.dtype = whole.dtype;
  std::size_t bytes = size;
  for (const Extent& extent : *place) {
    part.dims.push_back(extent.length);
    bytes *= static_cast<std::size_t>(extent.length);
  }
  std::vector<std::byte> copy(bytes);
  copy_out(whole.bytes.span(), whole.dims, *place, size, copy);
  part.bytes = Bytes(std::move(copy));
  return part;
}

}  // namespace flowport::tf
