// Is it valid UTF-8? simdjson's validator, behind a wall that keeps its header out of other files.
#pragma once

#include <string_view>

namespace tagswell {

bool IsValidUtf8(std::string_view bytes);

}  // namespace tagswell
