// Query parameters as values. Every refusal is a 400 that names the parameter.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post_format.h"
#include "proto/time.h"
#include "proto/window.h"
#include "server/net/http.h"

namespace tagswell {

// "world", "country:FR", "lang:fr", "source:twitter"; `fallback` when absent. The scope need not have been seen.
std::expected<std::string, Error> ScopeParam(const Request& request, std::string_view fallback = "world");
std::expected<Window, Error> WindowParam(const Request& request, Window fallback);
std::expected<std::size_t, Error> CountParam(const Request& request, std::string_view name, std::size_t fallback,
                                             std::size_t max, std::size_t min = 1);
std::expected<std::optional<std::uint64_t>, Error> SeqParam(const Request& request, std::string_view name);
// RFC 3339, or whole seconds since 1970.
std::expected<std::optional<Timestamp>, Error> TimeParam(const Request& request, std::string_view name);
// One of `choices`; the first when absent.
std::expected<std::string_view, Error> ChoiceParam(const Request& request, std::string_view name,
                                                   std::initializer_list<std::string_view> choices);
// Whose JSON the posts are; tagswell's own when absent. Error: unknown_format.
std::expected<PostFormat, Error> FormatParam(const Request& request);
std::vector<std::string> RepeatedParam(const Request& request, std::string_view name);

bool IsScope(std::string_view text);

// What a Content-Type names, without its parameters.
std::string_view MediaType(std::string_view content_type);

}  // namespace tagswell
