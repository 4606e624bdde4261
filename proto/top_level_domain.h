// The top-level domains that make a URL of a host without a protocol ("example.com/#top").
#pragma once

#include <string_view>

namespace tagswell {

// `label`: ASCII letters in any case.
bool IsTopLevelDomain(std::string_view label);

}  // namespace tagswell
