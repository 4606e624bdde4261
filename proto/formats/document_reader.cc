#include "proto/formats/document_reader.h"

#include <charconv>

#include "proto/json_checker.h"
#include "proto/json_grammar.h"

namespace tagswell {

using simdjson::SUCCESS;

bool DocumentReader::Key(simdjson::ondemand::field& member, std::string_view& key) const {
  key = InsideOfKey(member.key().raw());
  if (!may_hold_escapes_ || !HoldsEscape(key)) return true;
  return HasValidEscapes(key) && member.unescaped_key().get(key) == SUCCESS;
}

bool DocumentReader::Skip(Value value) {
  return IsWellFormed(value, depth_left_);
}

bool DocumentReader::Text(Value value, std::string_view& into) {
  const std::string_view token = WithoutSpaceBehind(value.raw_json_token());
  if (!token.starts_with('"')) return Skip(value);
  std::string_view inside = InsideOfString(token);
  if (inside.data() == nullptr) return false;
  if (may_hold_escapes_ && HoldsEscape(inside) &&
      (!HasValidEscapes(inside) || value.get_string().get(inside) != SUCCESS)) {
    return false;
  }
  into = inside;
  return true;
}

bool DocumentReader::Name(Value value, std::string_view& into) {
  const std::string_view token = WithoutSpaceBehind(value.raw_json_token());
  if (token.starts_with('"')) return Text(value, into);
  if (!Skip(value)) return false;
  if (!token.empty() && token.find_first_not_of("0123456789") == token.npos) into = token;
  return true;
}

bool DocumentReader::Number(Value value, std::optional<std::uint64_t>& into) {
  const std::string_view token = WithoutSpaceBehind(value.raw_json_token());
  if (!Skip(value)) return false;
  std::uint64_t number = 0;
  const char* const end = token.data() + token.size();
  if (std::from_chars(token.data(), end, number) == std::from_chars_result{end, std::errc{}}) into = number;
  return true;
}

bool DocumentReader::Flag(Value value, bool& into) {
  const std::string_view token = WithoutSpaceBehind(value.raw_json_token());
  if (!Skip(value)) return false;
  if (token == "true" || token == "false") into = token == "true";
  return true;
}

}  // namespace tagswell
