#include "proto/formats/twitter_v2_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "proto/formats/twitter_language.h"
#include "proto/html_text.h"
#include "proto/tag_extractor.h"

namespace tagswell {
namespace {

constexpr std::string_view kSource = "twitter";
constexpr std::size_t kVersionsMax = 16;  // Twitter allows five edits; each is looked up
constexpr std::string_view kEllipsis = "…";

// Those of a tweet stand first. `author` is a user, in tweets that carry all of theirs.
enum Member : std::size_t {
  kId,
  kAuthorId,
  kCreatedAt,
  kText,
  kLang,
  kGeo,
  kEntities,
  kReferencedTweets,
  kEditHistory,
  kAuthor,
  kAction,
  kTweetMembers,
  kData = kTweetMembers,
  kIncludes,
  kFirstNotice
};
constexpr std::array<std::string_view, 17> kMembers = {"id", "author_id", "created_at", "text", "lang", "geo",
                                                       "entities", "referenced_tweets", "edit_history_tweet_ids",
                                                       "author", "action", "data", "includes",
                                                       // What comes where there are no tweets.
                                                       "errors", "meta", "disconnect", "title"};

// What the stream of compliance events says of a tweet, as a member of "data".
enum Event : std::size_t { kDelete, kTweetDelete, kFirstOtherEvent };
constexpr std::array<std::string_view, 18> kEvents = {"delete",         "tweet_delete",    "drop",
                                                      "undrop",         "withheld",        "tweet_edit",
                                                      "scrub_geo",      "tweet_scrub_geo", "tweet_withheld",
                                                      "user_delete",    "user_undelete",   "user_protect",
                                                      "user_unprotect", "user_suspend",    "user_unsuspend",
                                                      "user_withheld",  "user_scrub_geo",  "user_profile_modification"};

}  // namespace

bool TwitterV2Reader::ReadDocument(Object document) {
  tweets_.clear();
  users_.clear();
  included_.clear();
  countries_.clear();
  is_page_ = holds_data_ = is_notice_ = false;
  deleted_id_ = {};
  Tweet flat;
  flat.is_object = true;
  const bool read = json_.Members(document, kMembers, [&](std::size_t name, Value value) {
    if (name < kTweetMembers) return ReadMember(name, value, flat);
    if (name == kData) return ReadData(value);
    if (name == kIncludes) return ReadIncludes(value);
    is_notice_ = true;
    return json_.Skip(value);
  });
  if (!holds_data_) {
    is_notice_ = is_notice_ && flat.id.data() == nullptr;
    tweets_.push_back(std::move(flat));
  }
  return read;
}

bool TwitterV2Reader::ReadData(Value value) {
  holds_data_ = true;
  is_page_ = DocumentReader::IsArray(value);
  if (is_page_) {
    return json_.Elements(value, [&](Value element) { return ReadTweet(element, tweets_.emplace_back(), nullptr); });
  }
  Tweet tweet;
  tweet.is_object = DocumentReader::IsObject(value);
  bool is_event = false;
  constexpr auto kNames = [] {
    std::array<std::string_view, kTweetMembers + kEvents.size()> names;
    std::copy_n(kMembers.begin(), kTweetMembers, names.begin());
    std::ranges::copy(kEvents, names.begin() + kTweetMembers);
    return names;
  }();
  const bool read = json_.Members(value, kNames, [&](std::size_t name, Value member) {
    if (name < kTweetMembers) return ReadMember(name, member, tweet);
    is_event = true;
    return ReadCompliance(name - kTweetMembers, member);
  });
  if (is_event) {
    is_notice_ = true;
  } else {
    tweets_.push_back(std::move(tweet));
  }
  return read;
}

bool TwitterV2Reader::ReadCompliance(std::size_t name, Value value) {
  if (name >= kFirstOtherEvent) return json_.Skip(value);
  constexpr std::array<std::string_view, 1> kTweet = {"tweet"};
  constexpr std::array<std::string_view, 1> kTweetId = {"id"};
  return json_.Members(value, kTweet, [&](std::size_t, Value tweet) {
    return json_.Members(tweet, kTweetId, [&](std::size_t, Value id) { return json_.Name(id, deleted_id_); });
  });
}

// `referred`: the tweet stands in the place of a reference, which has a type.
bool TwitterV2Reader::ReadTweet(Value value, Tweet& tweet, Reference* referred) {
  constexpr auto kNames = [] {
    std::array<std::string_view, kTweetMembers + 1> names;
    std::copy_n(kMembers.begin(), kTweetMembers, names.begin());
    names.back() = "type";
    return names;
  }();
  tweet.is_object = DocumentReader::IsObject(value);
  return json_.Members(value, kNames, [&](std::size_t name, Value member) {
    if (name == kTweetMembers) return referred != nullptr ? json_.Text(member, referred->type) : json_.Skip(member);
    // Only what a tweet refers to itself matters: the references of those end here.
    if (name == kReferencedTweets && referred != nullptr) return json_.Skip(member);
    return ReadMember(name, member, tweet);
  });
}

bool TwitterV2Reader::ReadMember(std::size_t name, Value value, Tweet& tweet) {
  switch (name) {
    case kId:
      return json_.Name(value, tweet.id);
    case kAuthorId:
      return json_.Name(value, tweet.author_id);
    case kCreatedAt:
      return json_.Text(value, tweet.created_at);
    case kText:
      return json_.Text(value, tweet.text);
    case kLang:
      return json_.Text(value, tweet.lang);
    case kGeo:
      return ReadGeo(value, tweet);
    case kEntities:
      return ReadEntities(value, tweet);
    case kReferencedTweets:
      return json_.Elements(value, [&](Value reference) { return ReadReference(reference, tweet); });
    case kEditHistory:
      return json_.Elements(value, [&](Value id) {
        if (tweet.versions.size() == kVersionsMax) return json_.Skip(id);
        return json_.Name(id, tweet.versions.emplace_back());
      });
    case kAuthor:
      return ReadUser(value);
    default:
      return json_.Text(value, tweet.action);
  }
}

bool TwitterV2Reader::ReadEntities(Value value, Tweet& tweet) {
  constexpr std::array<std::string_view, 1> kHashtags = {"hashtags"};
  constexpr std::array<std::string_view, 1> kTag = {"tag"};
  tweet.has_tags = DocumentReader::IsObject(value);
  return json_.Members(value, kHashtags, [&](std::size_t, Value hashtags) {
    return json_.Elements(hashtags, [&](Value hashtag) {
      return json_.Members(hashtag, kTag, [&](std::size_t, Value text) {
        std::string_view tag;
        const bool read = json_.Text(text, tag);
        if (tag.data() != nullptr) tweet.tags.push_back(tag);
        return read;
      });
    });
  });
}

bool TwitterV2Reader::ReadReference(Value value, Tweet& tweet) {
  Reference reference;
  Tweet referred;
  const bool read = ReadTweet(value, referred, &reference);
  reference.id = referred.id;
  tweet.references.push_back(reference);
  if (referred.text.data() != nullptr) included_.try_emplace(referred.id, std::move(referred));
  return read;
}

bool TwitterV2Reader::ReadGeo(Value value, Tweet& tweet) {
  constexpr std::array<std::string_view, 2> kGeoMembers = {"place_id", "country_code"};
  return json_.Members(value, kGeoMembers, [&](std::size_t name, Value member) {
    return json_.Text(member, name == 0 ? tweet.place_id : tweet.country);
  });
}

bool TwitterV2Reader::ReadUser(Value value) {
  enum UserMember : std::size_t { kUserId, kUserCreatedAt, kMetrics, kProtected };
  constexpr std::array<std::string_view, 4> kUserMembers = {"id", "created_at", "public_metrics", "protected"};
  constexpr std::array<std::string_view, 1> kFollowers = {"followers_count"};
  User user;
  const bool read = json_.Members(value, kUserMembers, [&](std::size_t name, Value member) {
    switch (name) {
      case kUserId:
        return json_.Name(member, user.id);
      case kUserCreatedAt:
        return json_.Text(member, user.created_at);
      case kMetrics:
        return json_.Members(member, kFollowers,
                             [&](std::size_t, Value followers) { return json_.Number(followers, user.followers); });
      default:
        return json_.Flag(member, user.is_protected);
    }
  });
  users_.try_emplace(user.id, user);
  return read;
}

bool TwitterV2Reader::ReadPlace(Value value) {
  constexpr std::array<std::string_view, 2> kPlaceMembers = {"id", "country_code"};
  std::string_view id;
  std::string_view country;
  const bool read = json_.Members(value, kPlaceMembers, [&](std::size_t name, Value member) {
    return json_.Text(member, name == 0 ? id : country);
  });
  countries_.try_emplace(id, country);
  return read;
}

bool TwitterV2Reader::ReadIncludes(Value value) {
  constexpr std::array<std::string_view, 3> kIncluded = {"users", "tweets", "places"};
  return json_.Members(value, kIncluded, [&](std::size_t name, Value list) {
    return json_.Elements(list, [&](Value element) {
      if (name == 0) return ReadUser(element);
      if (name == 2) return ReadPlace(element);
      Tweet tweet;
      const bool read = ReadTweet(element, tweet, nullptr);
      included_.try_emplace(tweet.id, std::move(tweet));
      return read;
    });
  });
}

void TwitterV2Reader::TellDocument(std::uint64_t line) {
  if (deleted_id_.data() != nullptr) return batch_.Delete(kSource, deleted_id_);
  if (tweets_.empty() || (is_notice_ && !holds_data_)) {
    return is_page_ ? void() : batch_.Ignore();
  }
  std::uint64_t element = 0;
  for (const Tweet& tweet : tweets_) {
    ++element;
    TellTweet(tweet, line != 0 ? line : element);
  }
}

// The hashtags that Twitter names; where it names no entities at all, those of the text. A retweet whose original is
// not there is cut: a hashtag that touches the cut is not whole.
void TwitterV2Reader::TakeTags(const Tweet& said, bool may_be_cut, PlatformPost& post) {
  if (said.has_tags) {
    post.has_tags = true;
    post.tags = said.tags;
    return;
  }
  if (!may_be_cut || !post.text.ends_with(kEllipsis)) return;
  post.has_tags = true;
  TagExtractor extractor(post.text);
  while (const auto tag = extractor.Next()) {
    if (tag->end + kEllipsis.size() != post.text.size()) {
      post.tags.push_back(post.text.substr(tag->body, tag->end - tag->body));
    }
  }
}

void TwitterV2Reader::TellTweet(const Tweet& tweet, std::uint64_t line) {
  if (!tweet.action.empty()) return tweet.action == "delete" ? batch_.Delete(kSource, tweet.id) : batch_.Ignore();
  if (!tweet.is_object || (tweet.text.data() == nullptr && tweet.author_id.data() == nullptr)) {
    return batch_.Reject(line, {.code = "not_a_post", .detail = "this is no tweet: it has neither text nor author_id"});
  }
  const Tweet* said = &tweet;
  PlatformPost post;
  for (const Reference& reference : tweet.references) {
    if (reference.type == "retweeted") {
      post.kind = PostKind::kRepost;
      post.repost_of = reference.id;
      const auto original = included_.find(reference.id);
      if (original != included_.end() && original->second.text.data() != nullptr) said = &original->second;
    } else if (reference.type == "replied_to") {
      post.in_reply_to = reference.id;
    } else if (reference.type == "quoted" && !post.kind) {
      post.kind = PostKind::kQuote;
    }
  }
  const auto user = users_.find(tweet.author_id);
  if (user != users_.end() && user->second.is_protected) {
    return batch_.Reject(line, NotPublic("its author's account is protected"));
  }
  post.id = tweet.id;
  post.author = tweet.author_id;
  post.created_at = tweet.created_at;
  post.text = said->text;
  if (post.text.contains('&')) {
    text_.clear();
    AppendUnescapedText(post.text, text_);
    post.text = text_;
  }
  post.lang = TwitterLanguage(said->lang.data() != nullptr ? said->lang : tweet.lang);
  const auto country = countries_.find(tweet.place_id);
  post.country = country != countries_.end() ? country->second : tweet.country;
  if (user != users_.end()) {
    post.followers = user->second.followers;
    if (const auto created = ParseTimestamp(user->second.created_at)) post.author_created = *created;
  }
  TakeTags(*said, post.kind == PostKind::kRepost && said == &tweet, post);
  Fill(batch_.post(), kSource, post);
  // An edit is a tweet with an id of its own.
  const auto own = std::ranges::find(tweet.versions, tweet.id);
  if (own == tweet.versions.end()) return batch_.Add(line);
  batch_.Add(line, {tweet.versions.begin(), own}, {own + 1, tweet.versions.end()});
}

}  // namespace tagswell
