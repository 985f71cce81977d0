// A checkpoint (tensor bundle): `PREFIX.index` says where in `PREFIX.data-?????-of-?????` each tensor lies. Tensors are
// views of the mapped shards; those that were saved in slices are put together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/problem.h"
#include "tensorflow/program.h"
#include "tensorflow/wire.h"

namespace flowport::tf {

namespace proto {
class BundleEntryProto;
}

/// Not to be shared between threads: shards are mapped when a tensor in them is asked for.
class Bundle {
 public:
  /// Reads the index of the checkpoint `prefix` (a path, of which the last part may be empty).
  /// Errors: no index, damaged index, big-endian data.
  static Result<std::unique_ptr<Bundle>> open(const std::filesystem::path& prefix);
  ~Bundle();
  Bundle(const Bundle&) = delete;
  Bundle& operator=(const Bundle&) = delete;

  bool has(std::string_view key) const { return entries_.contains(key); }

  /// The part of the tensor saved as `key` that RestoreV2's shape_and_slice `spec` names; all of it for "".
  /// Errors: not there (near names given), a shard missing or too short, sizes that do not fit each other.
  Result<Tensor> read(std::string_view key, std::string_view spec = {}) const;

  /// What comes before ".index".
  const std::string& prefix() const { return prefix_; }

 private:
  explicit Bundle(std::string prefix) : prefix_(std::move(prefix)) {}

  Result<void> read_index();
  Result<void> read_header(ByteSpan value);
  Result<const std::shared_ptr<const MappedFile>*> shard(std::string_view key, std::int32_t id) const;
  Result<Tensor> read_stored(std::string_view key, std::string_view stored_key) const;
  Result<Tensor> assemble(std::string_view key, const proto::BundleEntryProto& entry) const;
  Result<Tensor> cut(std::string_view key, Tensor whole, std::string_view spec) const;
  Problem bad(std::string_view key, std::string what) const;

  std::string prefix_;
  std::int32_t shard_count_ = 0;
  std::map<std::string, std::string, std::less<>> entries_;  ///< BundleEntryProto on the wire by key
  mutable std::map<std::int32_t, std::shared_ptr<const MappedFile>> shards_;
};

}  // namespace flowport::tf
