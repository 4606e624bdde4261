#include "proto/topic_resolver.h"

#include <algorithm>
#include <bitset>
#include <functional>
#include <iterator>
#include <set>
#include <unordered_map>
#include <utility>

#include "proto/phrase_matcher.h"
#include "proto/tag_extractor.h"
#include "proto/tag_key.h"
#include "proto/utf8.h"

namespace tagswell {
namespace {

// Adds to a list of mentions what it does not hold yet. Short lists are compared one by one; a text made of nothing but
// tags gets a tree, so that it costs no square.
class DistinctMentions {
 public:
  explicit DistinctMentions(std::vector<Mention>& mentions) : mentions_(mentions) { mentions_.clear(); }

  void Add(const Mention& mention) {
    constexpr std::size_t kFew = 16;
    if (mentions_.size() < kFew) {
      for (const Mention& known : mentions_) {
        if (known.topic == mention.topic) return;
      }
    } else {
      if (topics_.empty()) {
        for (const Mention& known : mentions_) topics_.insert(known.topic);
      }
      if (!topics_.insert(mention.topic).second) return;
    }
    mentions_.push_back(mention);
  }

 private:
  std::vector<Mention>& mentions_;
  std::set<std::string_view> topics_;
};

// The key of a tag as a view: into the spelling itself where it is its own key, else into `arena`.
std::string_view KeyIn(std::string_view spelling, Arena& arena) {
  char* const room = arena.Room(FoldedBytesMax(spelling));
  unsigned upper = 0;
  unsigned beyond_ascii = 0;
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    const auto c = static_cast<unsigned char>(spelling[i]);
    const bool is_upper = c - unsigned{'A'} < 26;
    upper |= is_upper;
    beyond_ascii |= c;
    room[i] = static_cast<char>(is_upper ? c | 0x20 : c);
  }
  if (beyond_ascii < 0x80) return upper == 0 ? spelling : arena.Keep(room, spelling.size());
  if (const char* const end = FoldByTable(spelling, room); end != nullptr) {
    return arena.Keep(room, static_cast<std::size_t>(end - room));
  }
  std::string key;
  AppendTagKey(spelling, key);
  return arena.Copy(key);
}

bool IsNamedTag(std::string_view tag) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; };
  return tag.size() <= kTagBytesMax && std::ranges::none_of(tag, is_control) && HoldsLetter(tag);
}

std::unexpected<Error> BadAlias(std::string detail) {
  return std::unexpected(Error{.code = "bad_alias", .detail = std::move(detail)});
}

}  // namespace

struct TopicResolver::Tables {
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> topics_by_tag;
  std::vector<std::string> topics_by_phrase;
  PhraseMatcher phrases{{}};

  // Few tags have an alias: a bit for each length and last byte keeps the others from being hashed.
  std::bitset<1024> alias_shapes;
  static std::size_t ShapeOf(std::string_view key) {
    return (key.size() * 37 + static_cast<unsigned char>(key.back())) % 1024;
  }

  std::string_view TopicOf(std::string_view key) const {
    if (!alias_shapes[ShapeOf(key)]) return key;
    const auto found = topics_by_tag.find(key);
    return found == topics_by_tag.end() ? key : found->second;
  }

  void AddTag(std::string_view spelling, std::string_view key, DistinctMentions& mentions) const {
    if (!key.empty()) mentions.Add({.topic = TopicOf(key), .spelling = spelling});
  }

  // Puts the phrases of `text` among the mentions found so far, which keep their order.
  void AddPhrases(std::string_view text, std::vector<Mention>& mentions) const {
    if (phrases.empty()) return;
    std::vector<PhraseMatch> matches;
    phrases.Find(text, matches);
    if (matches.empty()) return;
    std::ranges::sort(matches, {}, [](const PhraseMatch& match) { return std::pair(match.begin, match.end); });
    std::vector<Mention> by_phrase;
    for (const PhraseMatch& match : matches) {
      by_phrase.push_back({.topic = topics_by_phrase[match.phrase],
                           .spelling = text.substr(match.begin, match.end - match.begin),
                           .by_phrase = true});
    }
    const auto place = [&](const Mention& mention) -> std::ptrdiff_t {
      const char* const at = mention.spelling.data();
      const bool inside = std::less_equal<>()(text.data(), at) && std::less<>()(at, text.data() + text.size());
      return inside ? at - text.data() : -1;  // tags that the sender named come before all that the text says
    };
    std::vector<Mention> all;
    std::ranges::merge(mentions, by_phrase, std::back_inserter(all), {}, place, place);
    DistinctMentions distinct(mentions);
    for (const Mention& mention : all) distinct.Add(mention);
  }
};

