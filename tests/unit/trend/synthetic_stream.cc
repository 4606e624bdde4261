#include "tests/unit/trend/synthetic_stream.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <iterator>
#include <numbers>
#include <tuple>
#include <utility>

namespace tagswell {
namespace {

constexpr std::array kCountries = {"FR", "DE", "US", "IN", ""};
constexpr std::array kLangs = {"fr", "de", "en", "hi", ""};

}  // namespace

Post OwnedPost::View(std::vector<std::string>& topics) const {
  topics.clear();
  topics.reserve(tags.size());
  Post post;
  post.id = id;
  post.source = source;
  post.author = author;
  post.created_at = created_at;
  post.text = text;
  post.lang = lang;
  post.country = country;
  post.author_created_at = author_created_at;
  post.author_is_bot = author_is_bot;
  for (const std::string& tag : tags) {
    std::string& topic = topics.emplace_back(tag);
    std::ranges::transform(topic, topic.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool repeated =
        std::ranges::any_of(post.mentions, [&](const Mention& known) { return known.topic == topic; });
    if (!repeated) post.mentions.push_back({.topic = topic, .spelling = tag});
  }
  return post;
}

OwnedPost SyntheticStream::Person(std::uint64_t number, Timestamp at) {
  const std::size_t home = number % kCountries.size();
  return {.id = {},
          .source = number % 7 < 4 ? "twitter" : "mastodon",
          .author = "person" + std::to_string(number),
          .created_at = at,
          .lang = kLangs[random_() % 20 == 0 ? random_() % kLangs.size() : home],
          .country = kCountries[home]};
}

void SyntheticStream::Background(Timestamp from, Timestamp to, double per_minute, std::uint64_t tags,
                                 std::uint64_t authors) {
  std::uniform_real_distribution<double> uniform(0, 1);
  for (Timestamp at = from;;) {
    const double hour = static_cast<double>((at - kMonday).count()) / 3'600'000.0;
    const double rate = per_minute * (2 - std::cos((hour - 0) / 12 * std::numbers::pi)) / 3;
    at += Duration{1 + static_cast<int>(-std::log(1 - uniform(random_)) / rate * 60'000)};
    if (at >= to) break;
    OwnedPost post = Person(random_() % authors, at);
    const std::uint64_t mentions = random_() % 10 < 4 ? 0 : 1 + random_() % 2;
    for (std::uint64_t i = 0; i < mentions; ++i) {
      // Log-uniform ranks: Zipf's law with exponent one.
      const auto rank = static_cast<std::uint64_t>(std::pow(static_cast<double>(tags), uniform(random_)));
      const std::string number = std::to_string(rank);
      post.tags.push_back((random_() % 3 == 0 ? "Tag" : random_() % 5 == 0 ? "TAG" : "tag") + number);
    }
    if (random_() % 50 == 0) post.author_created_at = at - std::chrono::hours(20);
    post.author_is_bot = random_() % 100 == 0;
    post.text = random_() % 30 == 0 ? "the very same words that everybody copies from somewhere"
                                    : "words of person " + post.author;
    Put(std::move(post));
  }
}

void SyntheticStream::Burst(const std::string& tag, Timestamp from, Duration length, int authors,
                            const std::string& country) {
  for (int i = 0; i < authors; ++i) {
    Put({.id = {},
         .source = "twitter",
         .author = tag + "fan" + std::to_string(i),
         .created_at = from + length * i / authors,
         .text = "what " + std::to_string(i) + " has to say",
         .lang = "fr",
         .country = country,
         .tags = {tag}});
  }
}

void SyntheticStream::Put(OwnedPost post) {
  post.id = std::to_string(posts_.size() + 1);
  posts_.push_back(std::move(post));
}

std::vector<OwnedPost> SyntheticStream::Take() {
  std::ranges::sort(posts_, [](const OwnedPost& a, const OwnedPost& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  return std::exchange(posts_, {});
}

std::vector<OwnedPost> Between(const std::vector<OwnedPost>& posts, Timestamp from, Timestamp to) {
  std::vector<OwnedPost> some;
  std::ranges::copy_if(posts, std::back_inserter(some),
                       [&](const OwnedPost& post) { return post.created_at >= from && post.created_at < to; });
  return some;
}

}  // namespace tagswell
