#include "tests/bench/load/post_pool.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string_view>

namespace tagswell::load {
namespace {

constexpr std::size_t kPostBytes = 300;
constexpr std::string_view kTagPrefix = " #topic";
constexpr std::size_t kTagDigits = 7;

std::uint64_t NextRandom(std::uint64_t& state) {
  state ^= state << 13U;
  state ^= state >> 7U;
  state ^= state << 17U;
  return state;
}

double Uniform(std::uint64_t& state) {
  return static_cast<double>(NextRandom(state) >> 11U) * 0x1.0p-53;
}

}  // namespace

PostPool::PostPool(const PostPoolOptions& options)
    : random_(options.seed * 0x9E3779B97F4A7C15U + 1),
      authors_(options.authors),
      tags_log_(std::log(static_cast<double>(options.tags))) {
  constexpr std::array<std::string_view, 4> kSources = {"twitter", "twitter", "facebook", "mastodon"};
  constexpr std::array<std::array<std::string_view, 2>, 6> kPlaces = {
      {{"en", "US"}, {"en", "GB"}, {"fr", "FR"}, {"ja", "JP"}, {"es", "MX"}, {"pt", "BR"}}};
  constexpr std::array<std::string_view, 12> kWords = {"morning", "market", "river", "nothing", "together", "later",
                                                       "window",  "people", "about", "train",   "someone",  "garden"};
  id_.fill('0');
  for (std::size_t i = 0; i < triples_.size(); ++i) {
    triples_[i] = {static_cast<char>('0' + i / 100), static_cast<char>('0' + i / 10 % 10),
                   static_cast<char>('0' + i % 10)};
  }
  for (std::size_t i = 0; i < kTemplates; ++i) {
    Template made{.begin = static_cast<std::uint32_t>(text_.size()), .size = 0, .author = 0, .time = 0, .tags = {}};
    const auto here = [&] { return static_cast<std::uint16_t>(text_.size() - made.begin); };
    text_ += "{\"id\":\"" + options.run + "000000000000\",\"source\":\"";
    text_ += kSources[NextRandom(random_) % kSources.size()];
    text_ += "\",\"author\":\"u";
    made.author = here();
    text_ += "000000\",\"created_at\":\"";
    made.time = here();
    text_ += "2024-01-01T00:00:00.000Z\",\"text\":\"";
    const auto& place = kPlaces[NextRandom(random_) % kPlaces.size()];
    const std::string end =
        std::string("\",\"lang\":\"") + std::string(place[0]) + "\",\"country\":\"" + std::string(place[1]) + "\"}\n";
    // 0.7 tags a post: none for half of them, one for three in ten, two for the rest.
    const double x = Uniform(random_);
    const std::size_t tag_count = x < 0.5 ? 0 : x < 0.8 ? 1 : 2;
    while (here() + tag_count * (kTagPrefix.size() + kTagDigits) + end.size() < kPostBytes - 8) {
      text_ += kWords[NextRandom(random_) % kWords.size()];
      text_ += ' ';
    }
    for (std::size_t tag = 0; tag < tag_count; ++tag) {
      text_ += kTagPrefix;
      made.tags[tag] = here();
      text_.append(kTagDigits, '0');
    }
    text_ += end;
    made.size = here();
    templates_.push_back(made);
  }
  SetTime(std::chrono::system_clock::time_point{std::chrono::seconds{1'704'067'200}});
}

void PostPool::SetTime(std::chrono::system_clock::time_point at) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 25> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  std::memcpy(time_.data(), text.data(), size);
  std::memcpy(time_.data() + size, triples_[static_cast<std::size_t>(ms % 1000)].data(), 3);
  time_[23] = 'Z';
}

void PostPool::Append(std::string& out) {
  const Template& from = templates_[next_];
  next_ = (next_ + 1) % kTemplates;
  const std::size_t at = out.size();
  out.append(text_, from.begin, from.size);
  for (std::size_t digit = id_.size(); digit-- > 0;) {
    if (++id_[digit] <= '9') break;
    id_[digit] = '0';
  }
  std::memcpy(&out[at + kIdOffset], id_.data(), id_.size());
  const std::uint64_t author = (NextRandom(random_) >> 20U) % authors_;
  std::memcpy(&out[at + from.author], triples_[author % 1000].data(), 3);
  std::memcpy(&out[at + from.author + 3], triples_[author / 1000 % 1000].data(), 3);
  std::memcpy(&out[at + from.time], time_.data(), time_.size());
  for (const std::uint16_t tag : from.tags) {
    if (tag != 0) WriteTag(&out[at + tag]);
  }
}

void PostPool::WriteTag(char* to) {
  const auto tag = static_cast<std::uint32_t>(std::exp(tags_log_ * Uniform(random_)));
  to[0] = static_cast<char>('0' + tag / 1'000'000 % 10);
  std::memcpy(to + 1, triples_[tag / 1000 % 1000].data(), 3);
  std::memcpy(to + 4, triples_[tag % 1000].data(), 3);
}

}  // namespace tagswell::load
