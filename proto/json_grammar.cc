#include "proto/json_grammar.h"

#include <charconv>

namespace tagswell {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits off the front; false if there are none.
bool TakeDigits(std::string_view& token) {
  std::size_t count = 0;
  while (count < token.size() && IsDigit(token[count])) ++count;
  token.remove_prefix(count);
  return count != 0;
}

bool IsNumber(std::string_view token) {
  if (token.starts_with('-')) token.remove_prefix(1);
  if (token.starts_with('0')) {
    token.remove_prefix(1);
  } else if (!TakeDigits(token)) {
    return false;
  }
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    if (!TakeDigits(token)) return false;
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('+') || token.starts_with('-')) token.remove_prefix(1);
    if (!TakeDigits(token)) return false;
  }
  return token.empty();
}

// The code unit of the four hexadecimal digits at the front of `digits`; negative if they are none.
int CodeUnit(std::string_view digits) {
  if (digits.size() < 4) return -1;
  int unit = 0;
  const char* const end = digits.data() + 4;
  // from_chars takes a sign for itself, which no escape has.
  if (digits.front() == '-' || std::from_chars(digits.data(), end, unit, 16).ptr != end) return -1;
  return unit;
}

}  // namespace

bool HasValidEscapes(std::string_view inside) {
  for (std::size_t i = inside.find('\\'); i < inside.size(); i = inside.find('\\', i)) {
    if (i + 1 == inside.size()) return false;
    if (inside[i + 1] != 'u') {
      if (!std::string_view("\"\\/bfnrt").contains(inside[i + 1])) return false;
      i += 2;
      continue;
    }
    const int unit = CodeUnit(inside.substr(i + 2));
    if (unit < 0 || (unit >= 0xDC00 && unit < 0xE000)) return false;
    i += 6;
    if (unit >= 0xD800 && unit < 0xDC00) {
      if (!inside.substr(i).starts_with("\\u")) return false;
      const int low = CodeUnit(inside.substr(i + 2));
      if (low < 0xDC00 || low >= 0xE000) return false;
      i += 6;
    }
  }
  return true;
}

bool IsWellFormedScalar(std::string_view token) {
  token = WithoutSpaceBehind(token);
  if (token.starts_with('"')) {
    const std::string_view inside = InsideOfString(token);
    return inside.data() != nullptr && (!HoldsEscape(inside) || HasValidEscapes(inside));
  }
  return token == "null" || token == "true" || token == "false" || IsNumber(token);
}

}  // namespace tagswell
