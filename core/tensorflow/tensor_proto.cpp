#include "tensorflow/tensor_proto.h"

#include <bit>
#include <complex>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include "tensorflow/protos/graph.pb.h"
#include "tensorflow/wire.h"

namespace flowport::tf {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are taken as they lie in the file");

// More bytes than this are never made up from fewer in the file.
constexpr std::int64_t kMostRepeated = std::int64_t{1} << 31;

/// Values as T, at most `count` of them; the last one is repeated, and none at all stands for zeros.
template <typename T, typename Values>
std::vector<std::byte> expand(const Values& values, std::size_t count) {
  std::vector<std::byte> bytes(count * sizeof(T));
  T last{};
  for (std::size_t i = 0; i < count; ++i) {
    if (i < static_cast<std::size_t>(values.size())) {
      last = static_cast<T>(values[static_cast<int>(i)]);
    } else if (values.size() == 0) {
      break;
    }
    std::memcpy(bytes.data() + i * sizeof(T), &last, sizeof(T));
  }
  return bytes;
}

/// Real and imaginary parts alternate.
template <typename T>
class Pairs {
 public:
  explicit Pairs(const google::protobuf::RepeatedField<T>& parts) : parts_(parts) {}
  int size() const { return parts_.size() / 2; }
  std::complex<T> operator[](int i) const { return {parts_[2 * i], parts_[2 * i + 1]}; }

 private:
  const google::protobuf::RepeatedField<T>& parts_;
};

struct Octets {
  const std::string& text;
  std::size_t size() const { return text.size(); }
  std::uint8_t operator[](int i) const { return static_cast<std::uint8_t>(text[static_cast<std::size_t>(i)]); }
};

/// The elements from the `*_val` field of the dtype; nullopt for dtypes without elements.
std::optional<std::vector<std::byte>> expand_values(const proto::TensorProto& proto, DataType type, std::size_t count) {
  switch (type) {
    case DataType::kFloat: return expand<float>(proto.float_val(), count);
    case DataType::kDouble: return expand<double>(proto.double_val(), count);
    case DataType::kInt32:
    case DataType::kQint32: return expand<std::int32_t>(proto.int_val(), count);
    case DataType::kInt16:
    case DataType::kUint16:
    case DataType::kQint16:
    case DataType::kQuint16: return expand<std::uint16_t>(proto.int_val(), count);
    case DataType::kUint8:
    case DataType::kInt8:
    case DataType::kQint8:
    case DataType::kQuint8:
    case DataType::kInt4:
    case DataType::kUint4:
    case DataType::kInt2:
    case DataType::kUint2:
    case DataType::kFloat4E2m1fn: return expand<std::uint8_t>(proto.int_val(), count);
    case DataType::kHalf:
    case DataType::kBfloat16: return expand<std::uint16_t>(proto.half_val(), count);
    case DataType::kFloat8E5m2:
    case DataType::kFloat8E4m3fn:
    case DataType::kFloat8E4m3fnuz:
    case DataType::kFloat8E4m3b11fnuz:
    case DataType::kFloat8E5m2fnuz: return expand<std::uint8_t>(Octets{proto.float8_val()}, count);
    case DataType::kInt64: return expand<std::int64_t>(proto.int64_val(), count);
    case DataType::kBool: return expand<std::uint8_t>(proto.bool_val(), count);
    case DataType::kUint32: return expand<std::uint32_t>(proto.uint32_val(), count);
    case DataType::kUint64: return expand<std::uint64_t>(proto.uint64_val(), count);
    case DataType::kComplex64: return expand<std::complex<float>>(Pairs<float>(proto.scomplex_val()), count);
    case DataType::kComplex128: return expand<std::complex<double>>(Pairs<double>(proto.dcomplex_val()), count);
    default: return std::nullopt;
  }
}

/// A string tensor as content: all lengths, then all characters. False when they do not fill `content` exactly.
bool decode_string_content(ByteSpan content, std::size_t count, std::vector<std::string>& strings) {
  if (count > content.size()) return false;
  std::vector<std::size_t> lengths(count);
  for (std::size_t& length : lengths) {
    std::uint64_t value = 0;
    if (!take_varint(content, value)) return false;
    length = static_cast<std::size_t>(value);
  }
  strings.reserve(count);
  for (const std::size_t length : lengths) {
    if (length > content.size()) return false;
    strings.emplace_back(as_text(content.first(length)));
    content = content.subspan(length);
  }
  return content.empty();
}

class Decoder {
 public:
  Decoder(const proto::TensorProto& proto, const std::string& where) : proto_(proto), where_(where) {}

