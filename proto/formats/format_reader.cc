#include "proto/formats/format_reader.h"

#include <algorithm>
#include <string>

namespace tagswell {

bool FormatReader::Read(DocumentReader::Object document, bool may_hold_escapes) {
  json_.Start(may_hold_escapes, batch_.options().depth_max);
  return ReadDocument(document);
}

void FormatReader::Tell(std::uint64_t line) {
  if (json_.repeated().data() == nullptr) return TellDocument(line == 0 && !is_page() ? 1 : line);
  line = std::max<std::uint64_t>(line, 1);
  const std::string name(json_.repeated());
  batch_.Reject(line, {.code = "duplicate_field", .detail = "\"" + name + "\" stands there twice", .field = name});
}

}  // namespace tagswell
