#include "server/api/label_matcher.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace tagswell {
namespace {

constexpr std::int64_t kPatternBytesMax = 1 << 20;  // of the compiled form

re2::StringPiece AsPiece(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

LabelMatcher::LabelMatcher(Type type, std::string label, std::string value)
    : type_(type), label_(std::move(label)), value_(std::move(value)) {}
LabelMatcher::LabelMatcher(LabelMatcher&&) noexcept = default;
LabelMatcher& LabelMatcher::operator=(LabelMatcher&&) noexcept = default;
LabelMatcher::~LabelMatcher() = default;

std::expected<LabelMatcher, Error> LabelMatcher::Create(Type type, std::string label, std::string value) {
  LabelMatcher matcher(type, std::move(label), std::move(value));
  if (type == Type::kMatches || type == Type::kMatchesNot) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternBytesMax);
    matcher.pattern_ = std::make_unique<re2::RE2>(AsPiece(matcher.value_), options);
    if (!matcher.pattern_->ok()) {
      return std::unexpected(Error{
          "bad_matcher", "The pattern for '" + matcher.label_ + "' cannot be used: " + matcher.pattern_->error() + ".",
          matcher.label_});
    }
  }
  return matcher;
}

bool LabelMatcher::Matches(std::string_view value) const {
  switch (type_) {
    case Type::kEqual:
      return value == value_;
    case Type::kNotEqual:
      return value != value_;
    case Type::kMatches:
      return re2::RE2::FullMatch(AsPiece(value), *pattern_);
    case Type::kMatchesNot:
      return !re2::RE2::FullMatch(AsPiece(value), *pattern_);
  }
  std::unreachable();
}

std::optional<std::vector<std::string>> LabelMatcher::Named() const {
  if (type_ == Type::kEqual) return std::vector{value_};
  if (type_ != Type::kMatches || value_.find_first_of("\\.+*?()[]{}^$") != std::string::npos) return std::nullopt;
  std::vector<std::string> values;
  for (std::size_t begin = 0; begin <= value_.size();) {
    const std::size_t end = std::min(value_.find('|', begin), value_.size());
    values.push_back(value_.substr(begin, end - begin));
    begin = end + 1;
  }
  std::ranges::sort(values);
  const auto repeats = std::ranges::unique(values);
  values.erase(repeats.begin(), repeats.end());
  return values;
}

bool AllMatch(const std::vector<LabelMatcher>& matchers, std::string_view label, std::string_view value) {
  return std::ranges::all_of(
      matchers, [&](const LabelMatcher& matcher) { return matcher.label() != label || matcher.Matches(value); });
}

std::optional<std::vector<std::string>> NamedValues(const std::vector<LabelMatcher>& matchers, std::string_view label) {
  for (const LabelMatcher& matcher : matchers) {
    if (matcher.label() != label) continue;
    if (auto named = matcher.Named()) return named;
  }
  return std::nullopt;
}

}  // namespace tagswell
