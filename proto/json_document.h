// What the parsers of posts share: bodies, lines and documents of JSON.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/json_checker.h"
#include "proto/json_grammar.h"

namespace tagswell {

constexpr std::string_view WithoutByteOrderMark(std::string_view body) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  if (body.starts_with(kMark)) body.remove_prefix(kMark.size());
  return body;
}

// '\0' where there is nothing but white space.
inline char FirstNonSpace(std::string_view json) {
  const auto* const first = std::ranges::find_if_not(json, IsJsonSpace);
  return first == json.end() ? '\0' : *first;
}

// Calls take(line, number) for each line, numbered from 1, until it returns false. False: it did.
template <typename Take>
bool EachLine(std::string_view text, const Take& take) {
  std::uint64_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (!take(text.substr(begin, end - begin), ++number)) return false;
    begin = end + 1;
  }
  return true;
}

// `json` is one document with SIMDJSON_PADDING readable bytes behind it.
inline bool StartDocument(simdjson::ondemand::parser& parser, std::string_view json,
                          simdjson::ondemand::document& document) {
  return parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING).get(document) ==
         simdjson::SUCCESS;
}

// Nothing may stand behind a document: simdjson does not look there by itself.
inline bool AtEnd(simdjson::ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

// Consumes a started document that is no object. `depth_max` counts the document itself.
inline bool IsWellFormedOther(simdjson::ondemand::document& document, std::string_view json, std::size_t depth_max) {
  if (FirstNonSpace(json) == '[') {
    simdjson::ondemand::array array;
    return document.get_array().get(array) == simdjson::SUCCESS && IsWellFormed(array, depth_max - 1) &&
           AtEnd(document);
  }
  std::string_view token;
  return document.raw_json_token().get(token) == simdjson::SUCCESS &&
         token.data() + token.size() == json.data() + json.size() && IsWellFormedScalar(token);
}

}  // namespace tagswell
