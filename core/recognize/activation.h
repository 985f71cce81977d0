// Activations: functions of each element, by ONNX's names and numbers for them in LSTM, GRU and RNN.
#pragma once

#include <optional>
#include <string>

#include "recognize/step.h"

namespace flowport::recognize {

/// What a letter of a pattern (`any.f`) matched.
struct Activation {
  std::string op;
  std::optional<float> alpha, beta;  ///< where the op says them
  friend bool operator==(const Activation&, const Activation&) = default;
};

struct ActivationOf {
  Activation activation;
  Part operand;
};

/// The function that makes `part`: an op of one input with no attributes but alpha and beta, or HardSigmoid by its formula (a Clip
/// that is scaled to 0 .. 1, of a multiple of the operand and a number).
std::optional<ActivationOf> activation_of(const LoopStep& step, const Part& part);

}  // namespace flowport::recognize
