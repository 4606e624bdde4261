// The groups that calls made: tags and phrases that count as one topic, the past included.
//
// A group is counted as one more topic beside its members, under a key of its own (GroupKey), and its members are not
// shown while it stands. So nothing is lost by it: when the group goes, its members are there as if it had never been.
// Not thread-safe; const calls may be made by any number of threads.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proto/alias_change.h"
#include "proto/phrase_matcher.h"
#include "proto/post.h"

namespace tagswell {

// Under what a group is counted: no tag can have this name, and no other group ever has it. `block` is the place of the
// group's word in the log.
std::string GroupKey(std::string_view topic, std::uint64_t block);
inline bool IsGroupKey(std::string_view key) {
  return key.starts_with('\x1F');
}
// What a key is called in front of people: of a group its topic, else the key itself.
std::string_view ShownTopic(std::string_view key);

struct AliasGroup {
  std::string key;
  std::vector<std::string> tags;     // as written, without '#'
  std::vector<std::string> phrases;  // as written
  Timestamp since;                   // wall clock
  std::string by;                    // name of a token; empty: no tokens were configured
  std::uint64_t block = 0;           // where the log says so
};

class AliasGroups {
 public:
  using ByTopic = std::map<std::string, AliasGroup, std::less<>>;

  // The last word on a topic counts. `block` is where it stands in the log. O(all tags and phrases).
  void Apply(const AliasChange& change, std::uint64_t block);

  bool empty() const { return groups_.empty(); }
  bool has_phrases() const { return !phrases_.empty(); }
  const ByTopic& all() const { return groups_; }

  // The group that a topic belongs to, as a member or by its name; null when to none.
  const AliasGroup* GroupOf(std::string_view topic) const;

  // What is counted where people say `topic`: the key of its group, or the topic itself. A view into either.
  std::string_view KeyOf(std::string_view topic) const;

  // Whether what is counted under `key` is shown: no member of a group, no group that is gone.
  bool Shows(std::string_view key) const;

  // Adds a mention of each group that the post has a tag or a phrase of, behind its own mentions. Their topics are
  // views into this.
  void Extend(Post& post) const;

  // What people see of a post that Extend has seen: groups in place of their members, under their names.
  void Show(Post& post) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  ByTopic groups_;
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> keys_by_tag_;  // the topics' own names included
  std::vector<std::string> keys_by_phrase_;
  PhraseMatcher phrases_{{}};
};

}  // namespace tagswell
