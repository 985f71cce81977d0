// Our types, constants and attributes as the onnx library's messages, and back.
#pragma once

#include <cstddef>

#include "onnx/graph.h"

namespace onnx {
class AttributeProto;
class TensorProto;
class TensorShapeProto;
class TypeProto;
}  // namespace onnx

namespace flowport::ir {

void fill(const Type& type, onnx::TypeProto& proto);
void fill(const Content& content, onnx::TensorShapeProto& proto);
/// Elements are filled in only where has_small_proto holds; the type and dims always are.
void fill(const Constant& constant, onnx::TensorProto& proto);
/// A graph gets as many inputs and outputs as it has, and nothing else: inference never looks into bodies.
void fill(const Attribute& attribute, onnx::AttributeProto& proto);

/// True for constants that are worth a message: at most 64 KiB, of a type of whole bytes.
bool has_small_proto(const Constant& constant);

/// Dim names that are none of ours give unknown dims; types that we cannot hold have no element type.
Type type_of(const onnx::TypeProto& proto, std::size_t symbol_count);

}  // namespace flowport::ir
