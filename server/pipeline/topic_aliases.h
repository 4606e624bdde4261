// Which tags and phrases are one topic where the log ends, and what a call may change about it. The engine and the
// store know it too, but only as far as they have come; what a call comes to is decided here, in the order in which
// changes get into the log.
#pragma once

#include <cstddef>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/alias_groups.h"
#include "proto/error.h"
#include "proto/topic_resolver.h"

namespace tagswell {

// A call to put tags and phrases under a topic, or to let them go.
struct AliasCall {
  Alias alias;  // its topic is a canonical key; of a removal the topic only
  bool remove = false;
  std::string by = {};      // name of the caller's token; empty when no tokens are configured
  std::string remote = {};  // the caller's address; empty: the configuration
};

// What came of it.
struct AliasAnswer {
  bool changed = false;  // else it stood so already: nothing was written
  bool created = false;  // there was no such group before
  AliasGroup group;      // as it stands; of a removal as it stood
};

// Thread-safe. One thread changes it.
class TopicAliases {
 public:
  static constexpr std::size_t kGroupsMax = 1'000;
  static constexpr std::size_t kWordsMax = 200;  // tags and phrases of a group

  // `configured` are the groups of the configuration, which no call may change.
  explicit TopicAliases(std::vector<Alias> configured);

  // What the log says. Before anything else.
  void Restore(const AliasGroups& groups);

  // What `call` comes to when it is written: nullopt when it stands so already. The change views into `call`. Errors:
  // not_found (a removal of what is no group), bad_alias, alias_conflict (a tag, a phrase or the topic belongs to
  // another group), fixed_by_configuration, too_many_aliases.
  std::expected<std::optional<AliasChange>, Error> Plan(const AliasCall& call, Timestamp at) const;

  // The topics of groups that the configuration has come to contradict.
  std::vector<std::string> Contradicted() const;

  // The change stands in this block of the log.
  void Apply(const AliasChange& change, std::uint64_t block);

  std::optional<AliasGroup> Find(std::string_view topic) const;
  AliasGroups::ByTopic All() const;
  // What people call the topic that this one counts as.
  std::string TopicOf(std::string_view topic) const;

  const std::vector<Alias>& configured() const { return configured_; }

 private:
  std::optional<Error> Conflict(const Alias& alias) const;

  const std::vector<Alias> configured_;
  mutable std::mutex mutex_;
  AliasGroups groups_;
};

}  // namespace tagswell
