// ModelProto, written field by field from a finished model.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/problem.h"
#include "base/progress.h"
#include "base/temporary_file.h"
#include "onnx/graph.h"
#include "write/initializers.h"
#include "write/outline.h"

namespace flowport::write {

/// What a model file is made from. Everything in it has a name.
struct Contents {
  const ir::Model& model;
  const Outline& outline;
  std::vector<Initializer> initializers;
  std::string data_name;  ///< of the file with external data
  bool provenance = true;
};

class Encoder {
 public:
  enum class Detail {
    kWhole,
    /// For the checker: without provenance; a tensor of kSmallTensor bytes or more has no elements; an input or output of
    /// unknown rank, which ONNX allows and onnx's checker does not, has rank 0.
    kSkeleton,
  };

  /// Measures. `contents` must outlive the encoder, and not change.
  Encoder(const Contents& contents, Detail detail);

  /// Bytes of the whole ModelProto.
  std::uint64_t size() const { return size_; }

  std::string text() const;
  Result<void> write(TemporaryFile& file, Progress* progress) const;

 private:
  template <typename Sink>
  void put_model(Sink& out) const;
  template <typename Sink>
  void put_model_head(Sink& out) const;
  template <typename Sink>
  void put_model_tail(Sink& out) const;
  template <typename Sink>
  void put_graph(Sink& out, const ir::Graph& main) const;
  template <typename Sink>
  void put_graph_tail(Sink& out, const ir::Graph& graph) const;
  template <typename Sink>
  void put_node_head(Sink& out, const ir::Node& node) const;
  template <typename Sink>
  void put_node_tail(Sink& out, const ir::Node& node) const;
  template <typename Sink>
  void put_attribute(Sink& out, const ir::Attribute& attribute) const;
  template <typename Sink>
  void put_initializer(Sink& out, const Initializer& initializer) const;
  template <typename Sink>
  void put_tensor(Sink& out, const ir::Constant& constant, const std::string& name) const;
  template <typename Sink>
  void put_value(Sink& out, ir::ValueId id, bool is_main) const;
  template <typename Sink>
  void put_type(Sink& out, const ir::Type& type, bool is_main) const;
  template <typename Sink>
  void put_tensor_type(Sink& out, const ir::Type& type, bool is_main) const;

  std::uint64_t size_of_graph(const ir::Graph& graph) const;
  std::uint64_t size_of_node(const ir::Node& node) const;

  const Contents& contents_;
  const ir::Model& model_;
  Detail detail_;
  std::unordered_map<const ir::Graph*, std::uint64_t> graph_sizes_;
  std::uint64_t size_ = 0;
};

}  // namespace flowport::write
