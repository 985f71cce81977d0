// The protobuf wire format, written. Messages are functions over a sink: the same function run on a Counter gives the length
// that stands before it. A sink has put(bytes) and put_tensor(constant).
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/problem.h"
#include "base/progress.h"
#include "base/temporary_file.h"
#include "onnx/constant.h"
#include "write/weights.h"

namespace flowport::write::wire {

enum class Kind : std::uint32_t { kVarint = 0, kBytes = 2, kFixed32 = 5 };

class Counter {
 public:
  void put(std::string_view bytes) { size_ += bytes.size(); }
  void put_tensor(const ir::Constant& constant) { size_ += written_size(constant); }
  void skip(std::uint64_t size) { size_ += size; }
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_ = 0;
};

class StringSink {
 public:
  void put(std::string_view bytes) { text_.append(bytes); }
  void put_tensor(const ir::Constant& constant) {
    stream_written(constant, [this](std::span<const std::byte> bytes) {
      text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return true;
    });
  }
  void reserve(std::size_t size) { text_.reserve(size); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// Keeps the first error and writes nothing after it.
class FileSink {
 public:
  /// `progress`, where there is one, counts bytes.
  FileSink(TemporaryFile& file, Progress* progress) : file_(file), progress_(progress) {}

  void put(std::string_view bytes) { put(std::as_bytes(std::span(bytes.data(), bytes.size()))); }
  void put_tensor(const ir::Constant& constant) {
    stream_written(constant, [this](std::span<const std::byte> bytes) { return put(bytes); });
  }
  void pad_to(std::uint64_t alignment) {
    if (result_) result_ = file_.pad_to(alignment);
  }
  const Result<void>& result() const { return result_; }

 private:
  bool put(std::span<const std::byte> bytes) {
    while (!bytes.empty() && result_) {
      const auto piece = bytes.first(std::min(bytes.size(), kLongestPiece));
      result_ = file_.write(piece);
      if (progress_ != nullptr) progress_->add(piece.size());
      bytes = bytes.subspan(piece.size());
    }
    return result_.has_value();
  }

  static constexpr std::size_t kLongestPiece = std::size_t{16}
                                               << 20;  ///< so that progress is seen within a large tensor

  TemporaryFile& file_;
  Progress* progress_;
  Result<void> result_;
};

template <typename Sink>
void put_varint(Sink& out, std::uint64_t value) {
  char bytes[10];
  std::size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>((value & 0x7F) | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.put({bytes, size});
}

template <typename Sink>
void put_tag(Sink& out, std::uint32_t field, Kind kind) {
  put_varint(out, (field << 3) | static_cast<std::uint32_t>(kind));
}

template <typename Sink>
void put_int(Sink& out, std::uint32_t field, std::int64_t value) {
  put_tag(out, field, Kind::kVarint);
  put_varint(out, static_cast<std::uint64_t>(value));
}

template <typename Sink>
void put_float(Sink& out, std::uint32_t field, float value) {
  static_assert(std::endian::native == std::endian::little);
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  put_tag(out, field, Kind::kFixed32);
  out.put({bytes, sizeof bytes});
}

/// The tag and the length of a field whose `size` bytes follow.
template <typename Sink>
void put_header(Sink& out, std::uint32_t field, std::uint64_t size) {
  put_tag(out, field, Kind::kBytes);
  put_varint(out, size);
}

template <typename Sink>
void put_string(Sink& out, std::uint32_t field, std::string_view text) {
  put_header(out, field, text.size());
  out.put(text);
}

/// A field with the message that `content`, a function over any sink, writes.
template <typename Sink, typename Content>
void put_message(Sink& out, std::uint32_t field, const Content& content) {
  Counter counter;
  content(counter);
  put_header(out, field, counter.size());
  if constexpr (std::is_same_v<Sink, Counter>) {
    out.skip(counter.size());
  } else {
    content(out);
  }
}

}  // namespace flowport::write::wire
