// Numbers, spans of time and names as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/time.h"

namespace tagswell {

std::string Grouped(std::uint64_t number);      // "4,987"
std::string Roughly(double number);             // "3", "0.4", "4,987": one digit behind the point below ten, if any
std::string SpanText(Duration span);            // "40 s", "25 min", "3 h 20 min", "2 d 4 h"
std::string LastText(std::string_view window);  // "5m" -> "in the last 5 minutes", "1h" -> "in the last hour"

// `text` with control characters left out: nothing a stranger wrote may steer the terminal. Of text that is not valid
// UTF-8 only the ASCII characters stay.
std::string Printable(std::string_view text);

// The columns a terminal takes for `text` (valid UTF-8): wide characters two, combining ones none.
int Columns(std::string_view text);

}  // namespace tagswell
