#include "proto/json_checker.h"

#include "proto/json_grammar.h"

namespace tagswell {

namespace ondemand = simdjson::ondemand;

bool IsWellFormed(ondemand::object object, std::size_t depth_left) {
  for (simdjson::simdjson_result<ondemand::field> result : object) {
    ondemand::field field;
    if (std::move(result).get(field) != simdjson::SUCCESS) return false;
    if (!HasValidEscapes(InsideOfKey(field.key().raw()))) return false;
    if (!IsWellFormed(field.value(), depth_left)) return false;
  }
  return true;
}

bool IsWellFormed(ondemand::array array, std::size_t depth_left) {
  for (simdjson::simdjson_result<ondemand::value> result : array) {
    ondemand::value value;
    if (std::move(result).get(value) != simdjson::SUCCESS || !IsWellFormed(value, depth_left)) return false;
  }
  return true;
}

bool IsWellFormed(ondemand::value value, std::size_t depth_left) {
  const std::string_view token = value.raw_json_token();
  switch (token.empty() ? '\0' : token.front()) {
    case '{': {
      ondemand::object object;
      return depth_left != 0 && value.get(object) == simdjson::SUCCESS && IsWellFormed(object, depth_left - 1);
    }
    case '[': {
      ondemand::array array;
      return depth_left != 0 && value.get(array) == simdjson::SUCCESS && IsWellFormed(array, depth_left - 1);
    }
    default:
      return IsWellFormedScalar(token);
  }
}

}  // namespace tagswell
