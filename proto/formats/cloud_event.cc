#include "proto/formats/cloud_event.h"

#include <array>
#include <string>
#include <utility>

namespace tagswell {

bool CloudEvent::Read(DocumentReader::Object event, bool may_hold_escapes, std::size_t depth_max) {
  enum Member : std::size_t { kSpecVersion, kId, kSource, kType, kData, kDataBase64 };
  constexpr std::array<std::string_view, 6> kMembers = {"specversion", "id", "source", "type", "data", "data_base64"};
  spec_version_ = id_ = source_ = type_ = data_ = {};
  has_other_data_ = false;
  json_.Start(may_hold_escapes, depth_max);
  return json_.Members(event, kMembers, [&](std::size_t name, DocumentReader::Value value) {
    switch (name) {
      case kSpecVersion:
        return json_.Text(value, spec_version_);
      case kId:
        return json_.Text(value, id_);
      case kSource:
        return json_.Text(value, source_);
      case kType:
        return json_.Text(value, type_);
      default: {
        DocumentReader::Object data;
        if (name == kData && DocumentReader::IsObject(value)) {
          return value.get_object().get(data) == simdjson::SUCCESS && data.raw_json().get(data_) == simdjson::SUCCESS;
        }
        has_other_data_ = true;
        return json_.Skip(value);
      }
    }
  });
}

std::optional<Error> CloudEvent::Check() const {
  if (!json_.repeated().empty()) {
    const std::string name(json_.repeated());
    return Error{.code = "duplicate_field", .detail = "\"" + name + "\" stands there twice", .field = name};
  }
  if (spec_version_.data() != nullptr && spec_version_ != "1.0") {
    return Error{.code = "bad_specversion", .detail = "\"specversion\" must be \"1.0\"", .field = "specversion"};
  }
  const std::pair<const char*, std::string_view> required[] = {
      {"specversion", spec_version_}, {"id", id_}, {"source", source_}, {"type", type_}};
  for (const auto& [name, value] : required) {
    if (value.empty()) {
      return Error{.code = std::string("missing_event_") + name,
                   .detail = std::string("a CloudEvent has a \"") + name + "\" that is a string and not empty",
                   .field = name};
    }
  }
  if (has_other_data_) {
    return Error{.code = "bad_data", .detail = "\"data\" must be a JSON object: a post or a message", .field = "data"};
  }
  if (data_.empty()) return Error{.code = "missing_data", .detail = "\"data\" is missing", .field = "data"};
  return std::nullopt;
}

}  // namespace tagswell
