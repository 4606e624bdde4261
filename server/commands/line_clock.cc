#include "server/commands/line_clock.h"

#include "proto/body_parser.h"
#include "proto/topic_resolver.h"

namespace tagswell {
namespace {

constexpr std::string_view kKey = "\"created_at\"";  // inside a string its quotes would be escaped
constexpr std::string_view kSpace = " \t";

}  // namespace

// Platforms say in their own ways when a post was made, and some in several places: the parser knows.
struct LineClock::State {
  const TopicResolver resolver = TopicResolver::Create({}).value();
  BodyParser parser{resolver, HashSalt{}};
};

LineClock::LineClock() = default;
LineClock::~LineClock() = default;

std::optional<Timestamp> LineClock::TimeOf(std::string_view line, const PostForm& form) {
  if (form == PostForm()) return CreatedAtOf(line);
  if (state_ == nullptr) state_ = std::make_unique<State>();
  const auto parsed = state_->parser.Parse(form.format, form.shape, line, kTimestampMax);
  if (!parsed || parsed->batch.newest == kTimestampMin) return std::nullopt;
  return parsed->batch.newest;
}

std::optional<Timestamp> CreatedAtOf(std::string_view line) {
  std::size_t at = line.find(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  at = line.find_first_not_of(kSpace, at + kKey.size());
  if (at == std::string_view::npos || line[at] != ':') return std::nullopt;
  at = line.find_first_not_of(kSpace, at + 1);
  if (at == std::string_view::npos || line[at] != '"') return std::nullopt;
  const std::size_t end = line.find('"', at + 1);
  if (end == std::string_view::npos) return std::nullopt;
  const auto time = ParseTimestamp(line.substr(at + 1, end - at - 1));
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace tagswell
