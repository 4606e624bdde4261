#include "trend/topic_story.h"

#include <algorithm>
#include <tuple>

namespace tagswell {
namespace {

constexpr std::uint64_t kOriginReferencesMin = 2;
constexpr std::uint64_t kOriginShare = 20;  // one in so many early posts

template <class Row, class Key>
std::vector<Row> Best(std::vector<Row> rows, std::size_t limit, Key key) {
  const std::size_t kept = std::min(limit, rows.size());
  std::ranges::partial_sort(rows, rows.begin() + static_cast<std::ptrdiff_t>(kept), {}, key);
  rows.resize(kept);
  return rows;
}

// Ascending order of it is the most used first, ties by name.
std::vector<TopicStory::Count> MostUsed(const absl::flat_hash_map<std::string, std::uint64_t>& counts,
                                        std::size_t limit) {
  std::vector<TopicStory::Count> rows;
  for (const auto& [name, posts] : counts) rows.push_back({name, posts});
  return Best(std::move(rows), limit,
              [](const TopicStory::Count& row) { return std::tuple(-static_cast<std::int64_t>(row.posts), row.name); });
}

}  // namespace

void TopicStory::Arrive(const std::string& scope, const Post& post, std::uint64_t author) {
  Place& place = places_[scope];
  place.first_at = place.posts == 0 ? post.created_at : std::min(place.first_at, post.created_at);
  ++place.posts;
  place.authors.insert(author);
}

void TopicStory::Add(const Post& post) {
  ++posts_;
  if (!first_ || std::tuple(post.created_at, post.source, post.id) <
                     std::tuple(first_->created_at, std::string_view(first_->source), std::string_view(first_->id))) {
    first_ = PostRef{std::string(post.source), std::string(post.id), std::string(post.author), post.created_at};
  }
  const bool early = post.created_at >= early_from_ && early_posts_ < kEarlyPosts;
  if (early) ++early_posts_;
  const std::string_view target = post.repost_of.empty() ? post.in_reply_to : post.repost_of;
  if (!target.empty()) {
    References& references = targets_[{std::string(post.source), std::string(target)}];
    ++(post.repost_of.empty() ? references.replies : references.reposts);
    if (early) ++references.early;
  }
  const std::uint64_t author = AuthorHash(post.author, salt_);
  if (post.author_followers) {
    Carrier& carrier = carriers_[author];
    if (carrier.posts == 0) {
      carrier = {std::string(post.author), std::string(post.source), 0, 0, post.created_at};
    }
    ++carrier.posts;
    carrier.followers = std::max(carrier.followers, *post.author_followers);
    carrier.first_at = std::min(carrier.first_at, post.created_at);
  }
  for (const std::string& scope : ScopeNames(post)) {
    if (scope != kWorldScope) Arrive(scope, post, author);
  }
  for (const Mention& mention : post.mentions) {
    if (mention.topic != topic_) {
      ++others_[std::string(mention.topic)];
    } else if (mention.by_phrase) {
      ++phrase_posts_;
    } else {
      ++spellings_[std::string(mention.spelling)];
    }
  }
}

template <class Weigh>
std::vector<TopicStory::Target> TopicStory::MostReferred(std::size_t limit, Weigh weigh) const {
  std::vector<Target> rows;
  for (const auto& [name, references] : targets_) {
    if (weigh(references) > 0) rows.push_back({name.first, name.second, references.replies, references.reposts});
  }
  return Best(std::move(rows), limit, [&](const Target& row) {
    const References of{row.replies, row.reposts, 0};
    return std::tuple(-static_cast<std::int64_t>(weigh(of)), row.source, row.id);
  });
}

std::optional<TopicStory::Target> TopicStory::Origin() const {
  const auto most = std::ranges::max_element(targets_, {}, [](const auto& of) { return of.second.early; });
  if (most == targets_.end()) return std::nullopt;
  const std::uint64_t early = most->second.early;
  if (early < kOriginReferencesMin || early * kOriginShare < early_posts_) return std::nullopt;
  return Target{most->first.first, most->first.second, most->second.replies, most->second.reposts};
}

std::vector<TopicStory::Target> TopicStory::MostReplied(std::size_t limit) const {
  return MostReferred(limit, [](const References& of) { return of.replies; });
}

std::vector<TopicStory::Target> TopicStory::MostReposted(std::size_t limit) const {
  return MostReferred(limit, [](const References& of) { return of.reposts; });
}

std::vector<TopicStory::Carrier> TopicStory::Largest(std::size_t limit) const {
  std::vector<Carrier> rows;
  for (const auto& [author, carrier] : carriers_) rows.push_back(carrier);
  return Best(std::move(rows), limit, [](const Carrier& row) {
    return std::tuple(-static_cast<std::int64_t>(std::min<std::uint64_t>(row.followers, INT64_MAX)), row.author);
  });
}

std::vector<TopicStory::Arrival> TopicStory::Arrivals() const {
  std::vector<Arrival> rows;
  for (const auto& [scope, place] : places_) rows.push_back({scope, place.first_at, place.posts, place.authors.size()});
  std::ranges::sort(rows, {}, [](const Arrival& row) { return std::tuple(row.first_at, row.scope); });
  return rows;
}

std::vector<TopicStory::Count> TopicStory::Spellings(std::size_t limit) const {
  return MostUsed(spellings_, limit);
}

std::vector<TopicStory::Count> TopicStory::UsedWith(std::size_t limit) const {
  return MostUsed(others_, limit);
}

}  // namespace tagswell
