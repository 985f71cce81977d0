// Ops that TensorFlow does not have, declared in the words of its REGISTER_OP.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace flowport::tf {

/// Each text is what stands between the quotes of Input(...), Output(...) or Attr(...) in REGISTER_OP.
struct OpDeclaration {
  std::string op;
  std::vector<std::string> inputs;  ///< "x: T", "pieces: N * float", "rest: Tlist", "state: Ref(T)"
  std::vector<std::string> outputs;
  std::vector<std::string> attrs;  ///< "T: {float, double} = DT_FLOAT", "N: int >= 1", "shapes: list(shape) = []"
};

/// The declaration in a line: "Cube(x: T) -> (y: T); T: {float, double}".
std::string text_of(const OpDeclaration& declaration);

/// What is wrong with a declaration: with one of its texts.
struct DeclarationFault {
  enum class Part { kInput, kOutput, kAttr };
  Part part = Part::kInput;
  std::size_t index = 0;
  std::string what;  ///< a sentence that shows the text
  std::string next;
};

/// The definition of the op, serialised proto::OpDef; the same for the same declaration. As in TensorFlow every attribute that an
/// argument names has to be declared.
tl::expected<std::string, DeclarationFault> define(const OpDeclaration& declaration);

/// A serialised proto::OpList of definitions.
std::string op_list_of(const std::vector<std::string_view>& definitions);

/// The texts of a list that is written in one: separated by commas, those within brackets and quotes excepted. Blanks around
/// them are not theirs; an empty list has none.
std::vector<std::string> split_texts(std::string_view list);

}  // namespace flowport::tf
