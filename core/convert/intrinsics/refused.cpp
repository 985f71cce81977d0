// Ops that no handler could say, because of what TensorFlow keeps beside the graph: refused with the reason.
#include <algorithm>
#include <array>

#include "convert/intrinsics/intrinsics.h"

namespace flowport::convert::intrinsics {

namespace {

struct Refusal {
  std::string_view prefix;  ///< of the op's name
  const char* why;
  const char* next;
};

constexpr std::array kRefusals = std::to_array<Refusal>({
    {"SymbolicGradient", "computes the gradient of a function while running, and ONNX has no gradients",
     "export the inference function, without its gradient"},
    {"TensorArrayGrad", "belongs to the gradient of a TensorArray, and ONNX has no gradients",
     "export the inference function, without its gradient; or choose outputs that do not need it with --outputs"},
    {"IteratorGetNext", "takes the next item of a tf.data pipeline, which is no part of the model",
     "feed its outputs instead: name them with --inputs"},
    {"Iterator", "is an iterator of a tf.data pipeline, which is no part of the model",
     "feed what it gives instead: name it with --inputs"},
    {"OneShotIterator", "is an iterator of a tf.data pipeline, which is no part of the model",
     "feed what it gives instead: name it with --inputs"},
});

}  // namespace

Step iterator(Frame& frame) {
  frame.bind(Bound::unbound());
  return Step::kDone;
}

Problem refusal_of(std::string_view op) {
  const auto* refusal = std::find_if(kRefusals.begin(), kRefusals.end(),
                                     [&](const Refusal& entry) { return op.starts_with(entry.prefix); });
  return {Fault::kUnsupported, refusal->why, {}, refusal->next};
}

Step refused(Frame& frame) { return frame.fail(refusal_of(frame.node().op)); }

}  // namespace flowport::convert::intrinsics
