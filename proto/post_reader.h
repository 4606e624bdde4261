// Feeds a PostBuilder with one JSON object of our own format, and checks that all of the object is JSON.
#pragma once

#include <simdjson.h>

#include <cstddef>

#include "proto/post_builder.h"

namespace tagswell {

// Consumes `object`. False: it is malformed, or more than `depth_left` containers deep in itself. The builder is
// started here and not finished. Its views point into the JSON text and into simdjson's parser.
// `may_hold_escapes` says that a backslash stands somewhere in the document.
bool ReadPost(simdjson::ondemand::object object, bool may_hold_escapes, std::size_t depth_left, PostBuilder& builder);

}  // namespace tagswell
