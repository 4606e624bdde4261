// Tags and phrases that become one topic while the engine runs, and are let go again.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <utility>

#include "proto/tag_key.h"
#include "trend/engine.h"

namespace tagswell {
namespace {

struct KeyHash {
  std::size_t operator()(const PostKey& key) const { return static_cast<std::size_t>(key.low); }
};

void PutTexts(const std::vector<std::string>& texts, StateWriter& out) {
  out.Put(static_cast<std::uint32_t>(texts.size()));
  for (const std::string& text : texts) out.Put(text);
}

std::vector<std::string_view> Views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

std::vector<std::string> GetTexts(StateReader& in) {
  std::vector<std::string> texts;
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) in.Get(texts.emplace_back());
  return texts;
}

}  // namespace

void Engine::NoteHour(std::uint64_t block) {
  const Minute hour{static_cast<int>(MinuteOf(newest_)) / 60 * 60};
  if (!hours_.empty() && hour <= hours_.back().hour) return;
  hours_.push_back({hour, block});
  // One from before the day stays: what came behind it is within.
  const Minute oldest = hour - kWindowMinutesMax;
  while (hours_.size() > 1 && hours_[1].hour <= oldest) hours_.erase(hours_.begin());
}

// Questions may come in while the log is read: until then everything is as it was.
std::vector<Engine::PastPost> Engine::ReadPast(const AliasChange& change, std::uint64_t block, const PastReader& past) {
  std::vector<PastPost> posts;
  if (hours_.empty()) return posts;
  AliasGroups group;
  group.Apply(change, block);
  const std::string& key = group.all().begin()->second.key;
  const Minute oldest = MinuteOf(Present()) + 1 - kWindowMinutesMax;
  absl::flat_hash_map<PostKey, std::size_t, KeyHash> places;  // in posts
  const auto visit = [&](const Post& stored, bool retracted, LogPlace place) {
    const Minute minute = MinuteOf(stored.created_at);
    if (minute < oldest) return;
    const PostKey post_key = KeyOf(stored.source, stored.id, options_.salt);
    if (retracted) {
      if (const auto known = places.find(post_key); known != places.end()) {
        posts[known->second].minute = Minute{0};  // passed over below
        places.erase(known);
      }
      return;
    }
    Post& post = scratch_[0];
    post = stored;
    group.Extend(post);
    if (post.mentions.empty() || post.mentions.back().topic != key) return;
    const ComboId combo = scopes_.ComboOf(post.lang, post.country, post.source);
    places[post_key] = posts.size();
    posts.push_back({HitOf(post, AuthorOf(post), combo),
                     minute,
                     {post.created_at, place.block, place.index, static_cast<std::uint32_t>(post_key.low)},
                     std::string(post.mentions.back().spelling)});
  };
  const auto from = std::upper_bound(hours_.begin(), hours_.end(), oldest,
                                     [](Minute minute, const HourStart& start) { return minute < start.hour; });
  past(from == hours_.begin() ? from->block : (from - 1)->block, visit);
  std::erase_if(posts, [](const PastPost& post) { return post.minute == Minute{0}; });
  return posts;
}

void Engine::Apply(const AliasChange& change, std::uint64_t block, const PastReader& past) {
  std::vector<PastPost> posts;
  if (!change.removed) posts = ReadPast(change, block, past);
  if (const auto old = groups_.all().find(change.topic); old != groups_.all().end()) DropGroup(old->second.key);
  groups_.Apply(change, block);
  if (change.removed) return;

  std::vector<TopicId> members;
  const auto add_member = [&](std::string_view tag) {
    const auto id = topics_.Find(tag);
    if (id && std::ranges::find(members, *id) == members.end()) members.push_back(*id);
  };
  add_member(change.topic);
  for (const std::string_view tag : change.tags) add_member(TagKey(tag));
  const std::size_t first_event = events_.size();
  for (const TopicId member : members) detector_.Withdraw(member, "alias_changed", events_);
  NumberEvents(first_event);
  if (!posts.empty()) AddPast(groups_.all().find(change.topic)->second.key, posts, members);
}

void Engine::AddPast(const std::string& key, std::vector<PastPost>& posts, std::span<const TopicId> members) {
  const TopicId id = topics_.Intern(key);
  Topic& topic = topics_[id];
  TopicTable::Summary& summary = topics_.SummaryOf(id);
  for (const TopicId member : members) topic.first = std::min(topic.first, topics_[member].first);
  std::vector<ClosedHit> closed;
  for (PastPost& post : posts) {
    MentionHit& hit = post.hit;
    hit.topic = id;
    topic.cell.Add(hit.author, post.minute, hit.combo, scopes_);
    hit.spelling = topic.spellings.Add(topic.shown(), post.spelling);
    topic.first = std::min(topic.first, post.place);
    summary.last = std::max(summary.last, post.minute);
    ++summary.posts;
    summary.scopes |= ScopeBits(scopes_.ScopesOf(hit.combo));
    if (post.minute >= next_close_) {
      open_.AddMention(post.minute, hit);
    } else {
      topic.spellings.Close(hit.spelling);
      closed.push_back({post.minute, hit});
    }
  }
  detector_.Learn(id, closed, members);
}

void Engine::DropGroup(const std::string& key) {
  const auto id = topics_.Find(key);
  if (!id) return;
  const std::size_t first_event = events_.size();
  detector_.Withdraw(*id, "alias_changed", events_);
  NumberEvents(first_event);
  detector_.Drop(*id);
  open_.RemoveTopic(*id);
  topics_.Erase(*id);
}

std::span<const Post> Engine::Extended(std::span<const Post> posts) {
  if (groups_.empty()) return posts;
  for (std::size_t i = 0; i < posts.size(); ++i) {
    scratch_[i] = posts[i];
    groups_.Extend(scratch_[i]);
  }
  return std::span<const Post>(scratch_).first(posts.size());
}

void Engine::SaveGroups(StateWriter& out) const {
  out.PutAll(hours_);
  out.Put(static_cast<std::uint32_t>(groups_.all().size()));
  for (const auto& [topic, group] : groups_.all()) {
    out.Put(topic);
    PutTexts(group.tags, out);
    PutTexts(group.phrases, out);
    out.Put(group.since);
    out.Put(group.by);
    out.Put(group.block);
  }
}

void Engine::LoadGroups(StateReader& in) {
  in.GetAll(hours_);
  for (auto left = in.Get<std::uint32_t>(); left > 0 && in.ok(); --left) {
    std::string topic;
    in.Get(topic);
    const std::vector<std::string> tags = GetTexts(in);
    const std::vector<std::string> phrases = GetTexts(in);
    const auto since = in.Get<Timestamp>();
    std::string by;
    in.Get(by);
    const auto block = in.Get<std::uint64_t>();
    groups_.Apply({.topic = topic, .tags = Views(tags), .phrases = Views(phrases), .at = since, .by = by}, block);
  }
}

}  // namespace tagswell
