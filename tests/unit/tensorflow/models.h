// Models for tests: the fixtures that make_fixtures.py wrote, and graphs written as text in the test itself.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "../base/scratch_folder.h"
#include "tensorflow/program.h"
#include "tensorflow/protos/saved_model.pb.h"
#include "tensorflow/reader.h"

namespace flowport::test {

inline std::filesystem::path fixture(std::string_view name) {
  const char* root = std::getenv("FLOWPORT_SOURCE_ROOT");
  return std::filesystem::path(root == nullptr ? "." : root) / "tests/unit/tensorflow/data" / name;
}

/// `text` in protobuf's text format, on the wire.
template <typename Message>
std::string wire(std::string_view text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &message));
  std::string bytes;
  message.SerializeToString(&bytes);
  return bytes;
}

/// Message of a Result that is expected to be an error; a failure of the test otherwise.
template <typename T>
Problem problem_of(const Result<T>& result) {
  if (result) {
    ADD_FAILURE() << "expected a problem";
    return {};
  }
  return result.error();
}

class ModelTest : public ScratchFolder {
 protected:
  /// The program of a binary GraphDef given as text.
  std::unique_ptr<tf::Program> graph(std::string_view text, const tf::ReadOptions& options = {}) {
    return opened(tf::read_model(file_with("graph.pb", wire<tf::proto::GraphDef>(text)), options));
  }

  Problem graph_problem(std::string_view text) {
    return problem_of(tf::read_model(file_with("graph.pb", wire<tf::proto::GraphDef>(text))));
  }

  /// Throws where the model could not be read, which fails the test.
  static std::unique_ptr<tf::Program> opened(Result<std::unique_ptr<tf::Program>> program) {
    if (!program) throw std::runtime_error(program.error().what + " | " + program.error().where);
    return std::move(*program);
  }

  static const tf::Node& node(const tf::Graph& graph, std::string_view name) {
    const tf::NodeIndex index = graph.find(name);
    if (index < 0) throw std::runtime_error("no node " + std::string(name));
    return graph.nodes[static_cast<std::size_t>(index)];
  }

  static const tf::Graph& function(const tf::Program& program, std::string_view name) {
    const auto graph = program.function(name);
    if (!graph) throw std::runtime_error(graph.error().what);
    return **graph;
  }
};

}  // namespace flowport::test