  Result<Tensor> run(const Bytes* content) {
    if (auto shape = read_shape(); !shape) return tl::make_unexpected(shape.error());
    if (tensor_.dtype == DataType::kString) return read_strings(content);
    const auto size = static_cast<std::int64_t>(size_of(tensor_.dtype));
    if (size == 0) return bad(fmt::format("a tensor of dtype {} cannot be a constant", name_of(tensor_.dtype)));
    if (count_ > std::numeric_limits<std::int64_t>::max() / size) return bad("the tensor's size is beyond 2^63 bytes");
    return read_numbers(content, count_ * size);
  }

 private:
  tl::unexpected<Problem> bad(std::string what) const { return problem(Fault::kModel, std::move(what), where_); }

  Result<void> read_shape() {
    tensor_.dtype = base_type(static_cast<DataType>(proto_.dtype()));
    if (proto_.tensor_shape().unknown_rank()) return bad("a constant has no shape");
    for (const auto& dim : proto_.tensor_shape().dim()) tensor_.dims.push_back(dim.size());
    const auto count = element_count(tensor_.dims);
    if (!count) return bad(fmt::format("a constant has the impossible shape [{}]", fmt::join(tensor_.dims, ", ")));
    count_ = *count;
    return {};
  }

  Result<Tensor> read_numbers(const Bytes* content, std::int64_t bytes) {
    const std::size_t have = content != nullptr ? content->size() : proto_.tensor_content().size();
    if (have != 0) {
      if (have != static_cast<std::uint64_t>(bytes)) {
        return bad(fmt::format("a {} constant of shape [{}] needs {} bytes but has {}", name_of(tensor_.dtype),
                               fmt::join(tensor_.dims, ", "), bytes, have));
      }
      if (content != nullptr) {
        tensor_.bytes = *content;
      } else {
        const ByteSpan own = std::as_bytes(std::span(proto_.tensor_content()));
        tensor_.bytes = Bytes(std::vector<std::byte>(own.begin(), own.end()));
      }
      return std::move(tensor_);
    }
    if (auto limit = check_repeated(bytes); !limit) return tl::make_unexpected(limit.error());
    auto expanded = expand_values(proto_, tensor_.dtype, static_cast<std::size_t>(count_));
    if (!expanded) return bad(fmt::format("a tensor of dtype {} cannot be a constant", name_of(tensor_.dtype)));
    tensor_.bytes = Bytes(std::move(*expanded));
    return std::move(tensor_);
  }

  Result<Tensor> read_strings(const Bytes* content) {
    const ByteSpan own = content != nullptr ? content->span() : std::as_bytes(std::span(proto_.tensor_content()));
    if (!own.empty()) {
      if (!decode_string_content(own, static_cast<std::size_t>(count_), tensor_.strings)) {
        return bad("the content of a string constant does not fit its shape");
      }
      return std::move(tensor_);
    }
    const auto& values = proto_.string_val();
    const std::size_t last = values.empty() ? 0 : values[values.size() - 1].size();
    const auto element = static_cast<std::int64_t>(sizeof(std::string) + last);
    if (count_ > kMostRepeated / element) return check_repeated(kMostRepeated + 1).map([] { return Tensor{}; });
    tensor_.strings.reserve(static_cast<std::size_t>(count_));
    for (int i = 0; i < static_cast<int>(count_); ++i) {
      tensor_.strings.push_back(values.empty() ? std::string() : values[std::min(i, values.size() - 1)]);
    }
    return std::move(tensor_);
  }

  Result<void> check_repeated(std::int64_t bytes) const {
    if (bytes <= kMostRepeated) return {};
    return bad(
        fmt::format("a constant of shape [{}] repeats one value to more than 2 GiB", fmt::join(tensor_.dims, ", ")));
  }

  const proto::TensorProto& proto_;
  const std::string& where_;
  Tensor tensor_;
  std::int64_t count_ = 0;
};

}  // namespace

std::optional<std::int64_t> element_count(std::span<const std::int64_t> dims) {
  std::int64_t count = 1;
  bool empty = false;
  for (const std::int64_t dim : dims) {
    if (dim < 0) return std::nullopt;
    empty = empty || dim == 0;
  }
  if (empty) return 0;
  for (const std::int64_t dim : dims) {
    if (count > std::numeric_limits<std::int64_t>::max() / dim) return std::nullopt;
    count *= dim;
  }
  return count;
}

Result<Tensor> decode_tensor(const proto::TensorProto& proto, const Bytes* content, const std::string& where) {
  return Decoder(proto, where).run(content);
}

}  // namespace flowport::tf
