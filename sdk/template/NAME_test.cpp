// A unit test of the handler: FakeHost takes one node and tells what the handler said, without Flowport. See flowport/testing.hpp.
#include <flowport/testing.hpp>

#include <cstdio>

extern "C" const flowport_plugin* flowport_plugin_query_v1(std::uint16_t);

using flowport::DType;
using flowport::Ints;
using namespace flowport::testing;

namespace {

int failures = 0;

void expect(bool holds, const char* what, const Outcome& outcome) {
  if (holds) return;
  ++failures;
  std::fprintf(stderr, "FAILED %s: status %d, %s\n%s", what, outcome.status, outcome.reason.c_str(),
               outcome.text.c_str());
}

GivenNode node_of(DType type) {
  GivenNode node("@OP@");
  node.input(of_type(type, Ints{-1, 4})).attr("T", type).attr("scale", 0.5F).output(type);
  return node;
}

}  // namespace

int main() {
  const flowport_plugin& plugin = *flowport_plugin_query_v1(FLOWPORT_ABI_MINOR);
  FakeHost host;

  const Outcome floats = host.convert(plugin, node_of(DType::kFloat));
  expect(floats.text == "v0 = Mul(x0, x0)\nv1 = Mul(v0, float{0.5})\ny0 = v1\n", "floats are squared and scaled",
         floats);

  const Outcome integers = host.convert(plugin, node_of(DType::kInt32));
  expect(integers.status == FLOWPORT_UNSUPPORTED, "integers are refused", integers);

  return failures == 0 ? 0 : 1;
}
