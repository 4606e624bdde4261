// The kin of one topic among those that its people use too:
// - successors, younger topics that grew out of it (#WeToo out of #MeToo);
// - sisters, which stand beside it in another language (#BalanceTonPorc beside #MeToo).
//
// Everything counts people, never posts. A carrier is an author of the topic. Kin is what more carriers use than chance
// explains, and chance is what bystanders do: among those who use other tags in the same language at the same times,
// some are carriers, too. Two samples are compared as corpora are when they are searched for keywords (Dunning,
// Accurate Methods for the Statistics of Surprise and Coincidence, Computational Linguistics 19, 1993), standardized by
// language. The rate among bystanders is known only as well as they are many, so that the carriers among a candidate's
// people are negative binomial (GammaRate in surprise.h); the level is divided by the number of candidates
// (Bonferroni). Where a language is asked for, everyone counts once, in the language of most of his posts: that of a
// few words is often told wrongly. The rules are in docs/detection.md, "Kin".
//
// A fold over samples that the caller bounds; memory grows with their authors and topics. Not thread-safe.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proto/post.h"
#include "proto/post_key.h"
#include "proto/time.h"

namespace tagswell {

// People by language; those of unknown language are left out.
using Languages = std::map<std::string, std::uint64_t, std::less<>>;

// The languages that one person wrote in, with the posts in each; few.
class Spoken {
 public:
  void Add(std::string_view lang);  // nothing where it is unknown
  // That of most of the posts, of several the first by name; empty where none is known.
  std::string_view Most() const;

 private:
  std::vector<std::pair<std::string, std::uint32_t>> posts_;
};

// What is known of a topic that may be kin of another.
class KinCandidate {
 public:
  // `than` is the other topic.
  KinCandidate(std::string_view than, HashSalt salt) : than_(than), salt_(salt) {}

  void AddFirst(const Post& post);  // one of its first posts, in any order
  void AddLater(const Post& post);  // one of its posts at the times of the other topic

 private:
  friend class TopicKin;
  struct Person {
    Timestamp first_at;  // first use that is known
    Spoken spoken;
    bool first = false;  // among the first posts
    bool with = false;   // used both topics in one post
    bool alone = false;  // used this one without the other
  };
  void Add(const Post& post, bool first);
  std::vector<Timestamp> FirstUses() const;  // of the people among the first posts, ascending
  Languages PeopleByLanguage() const;

  const std::string than_;
  const HashSalt salt_;
  absl::flat_hash_map<std::uint64_t, Person> people_;  // by the author's hash
};

class TopicKin {
 public:
  static constexpr std::uint64_t kCarriersMin = 5;  // fewer are friends

  // `trended_at` is when the topic's first trend started.
  TopicKin(std::string_view topic, Timestamp trended_at, HashSalt salt)
      : topic_(topic), trended_at_(trended_at), salt_(salt) {}

  void AddPost(const Post& post);       // of the topic, in any order
  void AddBystander(const Post& post);  // of the same times, whether it bears the topic or not

  // Topics that kCarriersMin carriers or more used in the posts added so far, the farthest above what bystanders do
  // first, ties by name.
  std::vector<std::string> Candidates(std::size_t limit) const;

  // Most people of either write in another language than most of the other, and less than half have one in common; and
  // there are so many of them that this is no chance.
  bool SpeaksAnother(const KinCandidate& candidate) const;

  enum class Kind : unsigned char { kSuccessor, kSister };
  struct Kin {
    Kind kind;
    std::string lang;  // of most of its people; empty when unknown
    Timestamp first_at;
    std::uint64_t authors = 0;   // people of the candidate that were looked at
    std::uint64_t carriers = 0;  // carriers among them; of a successor, those who were carriers first
    double lift = 0;             // carriers over as many as chance explains
  };
  // Whether a trend of the candidate started at that time or later.
  using TrendedSince = std::function<bool(Timestamp from)>;
  // Nothing when it is no kin. `candidates` is how many are judged, this one included. `trended_since` is asked only
  // where all hangs on it.
  std::optional<Kin> Judge(const std::string& name, const KinCandidate& candidate, std::size_t candidates,
                           const TrendedSince& trended_since) const;

 private:
  // Carriers that chance explains: a negative binomial.
  struct Chance {
    double mean = 0;
    double shape = 0;
  };
  Chance ChanceOf(const std::string& name, const Languages& people) const;
  bool CameLater(const std::string& name, Timestamp third_at) const;
  // More than half of the people of both write in the same languages, or too few languages are known.
  bool MaySpeakTheSame(const KinCandidate& candidate) const;
  bool IsSuccessor(const std::string& name, const KinCandidate& candidate) const;
  const Languages& PeopleByLanguage() const;

  const std::string topic_;
  const Timestamp trended_at_;
  const HashSalt salt_;
  struct Carrier {
    Timestamp first_at;
    Spoken spoken;
  };
  absl::flat_hash_map<std::uint64_t, Carrier> carriers_;  // by the author's hash
  mutable std::optional<Languages> languages_;            // of the carriers; none while it is not counted
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::uint64_t>> used_with_;  // topic to carriers
  // A use of a topic by a bystander, once: topic to author to language.
  absl::flat_hash_map<std::string, absl::flat_hash_map<std::uint64_t, std::string>> bystanders_;
};

}  // namespace tagswell
