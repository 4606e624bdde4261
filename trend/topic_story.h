// The story of one topic, told from its posts: what the first ones answered, which posts and accounts carried it, where
// it came when, how it was spelled, and what it was used with. A fold over posts in any order; "early" goes by the
// order they are added in. Memory grows with the distinct authors, targets and topics among them: the caller bounds the
// posts. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/post.h"
#include "proto/post_key.h"
#include "proto/trend_event.h"

namespace tagswell {

class TopicStory {
 public:
  // What the first so many posts refer to is the origin, if it is one post often enough.
  static constexpr std::size_t kEarlyPosts = 1'000;

  // Posts before `early_from` are not early: a topic may have been used for years before its great day.
  TopicStory(std::string_view topic, Timestamp early_from, HashSalt salt)
      : topic_(topic), early_from_(early_from), salt_(salt) {}

  void Add(const Post& post);

  std::uint64_t posts() const { return posts_; }
  std::uint64_t early_posts() const { return early_posts_; }
  std::uint64_t phrase_posts() const { return phrase_posts_; }  // that bear no hashtag of the topic
  const std::optional<PostRef>& first() const { return first_; }

  // A post that others answered or passed on.
  struct Target {
    std::string source;
    std::string id;
    std::uint64_t replies = 0;
    std::uint64_t reposts = 0;
  };
  // The post that at least a twentieth of the early ones, and two, refer to; the most referred to of them.
  std::optional<Target> Origin() const;
  std::vector<Target> MostReplied(std::size_t limit) const;
  std::vector<Target> MostReposted(std::size_t limit) const;

  // An account that used the topic.
  struct Carrier {
    std::string author;
    std::string source;
    std::uint64_t followers = 0;  // the most it had
    std::uint64_t posts = 0;
    Timestamp first_at;
  };
  std::vector<Carrier> Largest(std::size_t limit) const;  // by followers, of those whose number is known

  // Where it was used, by the time of the first post there. Scopes other than the world.
  struct Arrival {
    std::string scope;
    Timestamp first_at;
    std::uint64_t posts = 0;
    std::uint64_t authors = 0;
  };
  std::vector<Arrival> Arrivals() const;

  struct Count {
    std::string name;
    std::uint64_t posts = 0;
  };
  std::vector<Count> Spellings(std::size_t limit) const;  // most used first
  std::vector<Count> UsedWith(std::size_t limit) const;   // other topics of its posts, most used first

 private:
  using PostName = std::pair<std::string, std::string>;  // source, id
  struct References {
    std::uint64_t replies = 0;
    std::uint64_t reposts = 0;
    std::uint64_t early = 0;
  };
  struct Place {
    Timestamp first_at = kTimestampMin;
    std::uint64_t posts = 0;
    absl::flat_hash_set<std::uint64_t> authors;
  };
  void Arrive(const std::string& scope, const Post& post, std::uint64_t author);
  template <class Weigh>
  std::vector<Target> MostReferred(std::size_t limit, Weigh weigh) const;

  const std::string topic_;
  const Timestamp early_from_;
  const HashSalt salt_;  // of the author's hash, so that strangers cannot make two authors one
  std::uint64_t posts_ = 0;
  std::uint64_t early_posts_ = 0;
  std::uint64_t phrase_posts_ = 0;
  std::optional<PostRef> first_;
  std::map<PostName, References> targets_;
  absl::flat_hash_map<std::uint64_t, Carrier> carriers_;  // whose followers are known, by the author's hash
  std::map<std::string, Place> places_;
  absl::flat_hash_map<std::string, std::uint64_t> spellings_;
  absl::flat_hash_map<std::string, std::uint64_t> others_;
};

}  // namespace tagswell
