// Errors as RFC 9457 problem details.
#pragma once

#include <string>
#include <string_view>

#include "proto/error.h"
#include "server/net/http.h"

namespace tagswell {

// {"type":"about:blank","title":"Not Found","status":404,"code":"not_found","detail":"…","field":"…"}; no field when
// empty.
Response Problem(int status, const Error& error);
Response Problem(int status, std::string_view code, std::string_view detail, std::string_view field = {});

// The reason phrase of a status, "Unknown" when we never send it.
std::string_view StatusTitle(int status);

// Appends `text` as a JSON string with quotes. `text` that is no valid UTF-8 has its bad bytes replaced by U+FFFD.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace tagswell
