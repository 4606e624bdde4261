// Finds the kin of a topic that trended (trend/topic_kin.h) in the store: samples of what its people posted, of what
// others posted at the same times, and of each topic that may be kin.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "proto/alias_groups.h"
#include "proto/error.h"
#include "proto/post.h"
#include "storage/store.h"
#include "trend/topic_kin.h"

namespace tagswell {

class KinSearch {
 public:
  // `store` and `groups` outlive it. `trended_at` is when the topic's first trend started.
  KinSearch(Store& store, const AliasGroups& groups, const std::string& topic, Timestamp trended_at);

  // The topic's first posts, as clients see them, by position.
  void AddFirst(Position at, const Post& shown);

  // Adds a sample of the later ones: up to 5,000, evenly out of the log from the last of the first on.
  std::expected<void, Error> AddLater();
  const std::vector<Position>& later_posts() const { return later_posts_; }

  struct Found {
    std::string topic;
    TopicKin::Kin kin;
  };
  // Those with the most carriers first, ties by name. Reads up to 20,000 posts of bystanders out of 5,000
  // blocks, and of up to 32 candidates 100 posts each, and 200 more where the language is another. Errors: those of
  // PostLog.
  std::expected<std::vector<Found>, Error> Find();

 private:
  std::expected<void, Error> AddBystanders();
  std::expected<KinCandidate, Error> Look(const std::string& candidate) const;

  // Calls visit(position, post) with up to `each` posts of what is counted under `key` out of each stretch between two
  // consecutive blocks of `ends`, the newest of it.
  template <class Visit>
  std::expected<void, Error> Spread(const std::string& key, const std::vector<BlockSeq>& ends, std::size_t each,
                                    Visit visit) const;
  std::vector<BlockSeq> Times() const;

  Store& store_;
  const AliasGroups& groups_;
  const std::string topic_;
  TopicKin kin_;
  std::vector<BlockSeq> blocks_;  // that posts of the topic were read from, ascending
  std::vector<Position> later_posts_;
};

}  // namespace tagswell
