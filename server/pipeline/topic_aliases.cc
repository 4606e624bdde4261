#include "server/pipeline/topic_aliases.h"

#include <algorithm>
#include <set>
#include <utility>

#include "proto/phrase_matcher.h"
#include "proto/tag_key.h"

namespace tagswell {
namespace {

// The words of a group, folded: two groups may not share one.
struct Words {
  std::set<std::string> tags;  // its topic's own name among them
  std::set<std::string> phrases;
};

Words WordsOf(std::string_view topic, const std::vector<std::string>& tags, const std::vector<std::string>& phrases) {
  Words words{.tags = {std::string(topic)}, .phrases = {}};
  for (const std::string& tag : tags) words.tags.insert(TagKey(tag));
  for (const std::string& phrase : phrases) words.phrases.insert(FoldedPhrase(phrase));
  return words;
}

std::optional<std::string> Shared(const Words& a, const Words& b) {
  for (const std::string& tag : a.tags) {
    if (b.tags.contains(tag)) return "The tag \"" + tag + "\"";
  }
  for (const std::string& phrase : a.phrases) {
    if (b.phrases.contains(phrase)) return "The phrase \"" + phrase + "\"";
  }
  return std::nullopt;
}

std::vector<std::string_view> Views(const std::vector<std::string>& texts, bool tags) {
  std::vector<std::string_view> views;
  for (const std::string& text : texts) views.push_back(tags ? WithoutOpener(text) : std::string_view(text));
  return views;
}

}  // namespace

TopicAliases::TopicAliases(std::vector<Alias> configured) : configured_(std::move(configured)) {}

void TopicAliases::Restore(const AliasGroups& groups) {
  const std::lock_guard lock(mutex_);
  groups_ = groups;
}

std::optional<Error> TopicAliases::Conflict(const Alias& alias) const {
  const Words words = WordsOf(alias.topic, alias.tags, alias.phrases);
  for (const Alias& other : configured_) {
    const auto shared = Shared(words, WordsOf(TagKey(other.topic), other.tags, other.phrases));
    if (shared) {
      return Error{"fixed_by_configuration",
                   *shared + " belongs to a group of the configuration: \"" + other.topic + "\".", "topic"};
    }
  }
  for (const auto& [topic, other] : groups_.all()) {
    if (topic == alias.topic) continue;
    if (const auto shared = Shared(words, WordsOf(topic, other.tags, other.phrases)))
      return Error{"alias_conflict", *shared + " belongs to another group: \"" + topic + "\".", "tags"};
  }
  return std::nullopt;
}

std::expected<std::optional<AliasChange>, Error> TopicAliases::Plan(const AliasCall& call, Timestamp at) const {
  const Alias& alias = call.alias;
  const std::lock_guard lock(mutex_);
  const auto known = groups_.all().find(alias.topic);
  if (call.remove) {
    if (known == groups_.all().end()) {
      const auto fixed =
          std::ranges::find_if(configured_, [&](const Alias& of) { return TagKey(of.topic) == alias.topic; });
      if (fixed == configured_.end())
        return std::unexpected(Error{"not_found", "No tags or phrases are grouped under this topic."});
      return std::unexpected(Error{"fixed_by_configuration",
                                   "The configuration has this group: only a restart without it there ends that.",
                                   "topic"});
    }
    return AliasChange{.topic = alias.topic, .tags = {}, .phrases = {}, .removed = true, .at = at, .by = call.by};
  }
  if (alias.tags.empty() && alias.phrases.empty())
    return std::unexpected(Error{"bad_alias", "A group needs a tag or a phrase.", "tags"});
  if (alias.tags.size() + alias.phrases.size() > kWordsMax) {
    return std::unexpected(
        Error{"bad_alias", "A group has at most " + std::to_string(kWordsMax) + " tags and phrases.", "tags"});
  }
  if (auto valid = TopicResolver::Create(std::span(&alias, 1)); !valid) return std::unexpected(valid.error());
  if (auto conflict = Conflict(alias)) return std::unexpected(std::move(*conflict));
  const AliasChange change{.topic = alias.topic,
                           .tags = Views(alias.tags, true),
                           .phrases = Views(alias.phrases, false),
                           .at = at,
                           .by = call.by};
  if (known != groups_.all().end()) {
    if (std::ranges::equal(known->second.tags, change.tags) &&
        std::ranges::equal(known->second.phrases, change.phrases))
      return std::nullopt;
  } else if (groups_.all().size() >= kGroupsMax) {
    return std::unexpected(
        Error{"too_many_aliases", "At most " + std::to_string(kGroupsMax) + " groups may be made.", "topic"});
  }
  return change;
}

std::vector<std::string> TopicAliases::Contradicted() const {
  std::vector<std::string> topics;
  const std::lock_guard lock(mutex_);
  for (const auto& [topic, group] : groups_.all()) {
    const auto conflict = Conflict({.topic = topic, .tags = group.tags, .phrases = group.phrases});
    if (conflict && conflict->code == "fixed_by_configuration") topics.push_back(topic);
  }
  return topics;
}

void TopicAliases::Apply(const AliasChange& change, std::uint64_t block) {
  const std::lock_guard lock(mutex_);
  groups_.Apply(change, block);
}

std::optional<AliasGroup> TopicAliases::Find(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  const AliasGroup* group = groups_.GroupOf(topic);
  return group == nullptr ? std::nullopt : std::optional(*group);
}

AliasGroups::ByTopic TopicAliases::All() const {
  const std::lock_guard lock(mutex_);
  return groups_.all();
}

std::string TopicAliases::TopicOf(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  return std::string(ShownTopic(groups_.KeyOf(topic)));
}

}  // namespace tagswell
