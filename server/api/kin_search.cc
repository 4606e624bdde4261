#include "server/api/kin_search.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "server/api/shown_post.h"
#include "server/api/topic_events.h"

namespace tagswell {
namespace {

constexpr std::size_t kLaterStretches = 50;
constexpr std::size_t kLaterEach = 100;
constexpr std::size_t kTimes = 20;  // at which bystanders and candidates are looked at
constexpr std::size_t kBystandersEach = 1'000;
constexpr std::size_t kBystanderBlocksEach = 250;
constexpr std::size_t kCandidatesMax = 32;
constexpr std::size_t kFirstPosts = 100;
constexpr std::size_t kPostsEach = 10;

}  // namespace

KinSearch::KinSearch(Store& store, const AliasGroups& groups, const std::string& topic, Timestamp trended_at)
    : store_(store), groups_(groups), topic_(topic), kin_(topic, trended_at, store.salt()) {}

void KinSearch::AddFirst(Position at, const Post& shown) {
  kin_.AddPost(shown);
  if (blocks_.empty() || blocks_.back() != at.block) blocks_.push_back(at.block);
}

template <class Visit>
std::expected<void, Error> KinSearch::Spread(const std::string& key, const std::vector<BlockSeq>& ends,
                                             std::size_t each, Visit visit) const {
  for (std::size_t i = 1; i < ends.size(); ++i) {
    const auto posts = store_.log().PostsOf(key, Position{.block = Next(ends[i]), .index = 0}, each);
    if (!posts) return std::unexpected(posts.error());
    for (const StoredPost& post : *posts) {
      if (post.position.block <= ends[i - 1]) break;
      visit(post.position, ShownPost(post.record.post, groups_));
    }
  }
  return {};
}

std::expected<void, Error> KinSearch::AddLater() {
  if (blocks_.empty()) return {};
  const std::string key(groups_.KeyOf(topic_));
  const auto newest = store_.log().PostsOf(key, std::nullopt, 1);
  if (!newest) return std::unexpected(newest.error());
  if (newest->empty()) return {};
  const auto first = static_cast<std::uint64_t>(blocks_.back());
  const std::uint64_t length = static_cast<std::uint64_t>(newest->front().position.block) - first;
  std::vector<BlockSeq> ends;
  for (std::uint64_t i = 0; i <= kLaterStretches; ++i) {
    const BlockSeq end{first + length * i / kLaterStretches};
    if (ends.empty() || ends.back() != end) ends.push_back(end);
  }
  std::vector<BlockSeq> blocks;
  auto read = Spread(key, ends, kLaterEach, [&](Position at, const Post& shown) {
    later_posts_.push_back(at);
    kin_.AddPost(shown);
    blocks.push_back(at.block);
  });
  std::ranges::sort(blocks);
  blocks.erase(std::ranges::unique(blocks).begin(), blocks.end());
  blocks_.insert(blocks_.end(), blocks.begin(), blocks.end());
  return read;
}

// Evenly out of the blocks that the topic's posts were read from: where it was used most, most is looked at.
std::vector<BlockSeq> KinSearch::Times() const {
  std::vector<BlockSeq> times;
  for (std::size_t i = 1; i <= kTimes; ++i) {
    const BlockSeq time = blocks_[(blocks_.size() - 1) * i / kTimes];
    if (times.empty() || times.back() != time) times.push_back(time);
  }
  return times;
}

std::expected<void, Error> KinSearch::AddBystanders() {
  for (const BlockSeq time : Times()) {
    std::size_t posts = 0;
    std::size_t blocks = 0;
    for (BlockSeq at = time; at <= store_.log().LastSeq() && posts < kBystandersEach && blocks < kBystanderBlocksEach;
         at = Next(at), ++blocks) {
      const auto block = store_.log().Block(at);
      if (!block && block.error().code == "not_found") continue;  // dropped meanwhile
      if (!block) return std::unexpected(block.error());
      for (std::uint32_t i = 0; i < (*block)->size() && posts < kBystandersEach; ++i) {
        const auto post = store_.log().At({.block = at, .index = i});
        if (!post) return std::unexpected(post.error());
        if (!*post) continue;
        ++posts;
        kin_.AddBystander(ShownPost((*post)->record.post, groups_));
      }
    }
  }
  return {};
}

std::expected<KinCandidate, Error> KinSearch::Look(const std::string& candidate) const {
  KinCandidate found(topic_, store_.salt());
  const std::string key(groups_.KeyOf(candidate));
  const auto first = store_.log().FirstPostsOf(
      key, {.posts = kFirstPosts}, [&](Position, const Post& post) { found.AddFirst(ShownPost(post, groups_)); });
  if (!first) return std::unexpected(first.error());
  if (!kin_.SpeaksAnother(found)) return found;
  std::vector<BlockSeq> ends = Times();
  ends.insert(ends.begin(), blocks_.front());
  auto read = Spread(key, ends, kPostsEach, [&](Position, const Post& shown) { found.AddLater(shown); });
  if (!read) return std::unexpected(read.error());
  return found;
}

std::expected<std::vector<KinSearch::Found>, Error> KinSearch::Find() {
  if (blocks_.empty()) return std::vector<Found>();
  if (auto added = AddBystanders(); !added) return std::unexpected(added.error());
  const auto candidates = kin_.Candidates(kCandidatesMax);
  std::vector<Found> found;
  for (const std::string& candidate : candidates) {
    const auto looked_at = Look(candidate);
    if (!looked_at) return std::unexpected(looked_at.error());
    std::optional<Error> failed;
    const auto trended_since = [&](Timestamp from) {
      const auto events = EventsOfTopic(store_.events(), candidate);
      if (!events) failed = events.error();
      return events && std::ranges::any_of(events->trends, [&](const PastTrend& trend) {
               return !trend.retracted && trend.started_at >= from;
             });
    };
    auto kin = kin_.Judge(candidate, *looked_at, candidates.size(), trended_since);
    if (failed) return std::unexpected(*failed);
    if (kin) found.push_back({candidate, std::move(*kin)});
  }
  std::ranges::sort(found, {}, [](const Found& row) {
    return std::tuple(-static_cast<std::int64_t>(row.kin.carriers), std::string_view(row.topic));
  });
  return found;
}

}  // namespace tagswell
