// Models in protobuf's text format.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/problem.h"

namespace flowport::tf {

/// Which message a file is.
enum class MessageKind { kGraphDef, kMetaGraph, kSavedModel };

/// True when `head`, the start of a file, can only be text.
bool looks_like_text(std::string_view head);

/// The message that the text must be, told by the name of its first field; GraphDef where that is unknown.
MessageKind kind_of_text(std::string_view text);

/// The text as the same message on the wire. Fields that Flowport does not know are skipped.
/// Errors: the first mistake in the text, at "NAME:line:column".
Result<Bytes> text_to_wire(std::string_view text, MessageKind kind, const std::string& name);

}  // namespace flowport::tf
