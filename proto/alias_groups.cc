#include "proto/alias_groups.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "proto/tag_key.h"

namespace tagswell {

std::string GroupKey(std::string_view topic, std::uint64_t block) {
  char digits[16];
  const char* const end = std::to_chars(std::begin(digits), std::end(digits), block, 16).ptr;
  std::string key(1, '\x1F');
  key.append(digits, static_cast<std::size_t>(end - digits)).append(1, '\x1F').append(topic);
  return key;
}

std::string_view ShownTopic(std::string_view key) {
  return IsGroupKey(key) ? key.substr(key.find('\x1F', 1) + 1) : key;
}

void AliasGroups::Apply(const AliasChange& change, std::uint64_t block) {
  if (change.removed) {
    const auto found = groups_.find(change.topic);
    if (found != groups_.end()) groups_.erase(found);
  } else {
    groups_.insert_or_assign(std::string(change.topic),
                             AliasGroup{.key = GroupKey(change.topic, block),
                                        .tags = {change.tags.begin(), change.tags.end()},
                                        .phrases = {change.phrases.begin(), change.phrases.end()},
                                        .since = change.at,
                                        .by = std::string(change.by),
                                        .block = block});
  }
  keys_by_tag_.clear();
  std::map<std::string, std::string> keys_by_phrase;
  for (const auto& [topic, group] : groups_) {
    keys_by_tag_.try_emplace(topic, group.key);
    for (const std::string& tag : group.tags) keys_by_tag_.try_emplace(TagKey(tag), group.key);
    for (const std::string& phrase : group.phrases) keys_by_phrase.try_emplace(FoldedPhrase(phrase), group.key);
  }
  std::vector<std::string> phrases;
  keys_by_phrase_.clear();
  for (auto& [phrase, key] : keys_by_phrase) {
    phrases.push_back(phrase);
    keys_by_phrase_.push_back(key);
  }
  phrases_ = PhraseMatcher(phrases);
}

const AliasGroup* AliasGroups::GroupOf(std::string_view topic) const {
  const auto key = keys_by_tag_.find(topic);
  if (key == keys_by_tag_.end()) return nullptr;
  return &groups_.find(ShownTopic(key->second))->second;
}

std::string_view AliasGroups::KeyOf(std::string_view topic) const {
  const auto key = keys_by_tag_.find(topic);
  return key == keys_by_tag_.end() ? topic : std::string_view(key->second);
}

bool AliasGroups::Shows(std::string_view key) const {
  if (!IsGroupKey(key)) return !keys_by_tag_.contains(key);
  const auto group = groups_.find(ShownTopic(key));
  return group != groups_.end() && group->second.key == key;
}

void AliasGroups::Extend(Post& post) const {
  if (groups_.empty()) return;
  const std::size_t own = post.mentions.size();
  const auto add = [&](std::string_view key, std::string_view spelling, bool by_phrase) {
    for (std::size_t i = own; i < post.mentions.size(); ++i) {
      if (post.mentions[i].topic == key) return;
    }
    post.mentions.push_back({.topic = key, .spelling = spelling, .by_phrase = by_phrase});
  };
  for (std::size_t i = 0; i < own; ++i) {
    const Mention mention = post.mentions[i];
    const auto key = keys_by_tag_.find(mention.topic);
    if (key != keys_by_tag_.end()) add(key->second, mention.spelling, mention.by_phrase);
  }
  if (phrases_.empty()) return;
  std::vector<PhraseMatch> matches;
  phrases_.Find(post.text, matches);
  std::ranges::sort(matches, {}, [](const PhraseMatch& match) { return std::pair(match.begin, match.end); });
  for (const PhraseMatch& match : matches) {
    add(keys_by_phrase_[match.phrase], post.text.substr(match.begin, match.end - match.begin), /*by_phrase=*/true);
  }
}

void AliasGroups::Show(Post& post) const {
  std::erase_if(post.mentions, [this](const Mention& mention) { return !Shows(mention.topic); });
  for (Mention& mention : post.mentions) mention.topic = ShownTopic(mention.topic);
}

}  // namespace tagswell
