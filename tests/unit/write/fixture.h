// A folder to write to, models to write, and what came out, read by protobuf.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <stdlib.h>

#include "write/write.h"

namespace flowport::write {

/// A Model under construction; nodes go to `graph`, which is the main graph unless another is given.
struct Builder {
  ir::Model model;

  Builder() {
    model.opsets = {{"", 21}};
    model.graph.name = "test";
  }

  ir::ValueId input(std::string name, std::vector<std::int64_t> dims = {2}, ir::DType dtype = ir::DType::kFloat) {
    const ir::ValueId id = model.add_value(type(dtype, dims), std::move(name));
    model.graph.inputs.push_back(id);
    return id;
  }

  ir::ValueId floats(std::initializer_list<float> values, std::string name = {}) {
    const std::vector<float> data(values);
    return model.add_constant(ir::Constant::floats({static_cast<std::int64_t>(data.size())}, data), std::move(name));
  }

  /// A float tensor of `count` elements; those of different `seed` differ.
  ir::ValueId weight(std::int64_t count, float seed, std::string name = {}) {
    return model.add_constant(weight_constant(count, seed), std::move(name));
  }

  static ir::ConstantPtr weight_constant(std::int64_t count, float seed) {
    std::vector<float> data(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = seed + static_cast<float>(i);
    return ir::Constant::floats({count}, data);
  }

  std::uint32_t origin(std::string tf_node, std::string path = {}, std::string handler = {}) {
    model.origins.push_back({std::move(tf_node), std::move(path), std::move(handler)});
    return static_cast<std::uint32_t>(model.origins.size() - 1);
  }

  /// One node with one output of type float[2], or as given.
  ir::ValueId node(std::string op, std::vector<ir::ValueId> inputs, ir::Graph* graph = nullptr, std::uint32_t from = 0,
                   ir::DType dtype = ir::DType::kFloat) {
    const ir::ValueId output = model.add_value(type(dtype, {2}));
    (graph == nullptr ? model.graph : *graph)
        .nodes.push_back({std::move(op), "", std::move(inputs), {output}, {}, from});
    return output;
  }

  void output(ir::ValueId id, std::string name = {}) {
    if (!name.empty()) model.values[id].name = std::move(name);
    model.graph.outputs.push_back(id);
  }

  static ir::Type type(ir::DType dtype, const std::vector<std::int64_t>& dims) {
    std::vector<ir::Dim> all;
    for (const std::int64_t dim : dims) all.push_back({dim, 0});
    return ir::Type::tensor(dtype, std::move(all));
  }
};

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class WriteTest : public testing::Test {
 protected:
  WriteTest() {
    std::string name = (std::filesystem::temp_directory_path() / "flowport-write-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~WriteTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::filesystem::path path() const { return folder_ / "model.onnx"; }
  std::filesystem::path data_path() const { return folder_ / "model.onnx.data"; }

  WriteSummary write(ir::Model& model, const WriteOptions& options = {}) {
    const Result<WriteSummary> summary = write_model(model, path(), options);
    if (!summary) {
      ADD_FAILURE() << summary.error().what << " | " << summary.error().where;
      return {};
    }
    return *summary;
  }

  Problem refused(ir::Model& model, const WriteOptions& options = {}) {
    const Result<WriteSummary> summary = write_model(model, path(), options);
    if (summary) {
      ADD_FAILURE() << "the model was written";
      return {};
    }
    return summary.error();
  }

  onnx::ModelProto load() const {
    onnx::ModelProto proto;
    const std::string bytes = read_file(path());
    EXPECT_TRUE(proto.ParseFromString(bytes));
    EXPECT_EQ(proto.SerializeAsString(), bytes) << "fields are not in protobuf's own order or form";
    return proto;
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
};

}  // namespace flowport::write
