// One condition of a selector on one label, as PromQL has it: =, !=, =~, !~. A regular expression matches whole values
// and is of RE2's syntax, so that no pattern takes longer than its value is long.
// Thread-safe after Create.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"

namespace re2 {
class RE2;
}

namespace tagswell {

class LabelMatcher {
 public:
  enum class Type : unsigned char { kEqual, kNotEqual, kMatches, kMatchesNot };

  // Error: bad_matcher, for a value that is no regular expression or too large a one.
  static std::expected<LabelMatcher, Error> Create(Type type, std::string label, std::string value);

  LabelMatcher(LabelMatcher&&) noexcept;
  LabelMatcher& operator=(LabelMatcher&&) noexcept;
  ~LabelMatcher();

  Type type() const { return type_; }
  const std::string& label() const { return label_; }
  const std::string& value() const { return value_; }

  // A label that a series has not is an empty one.
  bool Matches(std::string_view value) const;

  // All values that can match, where the matcher names them: x="a" and x=~"a|b".
  std::optional<std::vector<std::string>> Named() const;

 private:
  LabelMatcher(Type type, std::string label, std::string value);

  Type type_;
  std::string label_;
  std::string value_;
  std::unique_ptr<re2::RE2> pattern_;  // null for = and !=
};

// Whether every matcher of `label` matches `value`.
bool AllMatch(const std::vector<LabelMatcher>& matchers, std::string_view label, std::string_view value);

// The values that the first matcher of `label` that names any does.
std::optional<std::vector<std::string>> NamedValues(const std::vector<LabelMatcher>& matchers, std::string_view label);

}  // namespace tagswell
