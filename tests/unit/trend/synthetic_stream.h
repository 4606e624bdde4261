// Streams made up for tests: posts that own their bytes, a quiet background, and bursts on top of it.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "proto/post.h"

namespace tagswell {

struct OwnedPost {
  std::string id;
  std::string source;
  std::string author;
  Timestamp created_at;
  std::string text = {};
  std::string lang = {};
  std::string country = {};
  std::vector<std::string> tags = {};  // spellings; the topic is the same in lower case
  std::optional<Timestamp> author_created_at = {};
  bool author_is_bot = false;

  // The topics of `tags`. Views into this and into `topics`.
  Post View(std::vector<std::string>& topics) const;
};

// Those of [from, to).
std::vector<OwnedPost> Between(const std::vector<OwnedPost>& posts, Timestamp from, Timestamp to);

// 2026-03-02T00:00:00Z, a Monday.
inline constexpr Timestamp kMonday{std::chrono::milliseconds{1'772'409'600'000}};

class SyntheticStream {
 public:
  explicit SyntheticStream(std::uint64_t seed) : random_(seed) {}

  // Posts of ordinary people on `tags` tags, a few of which most people use. `per_minute` at noon; a third at night.
  void Background(Timestamp from, Timestamp to, double per_minute, std::uint64_t tags, std::uint64_t authors);

  // `authors` people who each post once on `tag`, spread evenly.
  void Burst(const std::string& tag, Timestamp from, Duration length, int authors, const std::string& country);

  // Anything else; the id is given here.
  void Put(OwnedPost post);

  // In the order of their times.
  std::vector<OwnedPost> Take();

  std::mt19937_64& random() { return random_; }

 private:
  OwnedPost Person(std::uint64_t number, Timestamp at);

  std::mt19937_64 random_;
  std::vector<OwnedPost> posts_;
};

}  // namespace tagswell
