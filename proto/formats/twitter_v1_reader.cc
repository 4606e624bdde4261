#include "proto/formats/twitter_v1_reader.h"

#include <array>
#include <utility>

#include "proto/formats/twitter_language.h"
#include "proto/formats/twitter_time.h"
#include "proto/html_text.h"

namespace tagswell {
namespace {

constexpr std::string_view kSource = "twitter";

// Those of a status stand first.
enum Member : std::size_t {
  kIdStr,
  kId,
  kCreatedAt,
  kText,
  kFullText,
  kLang,
  kReplyIdStr,
  kReplyId,
  kUser,
  kPlace,
  kEntities,
  kExtendedTweet,
  kRetweetedStatus,
  kIsQuoteStatus,
  kStatuses,
  kDelete,
  kDirectMessage
};
constexpr std::array<std::string_view, 29> kMembers = {
    "id_str", "id", "created_at", "text", "full_text", "lang", "in_reply_to_status_id_str", "in_reply_to_status_id",
    "user", "place", "entities", "extended_tweet", "retweeted_status", "is_quote_status", "statuses", "delete",
    "direct_message",
    // Notices of the stream, which are no posts.
    "limit", "scrub_geo", "status_withheld", "user_withheld", "disconnect", "warning", "friends", "friends_str",
    "event", "control", "for_user", "sites"};
constexpr std::span<const std::string_view> kStatusMembers = std::span(kMembers).first(kStatuses);

std::string_view Either(std::string_view preferred, std::string_view other) {
  return preferred.data() != nullptr ? preferred : other;
}

}  // namespace

bool TwitterV1Reader::ReadDocument(Object document) {
  statuses_.clear();
  is_page_ = is_notice_ = is_delete_ = is_direct_message_ = false;
  deleted_id_ = {};
  Status status{.is_object = true, .tweet = {}, .original = {}};
  const bool read = json_.Members(document, kMembers, [&](std::size_t name, Value value) {
    if (name < kStatuses) return ReadMember(name, value, status, false);
    if (name == kStatuses && DocumentReader::IsArray(value)) {
      is_page_ = true;
      return json_.Elements(value, [&](Value element) { return ReadTweet(element, statuses_.emplace_back(), false); });
    }
    if (name == kDelete) return ReadDelete(value);
    (name == kDirectMessage ? is_direct_message_ : is_notice_) = true;
    return json_.Skip(value);
  });
  if (!is_page_) statuses_.assign(1, std::move(status));
  return read;
}

bool TwitterV1Reader::ReadTweet(Value value, Status& status, bool is_original) {
  if (!is_original) status.is_object = DocumentReader::IsObject(value);
  return json_.Members(value, kStatusMembers,
                       [&](std::size_t name, Value member) { return ReadMember(name, member, status, is_original); });
}

bool TwitterV1Reader::ReadMember(std::size_t name, Value value, Status& status, bool is_original) {
  Tweet& tweet = is_original ? status.original : status.tweet;
  switch (name) {
    case kIdStr:
      return json_.Text(value, tweet.id_str);
    case kId:
      return json_.Name(value, tweet.id);
    case kCreatedAt:
      return json_.Text(value, tweet.created_at);
    case kText:
      return json_.Text(value, tweet.text);
    case kFullText:
      return json_.Text(value, tweet.full_text);
    case kLang:
      return json_.Text(value, tweet.lang);
    case kReplyIdStr:
      return json_.Text(value, tweet.reply_id_str);
    case kReplyId:
      return json_.Name(value, tweet.reply_id);
    case kUser:
      return ReadUser(value, tweet);
    case kPlace: {
      constexpr std::array<std::string_view, 1> kPlaceMembers = {"country_code"};
      return json_.Members(value, kPlaceMembers,
                           [&](std::size_t, Value code) { return json_.Text(code, tweet.country); });
    }
    case kEntities:
      return ReadEntities(value, tweet.has_tags, tweet.tags);
    case kExtendedTweet:
      return ReadExtended(value, tweet);
    case kRetweetedStatus:
      // What a retweet says was said by the original, which is no retweet itself.
      if (is_original || !DocumentReader::IsObject(value)) return json_.Skip(value);
      status.is_retweet = true;
      return ReadTweet(value, status, true);
    default:
      return json_.Flag(value, tweet.is_quote);
  }
}

bool TwitterV1Reader::ReadUser(Value value, Tweet& tweet) {
  enum UserMember : std::size_t { kUserIdStr, kUserId, kUserCreatedAt, kFollowers, kProtected };
  constexpr std::array<std::string_view, 5> kUserMembers = {"id_str", "id", "created_at", "followers_count",
                                                            "protected"};
  return json_.Members(value, kUserMembers, [&](std::size_t name, Value member) {
    switch (name) {
      case kUserIdStr:
        return json_.Text(member, tweet.user_id_str);
      case kUserId:
        return json_.Name(member, tweet.user_id);
      case kUserCreatedAt:
        return json_.Text(member, tweet.user_created_at);
      case kFollowers:
        return json_.Number(member, tweet.followers);
      default:
        return json_.Flag(member, tweet.is_protected);
    }
  });
}

bool TwitterV1Reader::ReadEntities(Value value, bool& has_tags, std::vector<std::string_view>& tags) {
  constexpr std::array<std::string_view, 1> kHashtags = {"hashtags"};
  constexpr std::array<std::string_view, 1> kTagText = {"text"};
  return json_.Members(value, kHashtags, [&](std::size_t, Value hashtags) {
    has_tags = has_tags || DocumentReader::IsArray(hashtags);
    return json_.Elements(hashtags, [&](Value hashtag) {
      return json_.Members(hashtag, kTagText, [&](std::size_t, Value text) {
        std::string_view tag;
        const bool read = json_.Text(text, tag);
        if (tag.data() != nullptr) tags.push_back(tag);
        return read;
      });
    });
  });
}

bool TwitterV1Reader::ReadExtended(Value value, Tweet& tweet) {
  constexpr std::array<std::string_view, 2> kExtendedMembers = {"full_text", "entities"};
  return json_.Members(value, kExtendedMembers, [&](std::size_t name, Value member) {
    if (name == 0) return json_.Text(member, tweet.extended_text);
    return ReadEntities(member, tweet.has_extended_tags, tweet.extended_tags);
  });
}

bool TwitterV1Reader::ReadDelete(Value value) {
  constexpr std::array<std::string_view, 1> kDeleted = {"status"};
  constexpr std::array<std::string_view, 2> kIds = {"id_str", "id"};
  is_delete_ = true;
  return json_.Members(value, kDeleted, [&](std::size_t, Value status) {
    return json_.Members(status, kIds, [&](std::size_t name, Value id) {
      std::string_view read_id;
      const bool read = json_.Name(id, read_id);
      if (name == 0 || deleted_id_.data() == nullptr) deleted_id_ = Either(read_id, deleted_id_);
      return read;
    });
  });
}

void TwitterV1Reader::TellDocument(std::uint64_t line) {
  if (is_delete_) {
    return deleted_id_.empty() ? batch_.Ignore() : batch_.Delete(kSource, deleted_id_);
  }
  if (is_direct_message_) return batch_.Reject(line, NotPublic("it is a direct message"));
  if (is_notice_) return batch_.Ignore();
  std::uint64_t element = 0;
  for (const Status& status : statuses_) {
    ++element;
    const std::uint64_t place = line != 0 ? line : element;
    if (status.is_object) {
      TellStatus(status, place);
    } else {
      batch_.Reject(place, NotAPost());
    }
  }
}

void TwitterV1Reader::TellStatus(const Status& status, std::uint64_t line) {
  const Tweet& tweet = status.tweet;
  if (tweet.is_protected || (status.is_retweet && status.original.is_protected)) {
    return batch_.Reject(line, NotPublic("its author's account is protected"));
  }
  const Tweet& said = status.is_retweet ? status.original : tweet;
  PlatformPost post;
  post.id = Either(tweet.id_str, tweet.id);
  post.author = Either(tweet.user_id_str, tweet.user_id);
  post.created_at = tweet.created_at;
  post.created = ParseTwitterTime(tweet.created_at);
  post.text = Either(said.extended_text, Either(said.full_text, said.text));
  if (post.text.contains('&')) {
    text_.clear();
    AppendUnescapedText(post.text, text_);
    post.text = text_;
  }
  post.lang = TwitterLanguage(Either(said.lang, tweet.lang));
  post.country = tweet.country;
  if (status.is_retweet) {
    post.repost_of = Either(said.id_str, said.id);
    post.kind = PostKind::kRepost;
  } else {
    post.in_reply_to = Either(tweet.reply_id_str, tweet.reply_id);
    if (tweet.is_quote) post.kind = PostKind::kQuote;
  }
  post.followers = tweet.followers;
  post.author_created = ParseTwitterTime(tweet.user_created_at);
  // A tweet that was cut has all of its hashtags only in the extended part.
  post.has_tags = said.has_extended_tags || (said.has_tags && said.extended_text.data() == nullptr);
  if (post.has_tags) post.tags = said.has_extended_tags ? said.extended_tags : said.tags;
  Fill(batch_.post(), kSource, post);
  batch_.Add(line);
}

}  // namespace tagswell
