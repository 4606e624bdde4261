// The envelope of CloudEvents 1.0 in JSON: what surrounds a post in its member "data".
#pragma once

#include <optional>
#include <string_view>

#include "proto/error.h"
#include "proto/formats/document_reader.h"

namespace tagswell {

class CloudEvent {
 public:
  // Reads the event, but not inside of its data. False: it is malformed.
  bool Read(DocumentReader::Object event, bool may_hold_escapes, std::size_t depth_max);

  // Why the last event is none that holds a post; nothing when it is.
  std::optional<Error> Check() const;

  // The JSON of its data: an object, not yet looked into. A view into the event.
  std::string_view data() const { return data_; }

 private:
  DocumentReader json_;
  std::string_view spec_version_, id_, source_, type_;
  std::string_view data_;
  bool has_other_data_ = false;  // as bytes, or as something that is no object
};

}  // namespace tagswell