std::expected<TopicResolver, Error> TopicResolver::Create(std::span<const Alias> aliases) {
  auto tables = std::make_unique<Tables>();
  std::unordered_map<std::string, std::string> topics_by_phrase;
  for (const Alias& alias : aliases) {
    if (!IsValidUtf8(alias.topic)) return BadAlias("the name of an alias group is not valid UTF-8");
    const std::string topic = TagKey(alias.topic);
    if (topic.empty()) return BadAlias("an alias group has an empty name");
    for (const std::string& tag : alias.tags) {
      if (!IsValidUtf8(tag) || !IsNamedTag(WithoutOpener(tag))) {
        return BadAlias("the alias group \"" + topic + "\" has a tag without a letter");
      }
      const auto [known, is_new] = tables->topics_by_tag.try_emplace(TagKey(tag), topic);
      if (!known->first.empty()) tables->alias_shapes.set(Tables::ShapeOf(known->first));
      if (known->second != topic) {
        return BadAlias("the tag \"" + known->first + "\" is in two alias groups: \"" + known->second + "\" and \"" +
                        topic + "\"");
      }
    }
    for (const std::string& phrase : alias.phrases) {
      const std::string folded = IsValidUtf8(phrase) ? FoldedPhrase(phrase) : std::string();
      if (!HoldsLetter(folded)) return BadAlias("the alias group \"" + topic + "\" has a phrase without a word");
      if (folded.size() > kPhraseBytesMax) {
        return BadAlias("the alias group \"" + topic + "\" has a phrase of more than 256 bytes");
      }
      const auto [known, is_new] = topics_by_phrase.try_emplace(folded, topic);
      if (known->second != topic) {
        return BadAlias("the phrase \"" + folded + "\" is in two alias groups: \"" + known->second + "\" and \"" +
                        topic + "\"");
      }
    }
  }
  std::vector<std::string> phrases;
  for (const auto& [phrase, topic] : topics_by_phrase) {
    phrases.push_back(phrase);
    tables->topics_by_phrase.push_back(topic);
  }
  tables->phrases = PhraseMatcher(phrases);
  return TopicResolver(std::move(tables));
}

TopicResolver::TopicResolver(std::unique_ptr<const Tables> tables) : tables_(std::move(tables)) {}
TopicResolver::TopicResolver(TopicResolver&&) noexcept = default;
TopicResolver& TopicResolver::operator=(TopicResolver&&) noexcept = default;
TopicResolver::~TopicResolver() = default;

void TopicResolver::FromText(std::string_view text, Arena& arena, std::vector<Mention>& mentions) const {
  DistinctMentions distinct(mentions);
  TagExtractor extractor(text);
  while (const auto tag = extractor.Next()) {
    const std::string_view spelling = text.substr(tag->body, tag->end - tag->body);
    tables_->AddTag(spelling, tag->is_key ? spelling : KeyIn(spelling, arena), distinct);
  }
  tables_->AddPhrases(text, mentions);
}

void TopicResolver::FromTags(std::span<const std::string_view> tags, std::string_view text, Arena& arena,
                             std::vector<Mention>& mentions) const {
  DistinctMentions distinct(mentions);
  for (const std::string_view tag : tags) {
    const std::string_view name = WithoutOpener(tag);
    if (IsNamedTag(name)) tables_->AddTag(name, KeyIn(name, arena), distinct);
  }
  tables_->AddPhrases(text, mentions);
}

}  // namespace tagswell
